//! How much a graph from elsewhere may ask for.

use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::graph::node::{Constant, NodeKind};

/// What a graph may ask for at most. [`Graph::read`] and [`Graph::replay`] keep to the default; a program that trusts
/// its graphs more, or less, gives others to [`Graph::read`] and [`Graph::replay_within`].
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
    /// Bytes of the text that [`Graph::read`] reads.
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

    /// Refuses a graph that has more of something than is let in. Takes time linear in the graph.
    ///
    /// # Errors
    /// [`Error::TooLarge`], which says what was found and which limit it is.
    pub fn check(&self, graph: &Graph) -> Result<()> {
        at_most("nodes", "nodes", graph.nodes.len(), self.nodes)?;
        let edges = graph.nodes.iter().map(|node| node.inputs.len()).sum::<usize>();
        at_most("inputs of nodes", "nodes", edges, self.nodes.saturating_mul(8))?;
        let count = |is: fn(&NodeKind) -> bool| graph.nodes.iter().filter(|node| is(&node.kind)).count();
        at_most("saved values", "saves", count(NodeKind::is_save), self.saves)?;
        let losses = count(|kind| matches!(kind, NodeKind::Backward));
        at_most("backward passes", "losses", losses, self.losses)?;
        at_most("constants", "constants", graph.constants.len(), self.constants)?;
        let bytes = |constant: &Constant| match constant {
            Constant::Data(data) => data.bytes().len(),
            // It is in this process' memory already.
            Constant::Tensor(_) => 0,
        };
        let bytes = graph.constants.iter().map(bytes).fold(0, usize::saturating_add);
        at_most("bytes of constants", "constant_bytes", bytes, self.constant_bytes)?;
        at_most("prompts", "invokes", graph.invokes.len(), self.invokes)?;
        let steps = graph.steps.map_or(0, |steps| steps.most as usize);
        at_most("forward passes", "steps", steps, self.steps)?;
        at_most("nodes in a row", "depth", depth(graph), self.depth)
    }
}

/// The longest way from a node back over its inputs.
fn depth(graph: &Graph) -> usize {
    let mut depths: Vec<usize> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let of = node.kind.gradient().map(|gradient| gradient.of);
        let before = node.inputs.iter().chain(&of);
        let deepest = before.filter_map(|input| depths.get(input.index())).max();
        depths.push(deepest.map_or(1, |depth| depth + 1));
    }
    depths.into_iter().max().unwrap_or(0)
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
