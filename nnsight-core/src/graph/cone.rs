//! What nodes are computed from.

use super::Graph;
use crate::graph::node::{Node, NodeId};
use std::borrow::BorrowMut;

/// Which nodes a walk has come to. A second walk with it begins anew, and need not clear it.
pub(crate) struct Seen {
    walk: u32,
    /// The last walk that came to each node, counted from 1.
    last: Vec<u32>,
}

impl Seen {
    /// Of a graph that nobody has walked.
    pub(crate) fn of(graph: &Graph) -> Self {
        Seen {
            walk: 0,
            last: vec![0; graph.nodes.len()],
        }
    }

    fn begin(&mut self) {
        self.walk += 1;
    }

    /// Whether this walk comes to a node for the first time.
    fn is_first(&mut self, id: NodeId) -> bool {
        std::mem::replace(&mut self.last[id.index()], self.walk) != self.walk
    }
}

/// Some nodes, what they are computed from, what that is computed from, and so on: each once, however many ways lead to it.
pub(crate) struct Cone<'a, S = Seen, B = fn(NodeId) -> Option<NodeId>> {
    nodes: &'a [Node],
    open: Vec<NodeId>,
    seen: S,
    /// What a node needs beside its inputs.
    beside: B,
}

impl Graph {
    /// The nodes that `of` are computed from, and these.
    pub(crate) fn cone(&self, of: impl IntoIterator<Item = NodeId>) -> Cone<'_> {
        self.cone_with(Seen::of(self), of, |_| None)
    }

    /// The same, with what each needs beside its inputs.
    pub(crate) fn cone_with<S: BorrowMut<Seen>, B: Fn(NodeId) -> Option<NodeId>>(
        &self,
        mut seen: S,
        of: impl IntoIterator<Item = NodeId>,
        beside: B,
    ) -> Cone<'_, S, B> {
        seen.borrow_mut().begin();
        Cone {
            nodes: &self.nodes,
            open: of.into_iter().collect(),
            seen,
            beside,
        }
    }
}

impl<S: BorrowMut<Seen>, B: Fn(NodeId) -> Option<NodeId>> Iterator for Cone<'_, S, B> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        loop {
            let id = self.open.pop()?;
            if self.seen.borrow_mut().is_first(id) {
                self.open.extend(&self.nodes[id.index()].inputs);
                self.open.extend((self.beside)(id));
                return Some(id);
            }
        }
    }
}
