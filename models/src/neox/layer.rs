//! One layer of the transformer.

use super::attention::Attention;
use super::axes::{Batch, Hidden, Seq};
use super::config::NeoxConfig;
use super::mlp::Mlp;
use crate::context::Context;
use crate::init::layer_norm;
use crate::rotary::Angles;
use burn::nn::LayerNorm;
use burn::prelude::*;
use nnsight_core::{Inspectable, Probe, inspectable};

/// Attention and an mlp, each reading a normalised residual stream and adding to it.
///
/// With `C::PARALLEL`, as in Pythia, both read the stream that enters the block. The second norm keeps its name
/// `post_attention_layernorm` then too, although it is before attention.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
pub struct Layer<C: NeoxConfig> {
    /// The residual stream as it enters.
    pub resid_pre: Probe<(Batch, Seq, Hidden<C>)>,
    /// Normalises what attention reads.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
    pub input_layernorm: LayerNorm,
    /// Moves information between positions.
    pub attention: Attention<C>,
    /// The residual stream between attention and mlp, where the mlp reads it: not with `C::PARALLEL`.
    pub resid_mid: Option<Probe<(Batch, Seq, Hidden<C>)>>,
    /// Normalises what the mlp reads.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
    pub post_attention_layernorm: LayerNorm,
    /// Works on each position by itself.
    pub mlp: Mlp<C>,
    /// The residual stream as it leaves; the layer's output.
    pub resid_post: Probe<(Batch, Seq, Hidden<C>)>,
}

#[inspectable]
impl<C: NeoxConfig> Layer<C> {
    /// A layer with parameters that are drawn when first used.
    pub fn init(device: &Device) -> Self {
        Self {
            resid_pre: Probe::new(),
            input_layernorm: layer_norm(C::HIDDEN, C::LN_EPS, device),
            attention: Attention::init(device),
            resid_mid: (!C::PARALLEL).then(Probe::new),
            post_attention_layernorm: layer_norm(C::HIDDEN, C::LN_EPS, device),
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
        let added = self.attention.forward(normed, context, angles) + x.clone();
        let (read, added) = match &self.resid_mid {
            Some(resid_mid) => {
                let added = resid_mid.forward(added);
                (added.clone(), added)
            }
            None => (x, added),
        };
        let normed = self.post_attention_layernorm.forward(read);
        self.resid_post.forward(self.mlp.forward(normed) + added)
    }
}
