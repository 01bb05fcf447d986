//! Which nodes a run needs: what is saved, what that is computed from, and every edit that it may see.
//!
//! In time linear in the graph where edits and reads are of few sites, or most edits are seen: sites are compared, not
//! nodes, and each pair of them once for each time that a later read of the same site turns out to be needed.

use super::Plan;
use crate::graph::node::{NodeId, NodeKind, SiteId};
use crate::plan::order::compare;
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
    gradients: Vec<NodeId>,
}

impl Plan {
    /// Roots need their inputs; an edit is needed unless every needed read is known not to see it.
    pub(super) fn mark_needed(&mut self, roots: &[NodeId]) {
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
                    _ => {}
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
                let seen = |edit: &NodeId| self.written_gradient(*edit).map(|of| (*edit, of));
                let edits = pending.gradients.iter().filter_map(seen);
                open.extend(
                    edits
                        .filter(|(edit, of)| self.is_gradient_seen(*edit, *of))
                        .map(|(edit, _)| edit),
                );
                pending.gradients.retain(|edit| !open.contains(edit));
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
            } else if self.written_gradient(id).is_some() {
                pending.gradients.push(id);
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
