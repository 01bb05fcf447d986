//! The plans of a model's last traces: a trace that is written like one of them is not planned again.

use crate::error::Result;
use crate::graph::Graph;
use crate::graph::node::{Node, NodeKind};
use crate::ops::{Function, Op};
use crate::plan::Plan;
use crate::plan::lost::Lost;
use crate::tree::Tree;
use std::ops::Range;
use std::sync::{Arc, Mutex};

/// How many a model keeps: as many places of a program may trace it in turn.
const KEPT: usize = 8;

/// The plan of a trace, and what the trace asks for in vain.
pub(crate) struct Planned {
    pub(crate) plan: Arc<Plan>,
    pub(crate) lost: Vec<Lost>,
    /// Whether the run has effects beyond its tensors.
    has_effects: bool,
    /// The nodes that lasting edits have written.
    lasting: Vec<Range<u32>>,
}

impl Planned {
    /// Whether it is the plan of this graph. All of the two is compared: the plan holds the graph's numbers too.
    /// What it does not hold are the tensors and the closures that a trace brings along.
    fn is_of(&self, graph: &Graph, has_effects: bool, lasting: &[Range<u32>], tree: &Arc<Tree>) -> bool {
        let known = &self.plan.graph;
        known.nodes.len() == graph.nodes.len()
            && Arc::ptr_eq(&self.plan.tree, tree)
            && self.is_beside_nodes(graph, has_effects, lasting)
            && known.nodes.iter().zip(&graph.nodes).all(is_same)
    }

    /// Whether all but the nodes is the same.
    pub(crate) fn is_beside_nodes(&self, graph: &Graph, has_effects: bool, lasting: &[Range<u32>]) -> bool {
        let known = &self.plan.graph;
        known.steps == graph.steps
            && known.limits == graph.limits
            && self.has_effects == has_effects
            && self.lasting == lasting
            && known.invokes == graph.invokes
    }
}

fn is_same((known, node): (&Node, &Node)) -> bool {
    let place = |node: &Node| node.written_at.map(std::ptr::from_ref);
    // The place first: it tells most traces from each other at their first nodes.
    place(known) == place(node)
        && known.inputs == node.inputs
        && known.meta == node.meta
        && is_same_kind(&known.kind, &node.kind)
}

/// Whether two nodes do the same.
pub(crate) fn is_same_kind(known: &NodeKind, kind: &NodeKind) -> bool {
    known == kind && number_in(known) == number_in(kind)
}

/// The number in a function, as bits: 0 and -0 are equal, and give different results.
fn number_in(kind: &NodeKind) -> Option<u64> {
    match kind {
        NodeKind::Op(Op::Function(
            Function::Powf { exponent: number }
            | Function::LeakyRelu { slope: number }
            | Function::Elu { alpha: number },
        )) => Some(number.to_bits()),
        _ => None,
    }
}

/// The last plans of a model, the latest first. They hold no tensors.
#[derive(Default)]
pub(crate) struct Plans(Mutex<Vec<Arc<Planned>>>);

impl Plans {
    /// The plan of a trace that begins like this: with these nodes, and then with one that is `next`.
    pub(crate) fn like(
        &self,
        tree: &Arc<Tree>,
        before: &[Node],
        next: impl Fn(&Node) -> bool,
    ) -> Option<Arc<Planned>> {
        let kept = self.0.try_lock().ok()?;
        let begins = |known: &&Arc<Planned>| {
            let nodes = &known.plan.graph.nodes;
            nodes.get(before.len()).is_some_and(&next)
                && Arc::ptr_eq(&known.plan.tree, tree)
                && nodes.iter().zip(before).all(is_same)
        };
        kept.iter().find(begins).cloned()
    }

    /// A plan was used.
    pub(crate) fn used(&self, known: &Arc<Planned>) {
        if let Ok(mut kept) = self.0.try_lock()
            && let Some(at) = kept.iter().position(|other| Arc::ptr_eq(known, other))
        {
            kept[..=at].rotate_right(1);
        }
    }

    /// The plan of a graph without constants.
    ///
    /// # Errors
    /// Those of [`Plan::of_run`].
    pub(crate) fn plan(
        &self,
        graph: Graph,
        has_effects: bool,
        lasting: Vec<Range<u32>>,
        tree: &Arc<Tree>,
    ) -> Result<Arc<Planned>> {
        // Nobody waits for another thread that looks just now: planning is quicker.
        if let Ok(mut kept) = self.0.try_lock()
            && let Some(at) = kept
                .iter()
                .position(|known| known.is_of(&graph, has_effects, &lasting, tree))
        {
            kept[..=at].rotate_right(1);
            return Ok(Arc::clone(&kept[0]));
        }
        let plan = Plan::of_run(graph, Arc::clone(tree), has_effects)?;
        let planned = Arc::new(Planned {
            lost: plan.lost(&lasting),
            plan: Arc::new(plan),
            has_effects,
            lasting,
        });
        // Where there are gradients the plan has changed the graph, and planning is the least of the costs.
        if planned.plan.gradients.is_none()
            && let Ok(mut kept) = self.0.try_lock()
        {
            kept.truncate(KEPT - 1);
            kept.insert(0, Arc::clone(&planned));
        }
        Ok(planned)
    }
}
