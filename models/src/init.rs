//! The parts of a model before its weights are loaded, drawn as Hugging Face draws them.

use crate::linear::Linear;
use burn::nn::{Initializer, LayerNorm, LayerNormConfig, LinearConfig, RmsNorm, RmsNormConfig};
use burn::tensor::Device;

/// How matrices and embeddings are drawn: the `initializer_range` of every family here.
pub(crate) const INITIAL_WEIGHTS: Initializer = Initializer::Normal { mean: 0.0, std: 0.02 };

pub(crate) fn linear(inputs: usize, outputs: usize, bias: bool, device: &Device) -> Linear {
    LinearConfig::new(inputs, outputs)
        .with_bias(bias)
        .with_initializer(INITIAL_WEIGHTS)
        .init(device)
        .into()
}

pub(crate) fn layer_norm(width: usize, epsilon: f64, device: &Device) -> LayerNorm {
    LayerNormConfig::new(width).with_epsilon(epsilon).init(device)
}

pub(crate) fn rms_norm(width: usize, epsilon: f64, device: &Device) -> RmsNorm {
    RmsNormConfig::new(width).with_epsilon(epsilon).init(device)
}
