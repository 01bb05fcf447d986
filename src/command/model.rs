//! What the subcommands ask of a model, whatever its type.

use super::{Generate, Inputs, Parameter, Passes, Result};
use crate::graph::Graph;
use crate::{NamedTensors, Tree};
use burn::tensor::Device;

/// Where a subcommand writes.
pub type Writer<'a> = &'a mut dyn std::io::Write;

/// A model that a command line works on.
///
/// The subcommands are written once, against this; what a type of model adds to a program is these few functions.
pub trait Model {
    /// What it is called.
    fn name(&self) -> String;

    /// The device that it is on, or will be.
    fn device(&self) -> &Device;

    /// The tree of its modules. No weight is read for it.
    fn tree(&self) -> Tree;

    /// Its parameters, by the names that Burn's records give them. No weight is read for it.
    fn parameters(&self) -> Vec<Parameter>;

    /// Runs a graph that was read.
    ///
    /// # Errors
    ///
    /// Inputs that are not the model's or not the graph's; what [`Graph::replay`] refuses.
    fn trace(&self, graph: &Graph, inputs: &Inputs) -> Result<NamedTensors>;

    /// The forward pass to be timed.
    ///
    /// # Errors
    ///
    /// Inputs that are not the model's.
    fn passes(&self, inputs: &Inputs) -> Result<Passes<'_>>;

    /// Continues a prompt. `on_text` gets the text piece by piece, as it comes, the prompt's own first.
    ///
    /// # Errors
    ///
    /// [`Error::NoLanguageModel`](super::Error::NoLanguageModel), and what cannot be generated.
    fn generate(&self, settings: &Generate, on_text: &mut dyn FnMut(&str)) -> Result<()>;
}
