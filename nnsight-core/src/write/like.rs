//! Traces that are written like earlier ones: a trace at one place of a program is mostly the trace that ran there
//! before, and then nothing is made and nothing is planned. Every node is compared as it is written; the first that
//! differs ends it.

use crate::graph::Graph;
use crate::graph::node::{Node, NodeId, NodeKind};
use crate::plan::kept;
use crate::plan::kept::{Planned, Plans};
use crate::shapes::meta::TensorMeta;
use crate::tree::Tree;
use std::ops::{Deref, Range};
use std::panic::Location;
use std::sync::Arc;

/// A node that is being written, with an iterator over its inputs.
pub(super) struct Written<I> {
    pub(super) kind: NodeKind,
    pub(super) inputs: I,
    pub(super) meta: TensorMeta,
    pub(super) at: &'static Location<'static>,
}

impl<I: Iterator<Item = NodeId> + Clone> Written<I> {
    /// Whether it is the same as a node of an earlier trace: all of the two is compared.
    fn is(&self, known: &Node) -> bool {
        // The place first: it tells most traces from each other at their first nodes.
        known.written_at.is_some_and(|at| std::ptr::eq(at, self.at))
            && known.inputs.iter().copied().eq(self.inputs.clone())
            && known.meta == self.meta
            && kept::is_same_kind(&known.kind, &self.kind)
    }

    fn into_node(self) -> Node {
        Node {
            kind: self.kind,
            inputs: self.inputs.collect(),
            meta: self.meta,
            written_at: Some(self.at),
        }
    }
}

/// The nodes of a trace that is being written, in order.
pub(super) struct Nodes {
    /// Those of a trace that is not written like an earlier one.
    own: Vec<Node>,
    /// The earlier trace that this one is written like so far, and for how many nodes.
    like: Option<(Arc<Planned>, usize)>,
    /// Where earlier traces are.
    plans: Option<Arc<Plans>>,
}

impl Deref for Nodes {
    type Target = [Node];
    fn deref(&self) -> &[Node] {
        match &self.like {
            Some((known, count)) => &known.plan.graph.nodes[..*count],
            None => &self.own,
        }
    }
}

impl Nodes {
    /// None so far, of a trace like those of some plans.
    pub(super) fn like(plans: Option<Arc<Plans>>) -> Self {
        Nodes {
            own: Vec::new(),
            like: None,
            plans,
        }
    }

    pub(super) fn into_vec(mut self) -> Vec<Node> {
        self.make_own();
        self.own
    }

    pub(super) fn make_own(&mut self) -> &mut [Node] {
        if let Some((known, count)) = self.like.take() {
            self.own = known.plan.graph.nodes[..count].to_vec();
        }
        &mut self.own
    }

    /// The plan of the earlier trace that this one is written like, to its last node and beyond, if it is.
    pub(super) fn known(
        &self,
        graph: &Graph,
        has_effects: bool,
        lasting: &[Range<u32>],
    ) -> Option<&Arc<Planned>> {
        let (known, count) = self.like.as_ref()?;
        let is_whole = known.plan.graph.nodes.len() == *count;
        (is_whole && known.is_beside_nodes(graph, has_effects, lasting)).then_some(known)
    }

    /// Appends a node. Nothing is made while the trace is written like an earlier one.
    pub(super) fn add<I: Iterator<Item = NodeId> + Clone>(&mut self, tree: &Arc<Tree>, node: Written<I>) {
        if let Some((known, count)) = &mut self.like {
            if known
                .plan
                .graph
                .nodes
                .get(*count)
                .is_some_and(|known| node.is(known))
            {
                *count += 1;
                return;
            }
        } else if !self.own.is_empty() {
            return self.own.push(node.into_node());
        }
        // The first node, or the first that the earlier trace has not.
        let before = &self[..];
        let plans = self.plans.as_ref();
        let other = plans.and_then(|plans| plans.like(tree, before, |known| node.is(known)));
        let count = before.len() + 1;
        self.like = match other {
            Some(other) => Some((other, count)),
            None => {
                // Room for a trace of usual size, so that writing it does not move its nodes.
                let mut own = Vec::with_capacity(count.next_multiple_of(32));
                own.extend_from_slice(before);
                own.push(node.into_node());
                self.own = own;
                None
            }
        };
    }
}
