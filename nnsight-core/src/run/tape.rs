//! What a backward pass needs to know, and what it has given.

use crate::error::Error;
use crate::graph::node::NodeId;
use crate::plan::taps::Gradients;
use crate::results::parameter_grads::ParameterGrads;
use crate::run::attached_runs::CallModule;
use crate::tensor::erased::Erased;
use crate::tensor::tap::OnGradient;
use burn::backend::GradientCheckpointingStrategy;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the backward pass needs to know, and what it has given.
#[derive(Default)]
pub(crate) struct Tape {
    /// How the model's own parameters are checkpointed, if they are tracked.
    pub(crate) strategy: Option<GradientCheckpointingStrategy>,
    pub(crate) loss: Option<Erased>,
    pub(crate) runs_backward: bool,
    /// Runs a module of the user's own model meanwhile: the pass' may be on the tape, which Burn has locked.
    pub(crate) call_module: Option<CallModule>,
    /// What taps call: the hooks of the thread on which the machine is installed.
    pub(crate) on_gradient: Option<OnGradient>,
    /// The first thing that went wrong. Burn's backward pass cannot be left from inside without leaving
    /// steps behind, so it runs to its end.
    pub(super) error: Option<Error>,
    pub(super) parameters: Option<ParameterGrads>,
    /// The reads of gradients that have been done.
    pub(super) arrived: Vec<NodeId>,
    /// No two of a process are equal.
    pub(super) pass: Option<u64>,
    /// The taps that the gradient has come to.
    pub(super) reached: Vec<bool>,
}

impl Tape {
    pub(crate) fn new(
        strategy: Option<GradientCheckpointingStrategy>,
        gradients: Option<&Gradients>,
    ) -> Self {
        Tape {
            strategy,
            pass: gradients.map(|_| next_pass()),
            reached: gradients.map_or(Vec::new(), |gradients| vec![false; gradients.actions.len()]),
            ..Tape::default()
        }
    }
}

fn next_pass() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}
