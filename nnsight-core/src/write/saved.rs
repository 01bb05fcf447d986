//! What a graph that is run again saves, by name.

use crate::write::builder::ValueRef;

/// A value that a graph saves.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) name: String,
    pub(crate) at: ValueRef,
    /// A value that need not come to be.
    pub(crate) is_optional: bool,
}

/// What a graph saves: return it from the body of the trace, and the trace gives the tensors by name.
#[derive(Clone, Debug)]
#[must_use = "return it from the trace: what is not returned cannot be read"]
pub struct SavedGraph {
    pub(crate) saved: Vec<Kept>,
}
