//! GPT-2 without its head.

use super::axes::{Batch, Hidden, Seq};
use super::block::Block;
use super::config::Gpt2Config;
use crate::context::Context;
use crate::init::{INITIAL_WEIGHTS, layer_norm};
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm};
use burn::prelude::*;
use nnsight_core::{Inspectable, inspectable};

/// Embeddings, the blocks, and the last layer norm.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq): Int -> (Batch, Seq, Hidden<C>))]
pub struct Transformer<C: Gpt2Config> {
    /// A vector for each token.
    #[inspect((Batch, Seq): Int -> (Batch, Seq, Hidden<C>))]
    pub wte: Embedding,
    /// A vector for each position.
    #[inspect((Batch, Seq): Int -> (Batch, Seq, Hidden<C>))]
    pub wpe: Embedding,
    /// The layers.
    #[inspect(len = C::LAYERS)]
    pub h: Vec<Block<C>>,
    /// Normalises what the head reads.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
    pub ln_f: LayerNorm,
}

#[inspectable]
impl<C: Gpt2Config> Transformer<C> {
    /// A transformer with parameters that are drawn when first used.
    pub fn init(device: &Device) -> Self {
        let embedding = |rows| {
            EmbeddingConfig::new(rows, C::HIDDEN)
                .with_initializer(INITIAL_WEIGHTS)
                .init(device)
        };
        Self {
            wte: embedding(C::VOCAB),
            wpe: embedding(C::POSITIONS),
            h: (0..C::LAYERS).map(|_| Block::init(device)).collect(),
            ln_f: layer_norm(C::HIDDEN, C::LN_EPS, device),
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
    /// If the sequence is longer than `C::POSITIONS`, or an id is not below `C::VOCAB`;
    /// [`Prompt::into_rows`](crate::Prompt::into_rows) refuses both with an error.
    pub fn forward(&self, ids: Tensor<2, Int>, context: Context) -> Tensor<3> {
        let positions = context.positions(&ids);
        let mut x = self.wte.forward(ids) + self.wpe.forward(positions);
        for (i, block) in self.h.iter().enumerate() {
            x = block.forward(x, context.at_layer(i));
        }
        self.ln_f.forward(x)
    }
}
