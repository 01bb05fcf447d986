//! The mlp of a block.

use super::activation::Act;
use super::axes::{self, Batch, Hidden, Seq};
use super::config::Gpt2Config;
use crate::init::linear;
use crate::linear::Linear;
use burn::prelude::*;
use nnsight_core::{Inspectable, inspectable};

/// Widens each position's vector to `C::MLP` units, applies the activation, and narrows it again.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
pub struct Mlp<C: Gpt2Config> {
    /// From the residual stream to the units.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, axes::Mlp<C>))]
    pub c_fc: Linear,
    /// The activation of the units.
    pub act: Act<C>,
    /// From the units back to the residual stream.
    #[inspect((Batch, Seq, axes::Mlp<C>) -> (Batch, Seq, Hidden<C>))]
    pub c_proj: Linear,
}

#[inspectable]
impl<C: Gpt2Config> Mlp<C> {
    /// An mlp with parameters that are drawn when first used.
    pub fn init(device: &Device) -> Self {
        Self {
            c_fc: linear(C::HIDDEN, C::MLP, true, device),
            act: Act::new(),
            c_proj: linear(C::MLP, C::HIDDEN, true, device),
        }
    }

    /// Works on each position by itself.
    ///
    /// # Shapes
    ///
    /// (Batch, Seq, Hidden) to (Batch, Seq, Hidden)
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let units = self.c_fc.forward(x);
        let units = self.act.forward(units);
        self.c_proj.forward(units)
    }
}
