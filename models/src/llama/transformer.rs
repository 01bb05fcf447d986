//! Llama without its head.

use super::axes::{Batch, Hidden, Seq};
use super::block::Block;
use super::config::LlamaConfig;
use super::rope;
use crate::context::Context;
use crate::init::{INITIAL_WEIGHTS, rms_norm};
use burn::nn::{Embedding, EmbeddingConfig, RmsNorm};
use burn::prelude::*;
use nnsight_core::{Inspectable, inspectable};

/// The embedding, the layers, and the last norm.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq): Int -> (Batch, Seq, Hidden<C>))]
pub struct Transformer<C: LlamaConfig> {
    /// A vector for each token.
    #[inspect((Batch, Seq): Int -> (Batch, Seq, Hidden<C>))]
    pub embed_tokens: Embedding,
    /// The layers.
    #[inspect(len = C::LAYERS)]
    pub layers: Vec<Block<C>>,
    /// Normalises what the head reads.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
    pub norm: RmsNorm,
}

#[inspectable]
impl<C: LlamaConfig> Transformer<C> {
    /// A transformer with parameters that are drawn when first used.
    pub fn init(device: &Device) -> Self {
        Self {
            embed_tokens: EmbeddingConfig::new(C::VOCAB, C::HIDDEN)
                .with_initializer(INITIAL_WEIGHTS)
                .init(device),
            layers: (0..C::LAYERS).map(|_| Block::init(device)).collect(),
            norm: rms_norm(C::HIDDEN, C::RMS_EPS, device),
        }
    }

    /// The final residual stream, normalised.
    ///
    /// # Shapes
    ///
    /// (Batch, Seq) token ids to (Batch, Seq, Hidden)
    ///
    /// # Panics
    ///
    /// If an id is not below `C::VOCAB`; [`LanguageModel`](crate::LanguageModel) refuses that with an error. A
    /// sequence longer than `C::POSITIONS` runs, but the model was not trained on any.
    pub fn forward(&self, ids: Tensor<2, Int>, context: Context) -> Tensor<3> {
        let angles = rope::angles::<C>(context.positions(&ids));
        let mut x = self.embed_tokens.forward(ids);
        for (i, layer) in self.layers.iter().enumerate() {
            x = layer.forward(x, context.at_layer(i), Some(angles.clone()));
        }
        self.norm.forward(x)
    }
}
