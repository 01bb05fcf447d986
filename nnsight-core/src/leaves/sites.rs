//! The handles to leaves: Burn's own modules, with declared shapes.

use crate::shapes::axes::Entries;
use crate::values::boundary::Boundary;
use crate::values::calls;
use crate::values::parameter::Parameter;
use crate::write::handles;

use crate::tree::Tree;
use crate::tree::handle::{End, Handle};
use crate::tree::module::SiteTree;
use crate::tree::order::{Fields, Order};

macro_rules! leaf_sites {
    ($(
        $(#[$doc:meta])*
        $name:ident, $input:ident { $($parameter:ident: $shape:ty,)* }
    )+) => {$(
        $(#[$doc])*
        pub struct $name<I: Boundary, O: Boundary> {
            /// What goes in.
            pub $input: I::Sites,
            /// What comes out.
            pub output: O::Sites,
            $(
                #[doc = concat!("The parameter `", stringify!($parameter), "`.")]
                pub $parameter: Parameter<$shape>,
            )*
            at: Handle,
        }

        impl<I: Boundary, O: Boundary> Clone for $name<I, O> {
            fn clone(&self) -> Self {
                *self
            }
        }
        impl<I: Boundary, O: Boundary> Copy for $name<I, O> {}

        impl<I: Boundary, O: Boundary> SiteTree for $name<I, O> {
            const SITES: Self = $name {
                $input: I::SITES,
                output: O::SITES,
                $($parameter: Parameter::new(Handle::NOWHERE, stringify!($parameter)),)*
                at: Handle::NOWHERE,
            };
            const ORDER: Order = Order::NONE;
            const FIELDS: Fields = &[];
            fn at(at: Handle, _: &Tree) -> Self {
                $name {
                    $input: I::sites(at, End::Input, 0),
                    output: O::sites(at, End::Output, 0),
                    $($parameter: Parameter::new(at, stringify!($parameter)),)*
                    at,
                }
            }
            fn handle(self) -> Handle {
                self.at
            }
        }

        impl<I: Boundary, O: Boundary> $name<I, O> {
            /// The same module at another of its calls in one run, counted from 0.
            pub fn call_idx(self, call: u32) -> Self {
                handles::with_tree(self.at.at_call(call), self)
            }

            /// Runs the module on a value. Its sites are not touched by that.
            #[track_caller]
            pub fn call(self, input: I::Values) -> O::Values {
                calls::call::<I, O>(self.at, input)
            }
        }
    )+};
}

leaf_sites! {
    /// The handle to a leaf: one of Burn's own modules, with declared shapes.
    LeafSites, input {}
    /// The handle to a leaf with several inputs.
    LeafSitesMany, inputs {}
    /// The handle to a linear layer.
    LinearSites, input { weight: (I::Last, O::Last), bias: (O::Last,), }
    /// The handle to an embedding. A row of its weight for each entry of its table.
    EmbeddingSites, input { weight: (Entries, O::Last), }
    /// The handle to a layer normalisation.
    LayerNormSites, input { gamma: (O::Last,), beta: (O::Last,), }
    /// The handle to a root mean square normalisation.
    RmsNormSites, input { gamma: (O::Last,), }
}
