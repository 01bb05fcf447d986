//! What users get, as files in `tests/snapshots` that a reviewer can read. `NNSIGHT_SNAPSHOTS=write cargo test
//! -p nnsight-macros` writes them anew.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use std::path::Path;

/// Compares an expansion with its file.
fn compare(file: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/snapshots")
        .join(file);
    if std::env::var_os("NNSIGHT_SNAPSHOTS").is_some_and(|mode| mode == "write") {
        std::fs::write(&path, found).expect("the folder of snapshots can be written");
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        wanted == found,
        "the expansion is not that of {}; NNSIGHT_SNAPSHOTS=write writes it anew. It is now:\n{found}",
        path.display()
    );
}

fn compare_code(file: &str, expansion: TokenStream) {
    let code = syn::parse2(expansion).expect("the macro writes Rust");
    compare(file, &prettyplease::unparse(&code));
}

/// The messages of all `compile_error!`s.
fn messages(expansion: TokenStream) -> Vec<String> {
    let mut messages = Vec::new();
    let mut after_error = false;
    for token in expansion {
        match token {
            TokenTree::Ident(ident) => after_error |= ident == "compile_error",
            TokenTree::Group(group) if after_error => {
                let literal: syn::LitStr = syn::parse2(group.stream()).expect("a message");
                messages.push(literal.value());
                after_error = false;
            }
            TokenTree::Group(group) => messages.extend(self::messages(group.stream())),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    messages
}

#[test]
fn axes() {
    let input = quote! {
        Batch;
        Features = 5;
        /// The residual stream.
        Hidden<C: Gpt2Config = Small> = C::HIDDEN;
        pub(crate) Mlp<C: Gpt2Config> = 4 * C::HIDDEN;
    };
    compare_code("axes.rs", crate::axes::expand(input));
}

#[test]
fn tiny_net() {
    let derived = crate::derive::expand(quote! {
        #[derive(Module, Debug, Inspectable)]
        #[inspect((Batch, Features) -> (Batch, Classes))]
        pub struct TinyNet {
            #[inspect((Batch, Features) -> (Batch, Hidden))]
            layer1: Linear,
            #[inspect((Batch, Hidden) -> (Batch, Classes))]
            layer2: Linear,
        }
    });
    compare_code("tiny_net.rs", derived);
}

#[test]
fn tiny_net_forward() {
    let hooked = crate::inspectable::expand(
        TokenStream::new(),
        quote! {
            impl TinyNet {
                pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
                    self.layer2.forward(self.layer1.forward(x))
                }
            }
        },
    );
    compare_code("tiny_net_forward.rs", hooked);
}

#[test]
fn generic_block() {
    let derived = crate::derive::expand(quote! {
        #[inspect(((Batch, Seq, Hidden<C>), (Batch, Seq): Bool) -> (AttnOut<C>, (Batch, Seq, Hidden<C>)), Key = Seq)]
        struct Block<C: Gpt2Config, const HEADS: usize>
        where
            C: Clone,
        {
            /// Attention probabilities.
            pattern: Probe<(Batch, Head<C>, Seq, Key)>,
            #[inspect(len = HEADS)]
            heads: Vec<AttnHead<C>>,
            #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Mlp<C>), rename = "proj")]
            output: Linear,
            #[inspect(skip)]
            activation: Activation,
            dropout: f64,
        }
    });
    compare_code("generic_block.rs", derived);
}

#[test]
fn generic_block_forward() {
    let hooked = crate::inspectable::expand(
        TokenStream::new(),
        quote! {
            impl<C: Gpt2Config, const HEADS: usize> Block<C, HEADS>
            where
                C: Clone,
            {
                fn forward(&self, x: Tensor<3>, mask: Tensor<2, Bool>, cache: &mut Cache) -> (AttnOut<C>, Tensor<3>) {
                    let x = self.pattern.forward(x);
                    for head in &self.heads {
                        x = head.forward(x, mask.clone(), cache);
                    }
                    let out = self.parts().last().ok_or(Missing)?.forward(x)?;
                    (out, Linear::forward(&self.output, C::ACT.forward(x)))
                }
            }
        },
    );
    compare_code("generic_block_forward.rs", hooked);
}

#[test]
fn named_inputs() {
    let derived = crate::derive::expand(quote! {
        #[inspect((query: (Batch, Seq), key: (Batch, Key): Bool) -> (Batch,))]
        pub struct Attention {}
    });
    compare_code("named_inputs.rs", derived);
}

#[test]
fn carrier() {
    let derived = crate::carrier::expand(quote! {
        pub struct AttnOut<C: Gpt2Config> {
            /// What was read.
            #[inspect((Batch, Seq, Hidden<C>))]
            pub context: Tensor<3>,
            #[inspect((Batch, Head<C>, Seq, Key))]
            pub weights: Tensor<4>,
            pub cache_len: usize,
            #[inspect(skip)]
            note: Note,
        }
    });
    compare_code("carrier.rs", derived);
}

#[test]
fn mistakes() {
    let derive = crate::derive::expand;
    let inspectable = |item| crate::inspectable::expand(TokenStream::new(), item);
    let expansions = [
        crate::axes::expand(quote!(A; A = 3; B = 4 C; D, E = ; F<T>; 5; Last)),
        derive(quote!(
            enum Net {
                A(Linear),
            }
        )),
        derive(quote!(
            struct Net(Linear);
        )),
        derive(quote!(
            struct Net<'a> {}
        )),
        derive(quote!(
            #[inspect((Batch, A) (Batch, B))]
            struct Net {}
        )),
        derive(quote!(
            #[inspect((Batch) -> (Batch, A): Flot)]
            struct Net {}
        )),
        derive(quote!(
            #[inspect((Batch, 5) -> (Batch, A), len = 3)]
            struct Net {}
        )),
        derive(quote!(
            #[inspect((Batch: Int) -> (Batch,))]
            struct Net {}
        )),
        derive(quote!(
            #[inspect(((A, B), (A,)): Int -> (A,))]
            struct Net {}
        )),
        derive(quote!(
            #[inspect((q: (A,), (B,)) -> (A,))]
            struct Net {}
        )),
        derive(quote!(
            #[inspect((q: (A,), q: (B,)) -> (A,))]
            struct Net {}
        )),
        derive(quote!(
            #[inspect((A,) -> (q: (A,), k: (B,)))]
            struct Net {}
        )),
        derive(quote!(
            #[inspect((A,) -> (A, B, C, D, E, F, G))]
            struct Net {}
        )),
        derive(quote!(
            #[inspect((A,) -> (A,))]
            #[inspect((A,) -> (B,))]
            struct Net {}
        )),
        derive(quote!(
            struct Net {
                #[inspect((A,) -> (A,), skip)]
                a: Linear,
                #[inspect(len = 1, len = 2)]
                b: Vec<B>,
            }
        )),
        derive(quote!(
            struct Net {
                #[inspect(Key = Seq)]
                a: Linear,
                #[inspect(rename = "a b")]
                b: B,
            }
        )),
        derive(quote!(
            struct Net {
                output: Block,
                a: A,
                #[inspect(rename = "a")]
                b: B,
            }
        )),
        derive(quote!(
            struct Net {
                #[inspect((q: (A,), k: (A,)) -> (A,))]
                a: Linear,
            }
        )),
        crate::carrier::expand(quote!(
            struct Out {
                #[inspect((A,))]
                a: Tensor<1>,
                b: Option<Tensor<2>>,
            }
        )),
        crate::carrier::expand(quote!(
            struct Out {
                #[inspect((A,) -> (A,))]
                a: Tensor<1>,
                #[inspect((q: (A,)))]
                b: B,
            }
        )),
        crate::carrier::expand(quote!(
            struct Out(#[inspect((A,))] Tensor<1>);
        )),
        crate::carrier::expand(quote!(
            enum Out {}
        )),
        crate::inspectable::expand(quote!(all), quote!(impl Net {})),
        inspectable(quote!(
            struct Net {}
        )),
        inspectable(quote!(impl Clone for Net {})),
        inspectable(quote!(impl Net { fn forward(x: Tensor<2>) {} })),
        inspectable(
            quote!(impl Net { async fn forward<T, const D: usize>(&mut self, f: impl Fn()) -> &Tensor<D> {} }),
        ),
        inspectable(quote!(impl Net { #[inspect(len = 3)] fn forward(&self) {} })),
    ];
    let lines: Vec<String> = expansions
        .into_iter()
        .map(|expansion| {
            let messages = messages(expansion);
            assert!(!messages.is_empty(), "each of these is a mistake");
            messages.join("\n") + "\n"
        })
        .collect();
    compare("mistakes.txt", &lines.join("\n"));
}

#[test]
fn debug_as_display() {
    let input = quote! {
        pub enum Error {
            NoHooks,
            Trace(crate::Error),
            OutOfBounds { index: i64, size: usize },
        }
    };
    compare_code("debug_as_display.rs", crate::debug::expand(input));
    let refused = crate::debug::expand(quote!(
        struct Error;
    ));
    assert_eq!(messages(refused), ["this is for an enum of errors"]);
}
