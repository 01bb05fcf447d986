//! Parameters that are tracked for a pass.

use crate::plan::wanted::Wanted;
use crate::results::parameter_grads::Leaf;
use crate::tensor::erased::{Erased, untracked};
use crate::tensor::tap::track;
use burn::backend::GradientCheckpointingStrategy;
use burn::module::{ModuleMapper, Param};
use burn::tensor::Tensor;

/// Tracks the wanted parameters of a model, and no others.
pub(crate) struct Tracker<'a> {
    pub(super) wanted: &'a Wanted,
    pub(super) strategy: Option<GradientCheckpointingStrategy>,
    /// Whether nothing is computed, and so nothing tracked.
    pub(super) is_rehearsal: bool,
    pub(super) path: Vec<String>,
    pub(super) leaves: Vec<Leaf>,
}

impl ModuleMapper for Tracker<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let path = self.path.join(".");
        if !self.wanted.has(&path) {
            return match param.val().is_tracked() {
                true => param.map(untracked),
                false => param,
            };
        }
        let id = param.id;
        param.map(|tensor| {
            let tensor = match self.is_rehearsal {
                true => tensor,
                false => track(untracked(tensor), self.strategy),
            };
            self.leaves.push(Leaf {
                path,
                id,
                tensor: Erased::new(tensor.clone()),
            });
            tensor
        })
    }
}
