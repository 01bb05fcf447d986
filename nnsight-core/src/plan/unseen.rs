//! Edits of gradients that no needed gradient sees so far: gradients flow against the forward pass.
//!
//! Places are compared, not nodes, and each pair of them once. At one place an edit is looked at when it is seen.

use super::Plan;
use crate::graph::node::{GradientId, NodeId, NodeKind, SiteId};
use crate::plan::order::compare;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What a tensor is compared by: the site that it is read at, or the node that gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Site(SiteId),
    Node(NodeId),
}

/// The edits and the reads of one backward pass. A tensor of a place is named by the first node that stands for it.
#[derive(Default)]
struct Pass {
    /// In program order.
    edits: BTreeMap<Place, BTreeMap<NodeId, VecDeque<NodeId>>>,
    /// The last read of each tensor's gradient, of those that turned out to be needed since the edits were looked at.
    reads: BTreeMap<Place, BTreeMap<NodeId, NodeId>>,
    /// The places of reads that were held against all others.
    compared: BTreeSet<Place>,
    /// Whether the gradient of a parameter is needed: all edits may be seen in that.
    reads_parameter: bool,
}

/// The edits of gradients that nothing needs so far, by backward pass.
#[derive(Default)]
pub(super) struct Unseen {
    passes: BTreeMap<Option<NodeId>, Pass>,
    /// How many pairs of places, tensors that are read, and edits were looked at.
    pub(super) looked_at: usize,
}

impl Place {
    fn of(plan: &Plan, id: NodeId) -> Place {
        match plan.graph.nodes[id.index()].kind {
            // Invokes share the place, but for those of an attached module.
            NodeKind::Get(site) if plan.tree.attachment(site.module).is_none() => {
                Place::Site(SiteId { invoke: 0, ..site })
            }
            NodeKind::Get(site) => Place::Site(site),
            _ => Place::Node(plan.tensor_of(id)),
        }
    }

    /// Whether the gradient of what is read is known to be there before this one.
    fn is_after(self, plan: &Plan, read: Place) -> bool {
        match (self, read) {
            (Place::Site(edited), Place::Site(read)) => {
                compare(&plan.tree, edited, read) == Some(Ordering::Less)
            }
            _ => false,
        }
    }
}

impl Unseen {
    /// An edit of a gradient.
    pub(super) fn add(&mut self, plan: &Plan, edit: NodeId, of: GradientId) {
        let pass = self.passes.entry(of.backward).or_default();
        let edits = pass.edits.entry(Place::of(plan, of.of)).or_default();
        edits.entry(plan.tensor_of(of.of)).or_default().push_back(edit);
    }

    /// A node is needed: it may be the gradient of something.
    pub(super) fn note(&mut self, plan: &Plan, id: NodeId) {
        let kind = &plan.graph.nodes[id.index()].kind;
        // Most traces edit no gradients.
        let Some(pass) = self.passes.get_mut(&kind.backward()) else {
            return;
        };
        match kind {
            NodeKind::ParameterGradient { .. } | NodeKind::ParameterGradients { .. } => {
                pass.reads_parameter = true;
            }
            NodeKind::Gradient(read) => {
                let reads = pass.reads.entry(Place::of(plan, read.of)).or_default();
                let last = reads.entry(plan.tensor_of(read.of)).or_insert(id);
                *last = id.max(*last);
            }
            _ => {}
        }
    }

    /// Moves the edits that what was noted since may see to those that are needed.
    pub(super) fn take_seen(&mut self, plan: &Plan, needed: &mut Vec<NodeId>) {
        for pass in self.passes.values_mut() {
            if pass.reads_parameter {
                let edits = std::mem::take(&mut pass.edits).into_values();
                needed.extend(edits.flat_map(BTreeMap::into_values).flatten());
            }
            for (place, reads) in std::mem::take(&mut pass.reads) {
                if pass.compared.insert(place) {
                    pass.edits.retain(|edited, edits| {
                        self.looked_at += 1;
                        let stays = *edited == place || edited.is_after(plan, place);
                        if !stays {
                            needed.extend(std::mem::take(edits).into_values().flatten());
                        }
                        stays
                    });
                }
                if let Some(edits) = pass.edits.get_mut(&place) {
                    self.looked_at += take_seen_at(edits, &reads, needed);
                }
            }
        }
    }
}

/// The edits of one place that reads of it see: those of tensors that are written later than one that is read, and those
/// that stand before a read of the same. Gives how many tensors and edits were looked at.
fn take_seen_at(
    edits: &mut BTreeMap<NodeId, VecDeque<NodeId>>,
    reads: &BTreeMap<NodeId, NodeId>,
    needed: &mut Vec<NodeId>,
) -> usize {
    let before = needed.len();
    if let Some((first, _)) = reads.first_key_value() {
        let later = edits.split_off(&NodeId(first.0 + 1));
        needed.extend(later.into_values().flatten());
    }
    for (tensor, last) in reads {
        let Some(edits) = edits.get_mut(tensor) else {
            continue;
        };
        while let Some(edit) = edits.pop_front_if(|edit| *edit < *last) {
            needed.push(edit);
        }
    }
    needed.len() - before + reads.len()
}
