//! The taps of a backward pass: which tensors are tapped, and what there is to do with their gradients.

use crate::graph::node::NodeId;
use crate::plan::wanted::Wanted;

/// The backward pass of a plan.
#[derive(Clone)]
pub(crate) struct Gradients {
    /// The nodes whose tensors are tapped, sorted, each with the number of its tap.
    pub(super) taps: Vec<(NodeId, u32)>,
    /// What there is to do at each tap, in program order.
    pub(crate) actions: Vec<Vec<NodeId>>,
    /// Parameters whose gradients are wanted.
    pub(crate) wanted: Wanted,
}

impl Gradients {
    /// The tap at a node's tensor.
    pub(crate) fn tap_at(&self, id: NodeId) -> Option<u32> {
        let found = self.taps.binary_search_by_key(&id, |(node, _)| *node);
        found.ok().map(|place| self.taps[place].1)
    }
}
