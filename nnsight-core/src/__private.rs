//! What the macros write, in the order in which a user meets it.

pub use crate::tensor::carrier::sum_of;
use crate::write::append;

pub use crate::leaves::structs::Opaque as Unread;
pub use crate::run::hook::{Field, call};
pub use crate::tree::check;
pub use crate::tree::effect::{Held, HeldUnknown};
pub use crate::tree::module::{Declared, Fits, Shaped, UndeclaredSites, leaf_erased};
pub use crate::tree::order::Fields;
pub use crate::values::found::{FindPlain, FindSite, Found, IndexOnce, IndexOurs, IndexPlain, IndexTwice};
pub use crate::values::steps::Steps;
pub use burn;

use crate::tree::boundary::Boundary;

use crate::shapes::shape::{Kind, Shape};
use crate::tree::handle::Handle;
use crate::tree::module::SiteTree;
use crate::values::site::Site;
use crate::values::value::{IntoValue, Value};

/// `EXPR.forward(..)`: finds the module behind any number of references, as method calls do.
pub trait Receiver {
    /// The module.
    fn __nnsight_receiver(&self) -> &Self;
}
impl<M: burn::module::Module> Receiver for M {
    fn __nnsight_receiver(&self) -> &Self {
        self
    }
}

/// What `#[inspect(IN -> OUT)]` at a struct says; `#[inspectable]` holds the forward against it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has a `forward` but declares no shapes",
    label = "write `#[inspect(IN -> OUT)]` at the struct, or `#[inspect(skip)]` on this `forward`"
)]
pub trait DeclaredBoundary {
    /// What goes in.
    type Input: Boundary;
    /// What comes out.
    type Output: Boundary;
}

/// A field without a declaration: its module must have one of its own.
pub const fn shaped<M: Shaped>(_: &M) {}

/// What `t` is in the trace of a generation.
#[diagnostic::on_unimplemented(
    message = "this trace does not generate, so it has one step only",
    label = "a later step of what?",
    note = "trace a generation: `trace!(lm.generate(prompt).max_new_tokens(3), |m: ..| ..)`"
)]
pub trait Generates {}

/// The trace names later steps.
pub const fn generates<T: Generates>(_: &T) {}

/// `m.block.call_idx(1)`: the same module at another of its calls.
pub fn at_call<T: SiteTree>(at: Handle, call: u32, here: T) -> T {
    append::with_tree(at.at_call(call), here)
}

/// `m.block.call(value)`: runs the module on values.
#[track_caller]
pub fn call_module<I: Boundary, O: Boundary>(at: Handle, input: I::Values) -> O::Values {
    append::call::<I, O>(at, input)
}

/// `m.layer1.output` where a value is wanted.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a site",
    label = "`.input`, `.output` and the `.grad` of those, of values and of parameters can be read inside `trace!`"
)]
pub trait Read {
    /// The value, or the tuple of values.
    type Value;
    /// Reads it, as all earlier lines of the trace left it.
    fn read(self) -> Self::Value;
}
impl<S: Shape, K: Kind> Read for Site<S, K> {
    type Value = Value<S, K>;
    #[track_caller]
    fn read(self) -> Value<S, K> {
        self.get()
    }
}

/// `place = value` where place is a site, or a tuple of sites.
pub trait Write<V> {
    /// Writes it.
    fn set(self, value: V);
}
impl<S: Shape, K: Kind, V: IntoValue<S, K>> Write<V> for Site<S, K> {
    #[track_caller]
    fn set(self, value: V) {
        Site::set(self, value);
    }
}

macro_rules! tuples {
    ($($name:ident $value:ident $index:tt),+) => {
        impl<$($name: Read),+> Read for ($($name,)+) {
            type Value = ($($name::Value,)+);
            #[track_caller]
            fn read(self) -> Self::Value {
                ($(Read::read(self.$index),)+)
            }
        }
        impl<$($name: Write<$value>, $value),+> Write<($($value,)+)> for ($($name,)+) {
            #[track_caller]
            fn set(self, value: ($($value,)+)) {
                $(Write::set(self.$index, value.$index);)+
            }
        }
    };
}
tuples!(A Va 0, B Vb 1);
tuples!(A Va 0, B Vb 1, C Vc 2);
tuples!(A Va 0, B Vb 1, C Vc 2, D Vd 3);

/// A field that a carrier skips. Whether its type can be copied and compared is found out by `(&&Skipped(..)).copied()`:
/// the first of two traits that fits is taken.
pub struct Skipped<'a, T>(pub &'a T);

/// Of a type that is `Clone`.
pub trait CopyCloned<T> {
    fn copied(&self) -> Option<T>;
}
impl<T: Clone> CopyCloned<T> for &Skipped<'_, T> {
    fn copied(&self) -> Option<T> {
        Some(self.0.clone())
    }
}

/// Of any other.
pub trait CopyNever<T> {
    fn copied(&self) -> Option<T>;
}
impl<T> CopyNever<T> for Skipped<'_, T> {
    fn copied(&self) -> Option<T> {
        None
    }
}

/// Of a type that is `PartialEq`.
pub trait SameEqual<T> {
    fn is_same(&self, other: &T) -> bool;
}
impl<T: PartialEq> SameEqual<T> for &Skipped<'_, T> {
    fn is_same(&self, other: &T) -> bool {
        self.0 == other
    }
}

/// Of any other.
pub trait SameNever<T> {
    fn is_same(&self, other: &T) -> bool;
}
impl<T> SameNever<T> for Skipped<'_, T> {
    fn is_same(&self, _: &T) -> bool {
        false
    }
}
