//! The mlp of a block, and its non-linearity.

use super::axes::{self, Batch, Hidden, Seq};
use super::config::NeoxConfig;
use crate::init::linear;
use crate::linear::Linear;
use burn::prelude::*;
use nnsight_core::{Inspectable, inspectable};

/// Widens each position's vector to `C::MLP` units, applies the activation, and narrows it again.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
pub struct Mlp<C: NeoxConfig> {
    /// From the residual stream to the units.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, axes::Mlp<C>))]
    pub dense_h_to_4h: Linear,
    /// The activation of the units.
    pub act: Act<C>,
    /// From the units back to the residual stream.
    #[inspect((Batch, Seq, axes::Mlp<C>) -> (Batch, Seq, Hidden<C>))]
    pub dense_4h_to_h: Linear,
}

#[inspectable]
impl<C: NeoxConfig> Mlp<C> {
    /// An mlp with parameters that are drawn when first used.
    pub fn init(device: &Device) -> Self {
        Self {
            dense_h_to_4h: linear(C::HIDDEN, C::MLP, true, device),
            act: Act::new(),
            dense_4h_to_h: linear(C::MLP, C::HIDDEN, true, device),
        }
    }

    /// Works on each position by itself.
    ///
    /// # Shapes
    ///
    /// (Batch, Seq, Hidden) to (Batch, Seq, Hidden)
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let units = self.dense_h_to_4h.forward(x);
        let units = self.act.forward(units);
        self.dense_4h_to_h.forward(units)
    }
}

/// The mlp's non-linearity as a module, so that its input and output can be read and written.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq, axes::Mlp<C>) -> (Batch, Seq, axes::Mlp<C>))]
pub struct Act<C: NeoxConfig> {
    #[inspect(skip)]
    config: C,
}

#[inspectable]
impl<C: NeoxConfig> Act<C> {
    /// The module; it has no parameters.
    pub fn new() -> Self {
        Self { config: C::default() }
    }

    /// Applies `C::ACTIVATION` to each element.
    ///
    /// # Shapes
    ///
    /// (Batch, Seq, Mlp) to (Batch, Seq, Mlp)
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        C::ACTIVATION.apply(x)
    }
}

impl<C: NeoxConfig> Default for Act<C> {
    fn default() -> Self {
        Self::new()
    }
}
