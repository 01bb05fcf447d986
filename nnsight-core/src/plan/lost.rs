//! What a trace asks for in vain: edits and closures that nothing saved can see. Most often that is a mistake, so
//! nothing of it is lost in silence: it is in the report of the run, it is logged once for each place of the
//! program, and a strict model refuses it.

use super::Plan;
use crate::error::{Error, LostWhat, WrittenAt};
use crate::graph::names::{site_name, value_name};
use crate::graph::node::{NodeId, NodeKind, SiteId};
use crate::say;

use std::collections::BTreeSet;
use std::ops::Range;

/// Something that nothing saved can see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    pub(crate) what: LostWhat,
    /// The site or the value that it was about.
    pub(crate) name: String,
    pub(crate) at: WrittenAt,
}

impl Lost {
    /// `layer1.output (written at ..)`
    pub(crate) fn place(&self) -> String {
        format!("{}{}", self.name, self.at)
    }

    pub(crate) fn into_error(self) -> Error {
        let Lost { what, name, at } = self;
        Error::Lost { what, name, at }
    }

    /// Says so in the program's log, once for each place in the source.
    pub(crate) fn warn(&self) {
        if self.at.0.is_none_or(say::is_first) {
            log::warn!("{}", self.clone().into_error());
        }
    }
}

impl Plan {
    /// What no saved value can see, in program order. An edit that lasts is no part of what this trace asks for,
    /// and one of several steps of a generation is made if any of the steps is.
    pub(crate) fn lost(&self, lasting: &[Range<u32>]) -> Vec<Lost> {
        let is_lasting = |id: NodeId| {
            let next = lasting.partition_point(|range| range.end <= id.0);
            lasting.get(next).is_some_and(|range| range.contains(&id.0))
        };
        let overwritten = self.overwritten();
        let what = |id: NodeId| match self.needed[id.index()] {
            false => self.unseen(id),
            true => overwritten.contains(&id).then_some(LostWhat::Overwritten),
        };
        let lost = self.ids().filter_map(|id| Some((id, what(id)?)));
        let lost = lost.filter(|(id, _)| !is_lasting(*id));
        lost.map(|(id, what)| self.lost_node(id, what)).collect()
    }

    /// An edit or a closure, as one that was lost.
    pub(crate) fn lost_node(&self, id: NodeId, what: LostWhat) -> Lost {
        let name = match (self.written_site(id), &self.graph.nodes[id.index()]) {
            (Some(site), _) => site_name(&self.tree, site),
            (None, node) if node.kind.gradient().is_some() => self.gradient_name(id),
            (None, node) => node.inputs.first().map_or_else(String::new, |over| {
                value_name(&self.tree, &self.graph.nodes, *over)
            }),
        };
        let at = self.written_at(id);
        Lost { what, name, at }
    }

    /// What a node that is not needed was to do.
    fn unseen(&self, id: NodeId) -> Option<LostWhat> {
        match self.graph.nodes[id.index()].kind {
            NodeKind::Map(_) => Some(LostWhat::Closure),
            NodeKind::SetGradient { .. } | NodeKind::FillGradient { .. } => Some(LostWhat::Edit),
            _ => {
                let site = self.written_site(id)?;
                (!self.is_made_at_other_steps(id, site)).then_some(LostWhat::Edit)
            }
        }
    }

    /// Whether the same line of the program makes this edit at another step, where it is seen.
    fn is_made_at_other_steps(&self, id: NodeId, site: SiteId) -> bool {
        let at = self.graph.nodes[id.index()].written_at;
        let is_same = |other: NodeId| {
            let found = self.written_site(other);
            self.graph.nodes[other.index()].written_at == at
                && found.is_some_and(|found| {
                    site == SiteId {
                        call: site.call,
                        ..found
                    }
                })
        };
        self.graph.steps.is_some()
            && self
                .ids()
                .any(|other| self.needed[other.index()] && is_same(other))
    }

    /// The edits that a later one of the whole site replaces before anything reads it.
    fn overwritten(&self) -> BTreeSet<NodeId> {
        let needed = || self.ids().filter(|id| self.needed[id.index()]);
        let mut edited: Vec<SiteId> = needed().filter_map(|id| self.written_site(id)).collect();
        edited.sort_unstable();
        if edited.is_sorted_by(|site, next| site < next) {
            return BTreeSet::new();
        }
        // From the last line to the first: the sites that a later line replaces whole.
        let (mut replaced, mut overwritten) = (BTreeSet::new(), BTreeSet::new());
        for id in (0..self.graph.nodes.len() as u32).rev().map(NodeId) {
            match &self.graph.nodes[id.index()].kind {
                _ if !self.needed[id.index()] => {}
                NodeKind::Get(read) => replaced.retain(|site| {
                    *read
                        != SiteId {
                            invoke: read.invoke,
                            ..*site
                        }
                }),
                NodeKind::Set { site, takes } | NodeKind::Fill { site, takes, .. } => {
                    if replaced.contains(site) {
                        overwritten.insert(id);
                    } else if takes.is_empty() {
                        replaced.insert(*site);
                    }
                }
                _ => {}
            }
        }
        overwritten
    }
}
