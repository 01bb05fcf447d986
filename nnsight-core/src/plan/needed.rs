//! Which nodes a run needs: what is saved, what that is computed from, and every edit that it may see.
//!
//! In time linear in the graph where edits and reads are of few sites, or most edits are seen: sites are compared, not
//! nodes, and each pair of them once for each time that a later read of the same site turns out to be needed.

use super::Plan;
use crate::graph::node::{NodeId, NodeKind, SiteId};
use crate::plan::order::compare;
use crate::plan::unseen::Unseen;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Edits that nothing needs so far.
#[derive(Default)]
struct Pending {
    /// Those of the model's own sites, by site.
    by_site: BTreeMap<SiteId, Vec<NodeId>>,
    /// Those of attached modules, by the node that runs the module.
    by_caller: BTreeMap<NodeId, Vec<NodeId>>,
    /// Those of gradients.
    gradients: Unseen,
}

impl Plan {
    /// Roots need their inputs; an edit is needed unless every needed read is known not to see it.
    /// Says how much it looked at for the sake of edits of gradients.
    pub(super) fn mark_needed(&mut self, roots: &[NodeId]) -> usize {
        let mut pending = self.edits_by_site();
        // The last read of each site that was looked at: an earlier one sees no more edits.
        let mut looked: BTreeMap<SiteId, NodeId> = BTreeMap::new();
        let mut open = roots.to_vec();
        loop {
            let mut reads: BTreeMap<SiteId, NodeId> = BTreeMap::new();
            while let Some(id) = open.pop() {
                if std::mem::replace(&mut self.needed[id.index()], true) {
                    continue;
                }
                open.extend(pending.by_caller.remove(&id).unwrap_or_default());
                let node = &self.graph.nodes[id.index()];
                match node.kind {
                    NodeKind::Get(site) => {
                        let last = reads.entry(self.seen_as(site)).or_insert(id);
                        *last = id.max(*last);
                    }
                    // What is generated depends on all that passes.
                    NodeKind::Generated(_) => {
                        open.extend(std::mem::take(&mut pending.by_site).into_values().flatten());
                    }
                    _ => pending.gradients.note(self, id),
                }
                open.extend(&node.inputs);
                open.extend(node.kind.gradient().map(|gradient| gradient.of));
                open.extend(node.kind.backward());
                open.extend(self.caller_of(id));
            }
            // From the last site to the first: most edits are seen by the last one.
            for (read, id) in reads.into_iter().rev() {
                if looked.get(&read).is_some_and(|last| *last >= id) {
                    continue;
                }
                looked.insert(read, id);
                let tree = &self.tree;
                pending.by_site.retain(|edited, edits| {
                    match compare(tree, *edited, read) {
                        Some(Ordering::Equal) => edits.retain(|edit| {
                            let sees = *edit < id;
                            open.extend(sees.then_some(*edit));
                            !sees
                        }),
                        Some(Ordering::Greater) => {}
                        Some(Ordering::Less) | None => open.append(edits),
                    }
                    !edits.is_empty()
                });
            }
            if open.is_empty() {
                pending.gradients.take_seen(self, &mut open);
            }
            if open.is_empty() {
                break;
            }
        }
        let is_goal = |id: &NodeId| {
            let kind = &self.graph.nodes[id.index()].kind;
            self.needed[id.index()]
                && !self.is_late(*id)
                && (kind.is_save() || matches!(kind, NodeKind::Backward))
        };
        self.goals = self.ids().filter(is_goal).count();
        pending.gradients.looked_at
    }

    fn edits_by_site(&self) -> Pending {
        let mut pending = Pending::default();
        for id in self.ids() {
            if let Some(site) = self.written_site(id) {
                let list = match self.caller_of(id) {
                    Some(caller) => pending.by_caller.entry(caller).or_default(),
                    None => pending.by_site.entry(self.seen_as(site)).or_default(),
                };
                list.push(id);
            } else if let Some(gradient) = self.written_gradient(id) {
                pending.gradients.add(self, id, gradient);
            }
        }
        pending
    }

    /// A site without what the order of two sites does not depend on.
    fn seen_as(&self, site: SiteId) -> SiteId {
        let is_attached = self.tree.attachment(site.module).is_some();
        SiteId {
            port: 0,
            invoke: if is_attached { site.invoke } else { 0 },
            ..site
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::graph::node::{GradientId, Node, unknown_meta};
    use crate::leaves::probe::Probe;
    use crate::ops::{Op, Reduce, Scalar};
    use crate::tree::ModuleId;
    use crate::tree::builder::TreeBuilder;
    use crate::tree::handle::End;
    use crate::tree::module::Inspectable;
    use std::sync::Arc;

    nnsight_macros::axes! { Rows; }

    /// A site is read and written so many times; the gradient of each tensor is edited by what the one before has, and
    /// the last is saved: each edit turns out to be needed only when the next one is.
    fn looked_at(tensors: usize) -> usize {
        let site = SiteId {
            module: ModuleId::ROOT,
            end: End::Output,
            port: 0,
            call: 0,
            invoke: 0,
        };
        let mut graph = Graph::default();
        let mut push = |kind, inputs: &[NodeId]| {
            let node = Node {
                kind,
                inputs: inputs.to_vec(),
                meta: unknown_meta(),
                written_at: None,
            };
            graph.nodes.push(node);
            NodeId(graph.nodes.len() as u32 - 1)
        };
        let read = |push: &mut dyn FnMut(NodeKind, &[NodeId]) -> NodeId| {
            let read = push(NodeKind::Get(site), &[]);
            let (takes, number) = (vec![], Scalar::Int(1));
            push(NodeKind::Fill { site, takes, number }, &[]);
            read
        };
        let all: Vec<NodeId> = (0..tensors).map(|_| read(&mut push)).collect();
        let sum = push(NodeKind::Op(Op::Reduce(Reduce::Sum, None)), &all[..1]);
        let backward = Some(push(NodeKind::Backward, &[sum]));
        let mut last = None;
        for of in all {
            let gradient = GradientId { of, backward };
            if let Some(last) = last {
                let takes = vec![];
                push(NodeKind::SetGradient { gradient, takes }, &[last]);
            }
            last = Some(push(NodeKind::Gradient(gradient), &[]));
        }
        push(NodeKind::Save, &last.map_or(vec![], |last| vec![last]));
        let edits = tensors - 1;
        let root = NodeId(graph.nodes.len() as u32 - 1);
        let probe = Probe::<(Rows,)>::new();
        let tree = TreeBuilder::walk(|tree| probe.describe(tree), |_| ());
        let mut plan = Plan::new(graph, Arc::new(tree)).expect("it can be planned");
        let needed = plan.ids().filter(|id| plan.needed[id.index()]);
        let needed = needed.filter(|id| plan.written_gradient(*id).is_some());
        assert_eq!(needed.count(), edits, "each is seen by the next");
        plan.needed.fill(false);
        plan.mark_needed(&[root])
    }

    #[test]
    fn edits_of_gradients_are_looked_at_when_they_are_seen() {
        for tensors in [10, 100, 1000] {
            let found = looked_at(tensors);
            assert!(found <= 4 * tensors, "{found} for {tensors} edits");
        }
    }
}
