//! How much a graph from elsewhere may ask for.

use crate::error::{Error, Result};

/// What a graph may ask for at most. [`Graph::read`](crate::graph::Graph::read) and [`Graph::replay`](crate::graph::Graph::replay) keep to the default; a program that trusts
/// its graphs more, or less, gives others to [`Graph::read`](crate::graph::Graph::read) and [`Graph::replay_within`](crate::graph::Graph::replay_within).
///
/// Elements of tensors are counted for what operations compute: what the model itself gives is as large as it is.
///
/// ```
/// use nnsight_core::graph::{Graph, Limits};
///
/// let limits = Limits { nodes: 1, ..Limits::default() };
/// let text = br#"{"version":3,"model":"","modules":{},"nodes":[
///     {"kind":{"Constant":0},"inputs":[]}, {"kind":"Save","inputs":[0]}],"constants":[],"invokes":[],"steps":null}"#;
/// let error = Graph::read(text, &limits).expect_err("two nodes");
/// assert_eq!(error.to_string(), "a graph with 2 nodes, and at most 1 may be there: raise `Limits::nodes` to let it in");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the text that [`Graph::read`](crate::graph::Graph::read) reads.
    pub bytes: usize,
    /// Nodes, inputs of all of them together counted apart and as many as eight times that.
    pub nodes: usize,
    /// The longest way from a node to its inputs, to theirs, and so on.
    pub depth: usize,
    /// Nodes that save.
    pub saves: usize,
    /// Backward passes, each of which may run the model anew.
    pub losses: usize,
    /// Constants.
    pub constants: usize,
    /// Bytes of all constants together.
    pub constant_bytes: usize,
    /// Elements of one tensor that an operation gives.
    pub elements: usize,
    /// Elements of all tensors that operations give, and multiplications of all matrix products.
    pub work: usize,
    /// What the check of the order of edits looks at: for each edit, the nodes that its value is computed from.
    pub order: usize,
    /// Forward passes of a generation.
    pub steps: usize,
    /// Prompts of one batch.
    pub invokes: usize,
}

impl Default for Limits {
    /// 256 MiB of text, 64 MiB of constants, a GiB for one tensor of floats.
    fn default() -> Self {
        Limits {
            bytes: 256 << 20,
            nodes: 100_000,
            depth: 2_000,
            saves: 10_000,
            losses: 100,
            constants: 10_000,
            constant_bytes: 64 << 20,
            elements: 1 << 28,
            work: 1 << 40,
            order: 1 << 26,
            steps: 100_000,
            invokes: 10_000,
        }
    }
}

impl Limits {
    /// Refuses text that is too long to be read.
    pub(crate) fn check_text(&self, text: &[u8]) -> Result<()> {
        at_most("bytes of text", "bytes", text.len(), self.bytes)
    }
}

/// Refuses what is more than a limit.
pub(crate) fn at_most(what: &'static str, limit: &'static str, found: usize, most: usize) -> Result<()> {
    match found <= most {
        true => Ok(()),
        false => Err(Error::TooLarge {
            what,
            found,
            most,
            limit,
        }),
    }
}
