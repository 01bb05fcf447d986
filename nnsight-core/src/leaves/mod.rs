//! Burn's own modules as leaves of the tree: their shapes are declared at the field that holds them.

pub(crate) mod containers;
pub(crate) mod plain;
pub(crate) mod probe;
pub(crate) mod recurrent;
pub(crate) mod sites;
pub(crate) mod structs;

pub use sites::{EmbeddingSites, LayerNormSites, LeafSites, LeafSitesMany, LinearSites, RmsNormSites};
pub use structs::{
    LstmPort, LstmSites, LstmValues, MhaPort, MhaSites, MhaValues, Opaque, RnnPort, RnnSites, RnnValues,
    StateShape,
};

/// Makes leaves of modules, as Burn's own are: `#[inspect(.. -> ..)]` at the field that holds one declares its shapes.
///
/// Each line names the module, its handle, and the signature and the body of its forward. A handle that knows
/// parameters, as [`LinearSites`], is for modules that have them under the same names: their gradients are typed.
/// For a module of your own that is a composition of others, derive [`Inspectable`](crate::tree::module::Inspectable) instead.
///
/// What the module does besides giving a tensor is one of [`Effect`](crate::tree::effect::Effect): `Scaled as LinearSites, None: ..` does
/// nothing else, so that a trace that replaces its output need not run it; without a word it may do anything.
///
/// ```
/// use burn::module::{Module, Param};
/// use burn::tensor::Tensor;
///
/// /// A linear layer without bias that divides by the square root of its width.
/// #[derive(Module, Debug)]
/// struct Scaled {
///     weight: Param<Tensor<2>>,
/// }
///
/// impl Scaled {
///     fn forward(&self, x: Tensor<2>) -> Tensor<2> {
///         let width = x.dims()[1] as f64;
///         x.matmul(self.weight.val()) / width.sqrt()
///     }
/// }
///
/// nnsight_core::leaf! {
///     Scaled as LinearSites, None: [] Tensor<2> => Tensor<2>, |layer, x| layer.forward(x);
/// }
/// ```
#[macro_export]
macro_rules! leaf {
    ($(
        $module:ident as $sites:ident $(, $effect:ident)?:
        [$($generics:tt)*] $input:ty => $output:ty, |$self:ident, $args:pat_param| $body:expr;
    )+) => {$(
        $crate::__runs! {
            $module: [$($generics)*] $input => $output, |$self, $args| $body;
        }
        $crate::__leaf!($sites $($effect)?: $module);
    )+};
}

/// What a leaf does besides giving tensors, if it says so.
#[doc(hidden)]
#[macro_export]
macro_rules! __leaf {
    ($sites:ident $effect:ident: $module:ty) => {
        $crate::__declared!($sites, $effect: $module);
    };
    ($sites:ident: $module:ty) => {
        $crate::__declared!($sites, Any: $module);
    };
}

/// Implements [`Leaf`](crate::tree::module::Leaf) for modules, by the signature of their forward.
#[doc(hidden)]
#[macro_export]
macro_rules! __runs {
    ($($module:ty: [$($generics:tt)*] $input:ty => $output:ty, |$self:ident, $args:pat_param| $body:expr;)+) => {$(
        impl<$($generics)*> $crate::Leaf<$input> for $module {
            type Result = $output;
            fn run(&self, $args: $input) -> $output {
                let $self = self;
                $body
            }
        }
    )+};
}
pub(crate) use __runs as runs;

/// Implements [`Declared`](crate::tree::module::Declared) for modules that are leaves, and
/// [`Fits`](crate::tree::module::Fits) where the declaration is that of their forward.
#[doc(hidden)]
#[macro_export]
macro_rules! __declared {
    ($sites:ident, $effect:ident: $($module:ty),+ $(,)?) => {$(
        impl<I: $crate::Boundary, O: $crate::Boundary> $crate::__private::Declared<I, O> for $module {
            type Sites = $crate::$sites<I, O>;
            fn describe(&self, tree: &mut $crate::TreeBuilder) {
                tree.module(self, $crate::Effect::$effect);
                tree.boundary::<I, O>();
            }
        }

        impl $crate::Inspectable for $module {
            type Sites = $crate::__private::UndeclaredSites;
            fn describe(&self, tree: &mut $crate::TreeBuilder) {
                tree.module(self, $crate::Effect::$effect);
            }
            fn call_at(&self, _: &[u32], _: Vec<$crate::Erased>) -> $crate::Result<Vec<$crate::Erased>> {
                Err($crate::Error::NotCallable)
            }
        }

        impl<I: $crate::Boundary, O: $crate::Boundary> $crate::__private::Fits<I, O> for $module
        where
            $module: $crate::Leaf<I::Tensors, Result = O::Tensors>,
        {
            fn call_at(&self, _: &[u32], tensors: Vec<$crate::Erased>) -> $crate::Result<Vec<$crate::Erased>> {
                $crate::__private::leaf_erased::<I, O, Self>(self, tensors)
            }
        }
    )+};
}
pub(crate) use __declared as declared;
