//! What the text of `forward` shows of the order of its calls.

use super::order::Order;
use super::{methods, order};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemImpl;

/// What a `forward` with this body is known to call once, in order.
fn order_of(body: TokenStream) -> Vec<String> {
    let order = shown_by(body);
    let is_reached = |path: &[String]| order.reached.iter().any(|reached| path.starts_with(reached));
    let known = order.once.iter().filter(|path| !is_reached(path));
    known.map(|path| path.join(".")).collect()
}

/// What the text of a `forward` with this body shows.
fn shown_by(body: TokenStream) -> Order {
    let block: ItemImpl = syn::parse_quote! {
        impl Net {
            fn forward(&self, x: Tensor<2>) -> Tensor<2> { #body }
            fn residual(&self, x: Tensor<2>) -> Tensor<2> { x.clone() + self.inner.forward(x) }
            fn width(&self) -> usize { self.size }
            fn all(&self) -> usize { other(self) }
            fn again(&self) -> usize { self.again() }
        }
    };
    methods(&block)
        .next()
        .map(|forward| order::of_forward(&block, forward))
        .unwrap_or_default()
}

#[test]
fn arguments_come_before_the_call() {
    assert_eq!(order_of(quote!(self.b.forward(self.a.forward(x)))), ["a", "b"]);
    assert_eq!(
        order_of(quote!(
            self.c.forward(self.a.forward(x) + self.b.forward(y)).relu()
        )),
        ["a", "b", "c"]
    );
    assert_eq!(
        order_of(quote!(y = self.a.forward(x); let z = self.b.forward(y); self.c.forward(z))),
        ["a", "b", "c"]
    );
}

#[test]
fn what_may_not_run_or_run_twice_is_left_out() {
    assert_eq!(
        order_of(quote!(let x = self.a.forward(x); if c { self.b.forward(x) } else { self.c.forward(x) })),
        ["a"]
    );
    assert_eq!(
        order_of(quote!(if self.a.forward(x).any() && self.b.forward(x).any() {
            1
        } else {
            2
        })),
        ["a"]
    );
    assert_eq!(
        order_of(quote!(match self.a.forward(x) {
            y if y => self.b.forward(y),
            y => y,
        })),
        ["a"]
    );
    assert_eq!(
        order_of(quote!(loop {
            self.a.forward(x)
        })),
        [""; 0]
    );
    assert_eq!(
        order_of(quote!(let f = |x| self.a.forward(x); self.b.forward(f(x)))),
        ["b"]
    );
    assert_eq!(
        order_of(quote!(self.a.forward(self.b.forward(self.a.forward(x))))),
        ["b"]
    );
    assert_eq!(
        order_of(quote!(let Some(x) = self.a.forward(x) else { return self.b.forward(x) }; x)),
        ["a"]
    );
    assert_eq!(
        order_of(quote!(self.a.forward(x); vec![self.a.forward(x), self.b.forward(x)])),
        [""; 0]
    );
}

#[test]
fn other_uses_of_a_child_make_it_uncertain() {
    assert_eq!(
        order_of(quote!(self.a.forward(x); self.b.forward(x); Linear::forward(&self.a, x))),
        ["b"]
    );
    assert_eq!(
        order_of(quote!(let a = &self.a; self.a.forward(x); self.b.forward(a.forward(x)))),
        ["b"]
    );
    assert_eq!(
        order_of(quote!(self.a.inner.forward(x); self.b.forward(x))),
        ["a.inner", "b"]
    );
    assert_eq!(
        order_of(quote!(self.a.inner.forward(x); self.b.forward(x); helper(&self.a))),
        ["b"]
    );
}

#[test]
fn paths_and_literal_positions_are_followed() {
    assert_eq!(
        order_of(
            quote!(let x = self.body.wte.forward(x); let x = self.h[1].forward(x); self.body.forward(x))
        ),
        ["body.wte", "h.1", "body"]
    );
    let shown = shown_by(quote!(let x = self.h[i].forward(x); self.a.residual(x)));
    assert_eq!(shown.perhaps, [["h"]]);
    assert_eq!(shown.reached, [["a"]]);
}

#[test]
fn after_a_way_out_nothing_is_certain() {
    for out in [
        quote!(let x = self.b.forward(x)?;),
        quote!(if done(&x) { return x; } let x = self.b.forward(x);),
        quote!(let Some(x) = x else { return y }; let x = self.b.forward(x);),
        quote!(ensure!(x.is_fine()); let x = self.b.forward(x);),
        quote!('a: {
            if done(&x) {
                break 'a;
            }
            let x = self.b.forward(x);
        }),
    ] {
        let shown = shown_by(quote!(let x = self.a.forward(x); #out self.c.forward(x)));
        assert!(shown.perhaps.contains(&vec![String::from("c")]), "{shown:?}");
        assert_eq!(shown.once[0], ["a"], "{shown:?}");
    }
    // What a closure returns from is the closure.
    assert_eq!(
        order_of(quote!(let f = |x| { if x { return 1; } 2 }; assert!(c); self.a.forward(x))),
        ["a"]
    );
}

#[test]
fn methods_of_the_same_block_are_read() {
    assert_eq!(
        order_of(quote!(let x = self.residual(self.inner.forward(x)); self.b.forward(x))),
        ["b"]
    );
    assert_eq!(order_of(quote!(self.a.forward(x.reshape(self.width())))), ["a"]);
    assert_eq!(order_of(quote!(self.a.forward(x.reshape(self.all())))), [""; 0]);
    assert_eq!(order_of(quote!(self.again(); self.a.forward(x))), [""; 0]);
    assert_eq!(order_of(quote!(self.elsewhere(); self.a.forward(x))), [""; 0]);
    assert_eq!(order_of(quote!(helper(self); self.a.forward(x))), [""; 0]);
}

#[test]
fn a_list_walked_from_front_to_back_is_one_step() {
    let body = |walk: TokenStream| quote!(x = self.a.forward(x); #walk self.b.forward(x));
    for walk in [
        quote!(for block in &self.h {
            x = block.forward(x);
        }),
        quote!(for block in self.h.iter() {
            for y in &ys {
                if y.is_last() {
                    break;
                }
            }
            x = block.forward(x);
        }),
        quote!(for (i, block) in self.h.iter().enumerate() {
            x = block.forward(x, i);
        }),
    ] {
        assert_eq!(order_of(body(walk.clone())), ["a", "h", "b"], "{walk}");
    }
    for walk in [
        quote!(for block in self.h.iter() {
            if done(&x) {
                break;
            }
            x = block.forward(x);
        }),
        quote!(for block in self.h.iter().rev() {
            x = block.forward(x);
        }),
        quote!(for block in &self.h {
            if c {
                x = block.forward(x);
            }
        }),
        quote!(for block in &self.h {
            x = block.forward(block.forward(x));
        }),
        quote!(for block in &self.h {
            let block = other();
            x = block.forward(x);
        }),
        quote!(for block in &self.h { x = block.forward(x); } for block in &self.h { x = block.forward(x); }),
        quote!(for block in &self.h {
            x = block.forward(x);
            dbg!(block);
        }),
    ] {
        assert_eq!(order_of(body(walk.clone())), ["a", "b"], "{walk}");
    }
}
