//! What the macros write, in the order in which a user meets it.

pub use crate::tensor::carrier::sum_of;
use crate::write::handles;

pub use crate::leaves::structs::Opaque as Unread;
pub use crate::run::hook::{Field, call};
pub use crate::run::receiver::{HookModule, HookOnce, HookPlain, HookThrice, HookTwice, Hooked};
pub use crate::tree::effect::{Held, HeldUnknown};
pub use crate::tree::module::{Shaped, UndeclaredSites};
pub use crate::tree::order::Fields;
pub use crate::values::check;
pub use crate::values::compared::{ComparePlain, CompareValues, Compared};
pub use crate::values::declared::{Declared, Fits, leaf_erased};
pub use crate::values::found::{FindPlain, FindSite, Found, IndexOnce, IndexOurs, IndexPlain, IndexTwice};
pub use crate::values::guesses::decides;
pub use crate::values::question::{Question, Stop, question};
pub use crate::values::read::{Read, Write};
pub use crate::values::steps::Steps;
pub use burn;

use crate::values::boundary::Boundary;
use crate::values::calls;

use crate::tree::handle::Handle;
use crate::tree::module::SiteTree;

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
    handles::with_tree(at.at_call(call), here)
}

/// `m.block.call(value)`: runs the module on values.
#[track_caller]
pub fn call_module<I: Boundary, O: Boundary>(at: Handle, input: I::Values) -> O::Values {
    calls::call::<I, O>(at, input)
}

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
