//! Burn's own modules as leaves of the tree: their shapes are declared at the field that holds them.

mod containers;
mod plain;
mod recurrent;
mod sites;
mod structs;

pub use sites::{EmbeddingSites, LayerNormSites, LeafSites, LeafSitesMany, LinearSites, RmsNormSites};
pub use structs::{
    LstmPort, LstmSites, LstmValues, MhaPort, MhaSites, MhaValues, Opaque, RnnPort, RnnSites, RnnValues,
    StateShape,
};

/// Implements [`Leaf`](crate::module::Leaf) and [`Declared`](crate::module::Declared) for modules of `burn::nn`, by
/// the signature of their forward.
macro_rules! leaf {
    ($($module:ty: [$($generics:tt)*] $input:ty => $output:ty, |$self:ident, $args:pat_param| $body:expr;)+) => {$(
        impl<$($generics)*> $crate::module::Leaf<$input> for $module {
            type Result = $output;
            fn run(&self, $args: $input) -> $output {
                let $self = self;
                $body
            }
        }
    )+};
}
pub(crate) use leaf;

/// Implements [`Declared`](crate::module::Declared) for modules that are leaves, and
/// [`Fits`](crate::module::Fits) where the declaration is that of their forward.
macro_rules! declared {
    ($sites:ident: $($module:ty),+ $(,)?) => {$(
        impl<I: $crate::Boundary, O: $crate::Boundary> $crate::module::Declared<I, O> for $module {
            type Sites = $crate::leaves::$sites<I, O>;
            fn describe(&self, tree: &mut $crate::TreeBuilder) {
                tree.module(self);
                tree.boundary::<I, O>();
            }
        }

        impl $crate::Inspectable for $module {
            type Sites = $crate::module::UndeclaredSites;
            fn describe(&self, tree: &mut $crate::TreeBuilder) {
                tree.module(self);
            }
            fn call_at(&self, _: &[u32], _: Vec<$crate::Erased>) -> $crate::Result<Vec<$crate::Erased>> {
                Err($crate::Error::NotCallable)
            }
        }

        impl<I: $crate::Boundary, O: $crate::Boundary> $crate::module::Fits<I, O> for $module
        where
            $module: $crate::module::Leaf<I::Tensors, Result = O::Tensors>,
        {
            fn call_at(&self, _: &[u32], tensors: Vec<$crate::Erased>) -> $crate::Result<Vec<$crate::Erased>> {
                $crate::module::leaf_erased::<I, O, Self>(self, tensors)
            }
        }
    )+};
}
pub(crate) use declared;
