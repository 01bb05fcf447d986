//! What a graph that is run again saves, by name.

use crate::write::builder::ValueRef;

/// A value that a graph saves.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) name: String,
    pub(crate) at: ValueRef,
    /// The node of the graph that saves it.
    pub(crate) node: u32,
    pub(crate) what: KeptWhat,
}

/// What a graph's node saves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeptWhat {
    Tensor,
    /// A value that need not come to be.
    TensorIfAny,
    /// The gradients of all parameters.
    ParameterGrads,
}

/// What a graph saves: return it from the body of the trace, and the trace gives the tensors by name.
#[derive(Clone, Debug)]
#[must_use = "return it from the trace: what is not returned cannot be read"]
pub struct SavedGraph {
    pub(crate) saved: Vec<Kept>,
}
