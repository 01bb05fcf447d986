//! The mlp of a block.

use super::axes::{self, Batch, Hidden, Seq};
use super::config::LlamaConfig;
use crate::init::linear;
use crate::linear::Linear;
use burn::nn::activation::SiLU;
use burn::prelude::*;
use nnsight_core::{Inspectable, inspectable};

/// Units that are each a product of a gate and a value, narrowed to the width of the residual stream: SwiGLU,
/// from [GLU Variants Improve Transformer](https://arxiv.org/abs/2002.05202).
///
/// The units themselves are `down_proj`'s input.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
pub struct Mlp<C: LlamaConfig> {
    /// From the residual stream to the gates.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, axes::Mlp<C>))]
    pub gate_proj: Linear,
    /// The activation of the gates.
    #[inspect((Batch, Seq, axes::Mlp<C>) -> (Batch, Seq, axes::Mlp<C>))]
    pub act_fn: SiLU,
    /// From the residual stream to what the gates let through.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, axes::Mlp<C>))]
    pub up_proj: Linear,
    /// From the units back to the residual stream.
    #[inspect((Batch, Seq, axes::Mlp<C>) -> (Batch, Seq, Hidden<C>))]
    pub down_proj: Linear,
    /// Only the shapes above depend on it.
    #[inspect(skip)]
    config: C,
}

#[inspectable]
impl<C: LlamaConfig> Mlp<C> {
    /// An mlp with parameters that are drawn when first used.
    pub fn init(device: &Device) -> Self {
        Self {
            gate_proj: linear(C::HIDDEN, C::MLP, C::MLP_BIAS, device),
            act_fn: SiLU::new(),
            up_proj: linear(C::HIDDEN, C::MLP, C::MLP_BIAS, device),
            down_proj: linear(C::MLP, C::HIDDEN, C::MLP_BIAS, device),
            config: C::default(),
        }
    }

    /// Works on each position by itself.
    ///
    /// # Shapes
    ///
    /// (Batch, Seq, Hidden) to (Batch, Seq, Hidden)
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let gates = self.gate_proj.forward(x.clone());
        let gates = self.act_fn.forward(gates);
        let units = gates * self.up_proj.forward(x);
        self.down_proj.forward(units)
    }
}
