//! How much a graph asks for, held against its limits.

use crate::error::Result;
use crate::graph::Graph;
use crate::graph::limits::{Limits, at_most};
use crate::graph::node::{Constant, NodeKind};

impl Limits {
    /// Refuses a graph that has more of something than is let in. Takes time linear in the graph.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge), which says what was found and which limit it is.
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
