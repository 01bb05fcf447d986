//! GPT-NeoX without its head.

use super::axes::{Batch, Hidden, Seq};
use super::config::{NeoxConfig, frequencies};
use super::layer::Layer;
use crate::context::Context;
use crate::init::{INITIAL_WEIGHTS, layer_norm};
use crate::rotary::Angles;
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm};
use burn::prelude::*;
use nnsight_core::{Inspectable, inspectable};

/// The embedding, the layers, and the last layer norm.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq): Int -> (Batch, Seq, Hidden<C>))]
pub struct Transformer<C: NeoxConfig> {
    /// A vector for each token.
    #[inspect((Batch, Seq): Int -> (Batch, Seq, Hidden<C>))]
    pub embed_in: Embedding,
    /// The layers.
    #[inspect(len = C::LAYERS)]
    pub layers: Vec<Layer<C>>,
    /// Normalises what the head reads.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
    pub final_layer_norm: LayerNorm,
}

#[inspectable]
impl<C: NeoxConfig> Transformer<C> {
    /// A transformer with parameters that are drawn when first used.
    pub fn init(device: &Device) -> Self {
        Self {
            embed_in: EmbeddingConfig::new(C::VOCAB, C::HIDDEN)
                .with_initializer(INITIAL_WEIGHTS)
                .init(device),
            layers: (0..C::LAYERS).map(|_| Layer::init(device)).collect(),
            final_layer_norm: layer_norm(C::HIDDEN, C::LN_EPS, device),
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
    /// If an id is not below `C::VOCAB`; [`Prompt::into_rows`](crate::Prompt::into_rows) refuses that with an
    /// error. A sequence longer than `C::POSITIONS` runs, but the model was not trained on any.
    pub fn forward(&self, ids: Tensor<2, Int>, context: Context) -> Tensor<3> {
        let angles = Angles::new(context.positions(&ids), &frequencies::<C>());
        let mut x = self.embed_in.forward(ids);
        for (i, layer) in self.layers.iter().enumerate() {
            x = layer.forward(x, context.at_layer(i), Some(angles.clone()));
        }
        self.final_layer_norm.forward(x)
    }
}
