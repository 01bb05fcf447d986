//! `?` in the body of a trace: what it stopped at leaves the body, and is asked once more behind the trace.

use std::convert::Infallible;
use std::ops::ControlFlow;

/// What `?` can be asked of: `std::ops::Try` is not stable.
#[diagnostic::on_unimplemented(
    message = "the `?` operator wants a `Result` or an `Option`, and this is `{Self}`",
    label = "no `?` here"
)]
pub trait Question {
    /// What it is if all is well.
    type Value;
    /// The rest, of which `?` can be asked again.
    type Residual;
    /// Takes the two apart.
    ///
    /// # Errors
    /// What `?` stops at.
    fn ask(self) -> Result<Self::Value, Self::Residual>;
}

impl<T, E> Question for Result<T, E> {
    type Value = T;
    type Residual = Result<Infallible, E>;
    fn ask(self) -> Result<T, Self::Residual> {
        self.map_err(Err)
    }
}

impl<T> Question for Option<T> {
    type Value = T;
    type Residual = Option<Infallible>;
    fn ask(self) -> Result<T, Self::Residual> {
        self.ok_or(None)
    }
}

impl<B, C> Question for ControlFlow<B, C> {
    type Value = C;
    type Residual = ControlFlow<B, Infallible>;
    fn ask(self) -> Result<C, Self::Residual> {
        match self {
            ControlFlow::Continue(value) => Ok(value),
            ControlFlow::Break(stop) => Err(ControlFlow::Break(stop)),
        }
    }
}

/// `EXPR?`
///
/// # Errors
/// What it stops at.
pub fn question<T: Question>(asked: T) -> Result<T::Value, T::Residual> {
    asked.ask()
}

/// What one of the `?`s of a body stopped at: this one, or a later one.
#[derive(Debug)]
pub enum Stop<Here, Later> {
    /// At this one.
    Here(Here),
    /// At a later one.
    Later(Later),
}
