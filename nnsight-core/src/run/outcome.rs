//! What became of a run: what is saved, what is missing, what was left out.

use crate::error::{Error, LostWhat, Result};
use crate::graph::names::site_name;
use crate::graph::node::{NodeId, NodeKind};
use crate::plan::lost::Lost;
use crate::results::collect::Kept;
use crate::results::parameter_grads::ParameterGrads;
use crate::run::machine::Machine;
use crate::run::report::Report;
use crate::run::state::Slot;
use crate::tensor::erased::Erased;
use crate::tree::{ModuleId, Tree};
use std::sync::Arc;

impl Machine {
    /// Whether a read has not been done, as far as its readers know.
    fn waits_for_site(&self, id: NodeId) -> bool {
        let users = &self.plan.users[self.plan.users_of(id)];
        users.iter().any(|user| self.waits[user.index()] > 0)
    }

    /// What a saved value became.
    pub(crate) fn saved(&mut self, id: NodeId) -> Option<Erased> {
        match std::mem::replace(&mut self.slots[id.index()], Slot::Empty) {
            // The tape is used up: what was tracked is a tensor like any other.
            Slot::One(tensor) if self.plan.gradients.is_some() => Some(tensor.without_autodiff()),
            Slot::One(tensor) => Some(tensor),
            _ => None,
        }
    }

    /// What a saved value became, for something that may be returned more than once: a handle, no copy.
    pub(crate) fn saved_again(&self, id: NodeId) -> Option<Erased> {
        match &self.slots[id.index()] {
            Slot::One(tensor) if self.plan.gradients.is_some() => Some(tensor.clone().without_autodiff()),
            Slot::One(tensor) => Some(tensor.clone()),
            _ => None,
        }
    }

    /// After the forward pass: everything it was run for must be there.
    pub(crate) fn check_complete(&self) -> Result<()> {
        if self.goals_left == 0 {
            return Ok(());
        }
        let is_missing = |id: &NodeId| {
            let kind = &self.plan.graph.nodes[id.index()].kind;
            let wanted = matches!(kind, NodeKind::Save) && !self.plan.is_late(*id)
                || matches!(kind, NodeKind::Backward);
            wanted && self.plan.needed[id.index()] && self.waits[id.index()] > 0
        };
        let Some(missing) = self.plan.ids().find(is_missing) else {
            return Ok(());
        };
        let mut behind = self.plan.graph.cone([missing]);
        if let Some(error) = behind.find_map(|id| self.unreached(Some(id))) {
            return Err(error);
        }
        Err(Error::TooFewTensors)
    }

    /// After the run: numbers that were not looked at during it must be what their operations take.
    pub(crate) fn check_numbers(&self) -> Result<()> {
        for (id, op, numbers) in &self.unchecked {
            let at = self.plan.written_at(*id);
            numbers.check().map_err(|source| Error::op(op, source, at))?;
        }
        Ok(())
    }

    /// The error of a read whose module was not called that often, in a forward pass that ran to its end.
    pub(crate) fn unreached(&self, read: Option<NodeId>) -> Option<Error> {
        let ran_to_its_end = self.calls_of(ModuleId::ROOT) > 0 && self.stopped_at.is_none();
        let id = read.filter(|_| ran_to_its_end)?;
        match self.plan.graph.nodes[id.index()].kind {
            NodeKind::Get(site) if self.plan.graph.steps.is_some() && site.call > 0 => {
                (self.waits_for_site(id)).then(|| Error::StepNotReached {
                    site: site_name(&self.plan.tree, site),
                    at: self.plan.written_at(id),
                })
            }
            NodeKind::Get(site) if self.calls_of(site.module) <= site.call => Some(Error::NotReached {
                site: site_name(&self.plan.tree, site),
                calls: self.calls_of(site.module),
                at: self.plan.written_at(id),
            }),
            _ => None,
        }
    }

    /// What the run left out.
    pub(crate) fn report(&self) -> Report {
        let path = |id: &ModuleId| self.plan.tree.path(*id).to_owned();
        Report {
            skipped: self.skipped.iter().map(path).collect(),
            stopped_at: self.stopped_at.as_ref().map(path),
            ..Report::default()
        }
    }

    /// Whether the same line of the program made this edit at another step of a generation.
    fn is_made_at_another_step(&self, id: NodeId) -> bool {
        let at = self.plan.written_at(id);
        let mut applied = self.applied.iter();
        self.plan.graph.steps.is_some() && applied.any(|other| self.plan.written_at(*other) == at)
    }

    /// Edits that saved values might have seen, and that the run did not come to.
    pub(crate) fn not_made(&self) -> Vec<Lost> {
        let plan = &self.plan;
        if self.applied.len() == plan.edits {
            return Vec::new();
        }
        let mut applied = vec![false; plan.graph.nodes.len()];
        self.applied.iter().for_each(|id| applied[id.index()] = true);
        let edits = plan.ids().filter(|id| {
            plan.needed[id.index()]
                && (plan.written_site(*id).is_some() || plan.written_gradient(*id).is_some())
        });
        let missed = edits.filter(|id| !applied[id.index()] && !self.is_made_at_another_step(*id));
        missed.map(|id| plan.lost_node(id, LostWhat::NotMade)).collect()
    }
}

/// The runs of a trace: one for each loss, the only one where there is no more than one.
pub(crate) struct Runs<'a>(pub(crate) &'a mut [Machine]);

impl Kept for Runs<'_> {
    fn tree(&self) -> Arc<Tree> {
        let first = self.0.first();
        first.map_or_else(Arc::default, |machine| Arc::clone(&machine.tree))
    }

    fn tensor(&mut self, id: NodeId) -> Option<Erased> {
        self.0.iter_mut().find_map(|machine| machine.saved(id))
    }

    fn tensor_again(&self, id: NodeId) -> Option<Erased> {
        self.0.iter().find_map(|machine| machine.saved_again(id))
    }

    fn parameters(&self, id: NodeId) -> Option<ParameterGrads> {
        self.0.iter().find_map(|machine| machine.parameters(id))
    }
}
