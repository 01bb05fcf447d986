//! One layer of the transformer.

use super::attention::Attention;
use super::axes::{Batch, Hidden, Seq};
use super::config::Gpt2Config;
use super::mlp::Mlp;
use crate::context::Context;
use crate::init::layer_norm;
use burn::nn::LayerNorm;
use burn::prelude::*;
use nnsight_core::{Inspectable, Probe, inspectable};

/// Attention and an mlp, each reading the normalised residual stream and adding to it.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
pub struct Block<C: Gpt2Config> {
    /// The residual stream as it enters.
    pub resid_pre: Probe<(Batch, Seq, Hidden<C>)>,
    /// Normalises what attention reads.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
    pub ln_1: LayerNorm,
    /// Moves information between positions.
    pub attn: Attention<C>,
    /// The residual stream between attention and mlp.
    pub resid_mid: Probe<(Batch, Seq, Hidden<C>)>,
    /// Normalises what the mlp reads.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
    pub ln_2: LayerNorm,
    /// Works on each position by itself.
    pub mlp: Mlp<C>,
    /// The residual stream as it leaves; the block's output.
    pub resid_post: Probe<(Batch, Seq, Hidden<C>)>,
}

#[inspectable]
impl<C: Gpt2Config> Block<C> {
    /// A block with parameters that are drawn when first used.
    pub fn init(device: &Device) -> Self {
        Self {
            resid_pre: Probe::new(),
            ln_1: layer_norm(C::HIDDEN, C::LN_EPS, device),
            attn: Attention::init(device),
            resid_mid: Probe::new(),
            ln_2: layer_norm(C::HIDDEN, C::LN_EPS, device),
            mlp: Mlp::init(device),
            resid_post: Probe::new(),
        }
    }

    /// Adds what attention and mlp find to the residual stream.
    ///
    /// # Shapes
    ///
    /// (Batch, Seq, Hidden) to (Batch, Seq, Hidden)
    pub fn forward(&self, x: Tensor<3>, context: Context) -> Tensor<3> {
        let x = self.resid_pre.forward(x);
        let normed = self.ln_1.forward(x.clone());
        let x = self.resid_mid.forward(self.attn.forward(normed, context) + x);
        let normed = self.ln_2.forward(x.clone());
        self.resid_post.forward(self.mlp.forward(normed) + x)
    }
}
