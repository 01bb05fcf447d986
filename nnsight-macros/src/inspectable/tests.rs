//! What the text of `forward` shows of the order of its calls.

use super::{methods, order};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemImpl;

/// The order for a `forward` with this body.
fn order_of(body: TokenStream) -> Vec<String> {
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
        order_of(quote!(y = self.a.forward(x); let z = self.b.forward(y)?; self.c.forward(z))),
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
        ["b"]
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
            if done(&x) {
                break;
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
        quote!(for block in &self.h {
            x = self.h[0].forward(x);
        }),
    ] {
        assert_eq!(order_of(body(walk.clone())), ["a", "b"], "{walk}");
    }
}
