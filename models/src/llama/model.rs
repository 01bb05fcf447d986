//! Llama as a language model.

use super::axes::{Batch, Hidden, Key, Seq, Vocab};
use super::config::LlamaConfig;
use super::transformer::Transformer;
use crate::context::Context;
use crate::init::linear;
use crate::linear::Linear;
use burn::prelude::*;
use nnsight_core::{Inspectable, inspectable};

/// Llama with its language-model head: `LlamaForCausalLM` of Hugging Face, by its module names.
///
/// From [LLaMA: Open and Efficient Foundation Language Models](https://arxiv.org/abs/2302.13971).
///
/// # The head holds its own weight
///
/// Where the head is tied to the token embedding (`tie_word_embeddings`), `lm_head` is a layer as the others are
/// all the same: it holds the embedding's transpose as a weight of its own, (Hidden, Vocab), with its own
/// gradient. The price is memory, and that training the model would change the two apart. Loading keeps them
/// equal; [`init`](Self::init) draws them independently.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq): Int -> (Batch, Seq, Vocab<C>), Key = Seq)]
pub struct Llama<C: LlamaConfig> {
    /// Everything before the head.
    pub model: Transformer<C>,
    /// From the residual stream to a logit for each token.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Vocab<C>))]
    pub lm_head: Linear,
}

#[inspectable]
impl<C: LlamaConfig> Llama<C> {
    /// A model with parameters that are drawn when first used, so that making one costs nothing.
    pub fn init(device: &Device) -> Self {
        Self {
            model: Transformer::init(device),
            lm_head: linear(C::HIDDEN, C::VOCAB, false, device),
        }
    }

    /// The logits of the next token, at each position.
    ///
    /// # Shapes
    ///
    /// (Batch, Seq) token ids to (Batch, Seq, Vocab)
    ///
    /// # Panics
    ///
    /// If an id is not below `C::VOCAB`; [`LanguageModel`](crate::LanguageModel) refuses that with an error. A
    /// sequence longer than `C::POSITIONS` runs, but the model was not trained on any.
    pub fn forward(&self, ids: Tensor<2, Int>, context: Context) -> Tensor<3> {
        let x = self.model.forward(ids, context);
        self.lm_head.forward(x)
    }
}
