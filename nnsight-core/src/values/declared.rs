//! Fields whose shapes are declared at the field: one of Burn's modules, or several.

use crate::error::Result;
use crate::tensor::carrier::Carrier;
use crate::tensor::erased::Erased;
use crate::tree::builder::TreeBuilder;
use crate::tree::module::{Leaf, SiteTree};
use crate::values::boundary::Boundary;

/// Runs a leaf on tensors alone.
///
/// # Errors
/// Tensors that do not fit.
pub fn leaf_erased<I, O, M>(module: &M, tensors: Vec<Erased>) -> Result<Vec<Erased>>
where
    I: Boundary,
    O: Boundary,
    M: Leaf<I::Tensors, Result = O::Tensors>,
{
    let input = I::Tensors::from_tensors(&mut tensors.into_iter())?;
    let mut out = Vec::new();
    module.run(input).take_tensors(&mut out);
    Ok(out)
}

/// A field whose shapes are declared at the field, `#[inspect((A, B) -> (A, C))]`: one of Burn's modules, or
/// a `Vec`, an `Option` or an array of them. Implemented in `leaves`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot have its shapes declared at the field",
    label = "not one of Burn's modules",
    note = "a module of your own declares its shapes at its struct: `#[derive(Module, Debug, Inspectable)] #[inspect(.. -> ..)]`"
)]
pub trait Declared<I: Boundary, O: Boundary> {
    /// The handle that a trace gets.
    type Sites: SiteTree;
    /// See [`Inspectable::describe`](crate::tree::module::Inspectable::describe).
    fn describe(&self, tree: &mut TreeBuilder);
}

/// A [`Declared`] field whose declaration is that of its forward. A trait of its own, so that a declaration
/// that does not fit is one error and leaves the handle whole.
pub trait Fits<I: Boundary, O: Boundary> {
    /// See [`Inspectable::call_at`](crate::tree::module::Inspectable::call_at).
    ///
    /// # Errors
    /// Tensors that do not fit.
    fn call_at(&self, path: &[u32], tensors: Vec<Erased>) -> Result<Vec<Erased>>;
}
