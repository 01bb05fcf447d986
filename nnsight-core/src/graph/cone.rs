//! What nodes are computed from.

use super::Graph;
use crate::graph::node::{Node, NodeId};

/// Some nodes, what they are computed from, what that is computed from, and so on: each once, however many ways lead to it.
pub(crate) struct Cone<'a> {
    nodes: &'a [Node],
    open: Vec<NodeId>,
    seen: Vec<bool>,
}

impl Graph {
    /// The nodes that `of` are computed from, and these.
    pub(crate) fn cone(&self, of: impl IntoIterator<Item = NodeId>) -> Cone<'_> {
        Cone {
            nodes: &self.nodes,
            open: of.into_iter().collect(),
            seen: vec![false; self.nodes.len()],
        }
    }
}

impl Iterator for Cone<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        loop {
            let id = self.open.pop()?;
            if !std::mem::replace(&mut self.seen[id.index()], true) {
                self.open.extend(&self.nodes[id.index()].inputs);
                return Some(id);
            }
        }
    }
}
