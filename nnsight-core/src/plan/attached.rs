//! Attached modules in a plan: which node runs the module that a site lies in, and when.

use super::Plan;
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::graph::cone::Seen;
use crate::graph::names::site_name;
use crate::graph::node::{AttachedCall, NodeId, NodeKind, SiteId};
use crate::plan::order::compare;
use crate::tree::ModuleId;
use crate::tree::handle::End;
use std::cmp::Ordering;

/// The nodes that run attached modules.
pub(super) fn callers(graph: &Graph) -> Vec<(AttachedCall, NodeId)> {
    let nodes = graph.nodes.iter().zip(0..);
    let callers = nodes.filter_map(|(node, id)| match node.kind {
        NodeKind::Attached(call) => Some((call, NodeId(id))),
        _ => None,
    });
    let mut callers: Vec<_> = callers.collect();
    // Stable: of two nodes for one call the first is found.
    callers.sort_by_key(|(call, _)| key(*call));
    callers
}

fn key(call: AttachedCall) -> (ModuleId, u16, u32) {
    (call.module, call.invoke, call.call)
}

impl Plan {
    /// The node that runs the attached module in which a site lies; `None` for a site of the model's own.
    fn caller(&self, site: SiteId) -> Option<NodeId> {
        // Looked at for each node: most plans end here.
        if self.callers.is_empty() {
            return None;
        }
        let call = AttachedCall {
            module: self.tree.attachment(site.module)?,
            call: site.call,
            invoke: site.invoke,
        };
        let first = self.callers.partition_point(|(known, _)| key(*known) < key(call));
        let found = self.callers.get(first).filter(|(known, _)| *known == call);
        found.map(|(_, id)| *id)
    }

    /// The node that must run for a read or write to happen, where the model does not see to that.
    pub(super) fn caller_of(&self, id: NodeId) -> Option<NodeId> {
        self.caller(self.site_of(id)?)
    }

    fn site_of(&self, id: NodeId) -> Option<SiteId> {
        match self.graph.nodes[id.index()].kind {
            NodeKind::Get(site) => Some(site),
            _ => self.written_site(id),
        }
    }

    /// Refuses sites of attached modules that the trace does not call, or calls on what it does not have.
    pub(super) fn check_attached(&self) -> Result<()> {
        if self.tree.attached().next().is_none() {
            return Ok(());
        }
        let in_circles = self.in_circles();
        for id in self.ids() {
            let Some(site) = self.site_of(id) else { continue };
            let Some(root) = self.tree.attachment(site.module) else {
                continue;
            };
            let (name, at) = (|| site_name(&self.tree, site), self.written_at(id));
            match self.caller(site) {
                None => return Err(Error::NotCalled { site: name(), at }),
                Some(caller) if self.is_late(caller) => {
                    return Err(Error::AttachedInBackward { site: name(), at });
                }
                Some(caller) if in_circles[id.index()] && self.needs(caller, id) => {
                    let input = SiteId {
                        module: root,
                        end: End::Input,
                        port: 0,
                        ..site
                    };
                    return Err(Error::Order {
                        written: site_name(&self.tree, input),
                        needed: name(),
                        at,
                    });
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Which nodes a circle of calls may lead through: those that are left when whatever needs none of the others is
    /// taken away, again and again.
    fn in_circles(&self) -> Vec<bool> {
        let mut needs = vec![0u32; self.graph.nodes.len()];
        let mut needed_by = vec![Vec::new(); self.graph.nodes.len()];
        for id in self.ids() {
            let before = self.graph.nodes[id.index()].inputs.iter().copied();
            for before in before.chain(self.caller_of(id)) {
                needs[id.index()] += 1;
                needed_by[before.index()].push(id);
            }
        }
        let mut open: Vec<NodeId> = self.ids().filter(|id| needs[id.index()] == 0).collect();
        while let Some(id) = open.pop() {
            for user in &needed_by[id.index()] {
                needs[user.index()] -= 1;
                open.extend((needs[user.index()] == 0).then_some(*user));
            }
        }
        needs.iter().map(|needs| *needs > 0).collect()
    }

    /// The sites that the attached module of a written site is called on; `None` for a site of the model's own.
    pub(super) fn called_on(&self, written: SiteId) -> Option<Vec<SiteId>> {
        self.caller(written).map(|caller| self.reads_of(caller))
    }

    /// Whether a read is known to happen after a write, whichever modules they are in; `called_on` is of the written
    /// site.
    pub(super) fn is_later(&self, read: SiteId, written: SiteId, called_on: Option<&[SiteId]>) -> bool {
        match called_on {
            // The module runs as soon as the last read that it is called on is done.
            Some(called_on) if self.caller(read).is_none() => called_on
                .iter()
                .all(|own| compare(&self.tree, read, *own) == Some(Ordering::Greater)),
            _ => compare(&self.tree, read, written) == Some(Ordering::Greater),
        }
    }

    /// The sites of the model's own that a node is computed from.
    fn reads_of(&self, id: NodeId) -> Vec<SiteId> {
        let sites = self
            .before(id)
            .filter_map(|id| match self.graph.nodes[id.index()].kind {
                NodeKind::Get(site) if self.caller(site).is_none() => Some(site),
                _ => None,
            });
        sites.collect()
    }

    fn needs(&self, id: NodeId, other: NodeId) -> bool {
        self.before(id).any(|before| before == other)
    }

    /// The nodes that a node is computed from.
    fn before(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let inputs = self.graph.nodes[id.index()].inputs.iter().copied();
        let seen = Seen::of(&self.graph);
        self.graph.cone_with(seen, inputs, |id| self.caller_of(id))
    }
}
