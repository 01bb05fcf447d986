//! `EXPR.forward(..)` where the text does not say what the expression is: a module behind any references is called
//! through the hook, and what is no module is called as it is.
//!
//! Method resolution decides. What `#[inspectable]` writes starts from several references, and rustc takes the first of
//! these traits that fits.

use crate::run::hook::call;
use crate::tensor::carrier::Carrier;
use burn::module::Module;
use std::ops::Deref;

/// What `forward` is called on.
#[derive(Debug)]
pub struct Hooked<'a, T: ?Sized>(pub &'a T);

macro_rules! modules {
    ($($(#[$doc:meta])* $name:ident [$($bounds:tt)+] $level:ty, |$x:ident| $module:expr;)+) => {$(
        $(#[$doc])*
        pub trait $name {
            /// Calls it through the hook.
            fn __nnsight_forward<A: Carrier, R: Carrier>(self, args: A, run: impl FnOnce(A) -> R) -> R;
        }
        impl<$($bounds)+> $name for $level {
            #[inline(always)]
            fn __nnsight_forward<A: Carrier, R: Carrier>(self, args: A, run: impl FnOnce(A) -> R) -> R {
                let $x = self.0;
                call($module, None, args, run)
            }
        }
    )+};
}
modules! {
    /// A module.
    HookModule [T: Module + 'static] &&&&&Hooked<'_, T>, |x| x;
    /// A reference to a module, or what owns one.
    HookOnce [T: Deref<Target: Module + 'static> + ?Sized] &&&&Hooked<'_, T>, |x| &**x;
    /// A reference to one of those.
    HookTwice [T: Deref<Target: Deref<Target: Module + 'static>> + ?Sized] &&&Hooked<'_, T>, |x| &***x;
    /// A reference to one of those again.
    HookThrice [T: Deref<Target: Deref<Target: Deref<Target: Module + 'static>>> + ?Sized] &&Hooked<'_, T>,
        |x| &****x;
}

/// Anything else.
pub trait HookPlain {
    /// Calls it.
    fn __nnsight_forward<A, R>(self, args: A, run: impl FnOnce(A) -> R) -> R;
}
impl<T: ?Sized> HookPlain for &Hooked<'_, T> {
    #[inline(always)]
    fn __nnsight_forward<A, R>(self, args: A, run: impl FnOnce(A) -> R) -> R {
        run(args)
    }
}
