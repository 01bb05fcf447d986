//! One layer of the transformer.

use super::attention::Attention;
use super::axes::{Batch, Hidden, Seq};
use super::config::LlamaConfig;
use super::mlp::Mlp;
use crate::context::Context;
use crate::init::rms_norm;
use crate::rotary::Angles;
use burn::nn::RmsNorm;
use burn::prelude::*;
use nnsight_core::{Inspectable, Probe, inspectable};

/// Attention and an mlp, each reading the normalised residual stream and adding to it.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
pub struct Block<C: LlamaConfig> {
    /// The residual stream as it enters.
    pub resid_pre: Probe<(Batch, Seq, Hidden<C>)>,
    /// Normalises what attention reads.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
    pub input_layernorm: RmsNorm,
    /// Moves information between positions.
    pub self_attn: Attention<C>,
    /// The residual stream between attention and mlp.
    pub resid_mid: Probe<(Batch, Seq, Hidden<C>)>,
    /// Normalises what the mlp reads.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
    pub post_attention_layernorm: RmsNorm,
    /// Works on each position by itself.
    pub mlp: Mlp<C>,
    /// The residual stream as it leaves; the block's output.
    pub resid_post: Probe<(Batch, Seq, Hidden<C>)>,
}

#[inspectable]
impl<C: LlamaConfig> Block<C> {
    /// A block with parameters that are drawn when first used.
    pub fn init(device: &Device) -> Self {
        Self {
            resid_pre: Probe::new(),
            input_layernorm: rms_norm(C::HIDDEN, C::RMS_EPS, device),
            self_attn: Attention::init(device),
            resid_mid: Probe::new(),
            post_attention_layernorm: rms_norm(C::HIDDEN, C::RMS_EPS, device),
            mlp: Mlp::init(device),
            resid_post: Probe::new(),
        }
    }

    /// Adds what attention and mlp find to the residual stream.
    ///
    /// Without `angles` the positions count from 0.
    ///
    /// # Shapes
    ///
    /// (Batch, Seq, Hidden) to (Batch, Seq, Hidden)
    pub fn forward(&self, x: Tensor<3>, context: Context, angles: Option<Angles>) -> Tensor<3> {
        let x = self.resid_pre.forward(x);
        let normed = self.input_layernorm.forward(x.clone());
        let x = self
            .resid_mid
            .forward(self.self_attn.forward(normed, context, angles) + x);
        let normed = self.post_attention_layernorm.forward(x.clone());
        self.resid_post.forward(self.mlp.forward(normed) + x)
    }
}
