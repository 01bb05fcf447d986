//! What autodiff means to a model.

use burn::backend::GradientCheckpointingStrategy;

/// What autodiff means to a model.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts {
    /// The user has put parameters on an autodiff device.
    pub(crate) trains: bool,
    /// Some module behaves otherwise on an autodiff device (dropout, batch normalisation).
    pub(crate) has_flags: bool,
    /// How the user's parameters are checkpointed. Burn mixes only tensors of one strategy.
    pub(crate) strategy: Option<GradientCheckpointingStrategy>,
}
