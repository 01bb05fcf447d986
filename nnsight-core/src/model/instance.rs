//! The model that a pass with gradients runs: the user's own, or a copy of its handles in which the wanted
//! parameters are tracked, no other is, and nothing behaves as in training unless the user's model does.
//!
//! Burn locks a tape while a backward pass runs over it, and a parameter that is tracked is on one. So nothing of the
//! user's is on the pass' own: a closure over a gradient may use the model, and its inputs, like any other code.

use crate::error::{Error, Result};
use crate::model::pinned::Pinned;
use crate::model::tracker::Tracker;
use crate::plan::kept::Plans;
use crate::plan::wanted::Wanted;
use crate::results::parameter_grads::Leaf;
use crate::run::facts::Facts;
use crate::tree::module::Inspectable;
use burn::module::{Flag, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};
use std::sync::{Arc, OnceLock};

/// What is known of a model once its first pass with gradients has asked.
pub(crate) struct Instances<M> {
    facts: OnceLock<Facts>,
    /// Where the model's parameters are, the first one's first.
    devices: OnceLock<Vec<Device>>,
    /// The model with its training flags off, if it needs a copy for that.
    valid: OnceLock<Pinned<M>>,
    /// How it was traced last.
    pub(crate) plans: Arc<Plans>,
}

impl<M> Default for Instances<M> {
    fn default() -> Self {
        Instances {
            facts: OnceLock::new(),
            devices: OnceLock::new(),
            valid: OnceLock::new(),
            plans: Arc::default(),
        }
    }
}

impl ModuleVisitor for Facts {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if !self.trains && param.lazy_device().is_autodiff() {
            self.trains = true;
            self.strategy = param.val().gradient_checkpointing_strategy();
        }
    }
    fn visit_flag(&mut self, flag: &Param<Flag>) {
        self.has_flags |= flag.val().is_enabled();
    }
}

impl<M: Inspectable> Instances<M> {
    /// What autodiff means to the model.
    pub(crate) fn facts(&self, pinned: &Pinned<M>) -> Facts {
        *self.facts.get_or_init(|| {
            let mut facts = Facts::default();
            pinned.model.visit(&mut facts);
            pinned.attached.visit(&mut facts);
            facts
        })
    }

    /// The devices of the model's parameters, the first one's first.
    pub(crate) fn devices(&self, model: &M) -> &[Device] {
        self.devices.get_or_init(|| {
            let devices = model.devices().into_iter();
            devices.map(Device::without_autodiff).collect()
        })
    }

    /// The model to run, and the parameters that are tracked in it.
    ///
    /// # Errors
    /// [`Error::NoParameter`] for a parameter that the model does not have.
    pub(crate) fn for_pass(
        &self,
        pinned: &Pinned<M>,
        wanted: &Wanted,
        is_rehearsal: bool,
    ) -> Result<(Pinned<M>, Vec<Leaf>)> {
        let facts = self.facts(pinned);
        // A tap puts tensors on an autodiff device, which by itself would switch dropout on.
        let pinned = match facts.has_flags && !facts.trains {
            true => self
                .valid
                .get_or_init(|| pinned.with(M::clone(&pinned.model).valid(), pinned.attached.valid())),
            false => pinned,
        };
        let wants_none = matches!(wanted, Wanted::Named(names) if names.is_empty());
        if wants_none && !facts.trains {
            return Ok((pinned.clone(), Vec::new()));
        }
        let mut tracker = Tracker {
            wanted,
            strategy: facts.strategy,
            is_rehearsal,
            path: Vec::new(),
            leaves: Vec::new(),
        };
        let model = M::clone(&pinned.model).map(&mut tracker);
        let attached = pinned.attached.tracked(&mut tracker);
        let leaves = tracker.leaves;
        if let Wanted::Named(names) = wanted
            && let Some((name, at)) = names
                .iter()
                .find(|(name, _)| !leaves.iter().any(|leaf| leaf.path == *name))
        {
            return Err(Error::NoParameter {
                name: name.clone(),
                at: *at,
            });
        }
        Ok((pinned.with(model, attached), leaves))
    }
}
