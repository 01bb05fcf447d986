//! GPT-2 as a language model.

use super::axes::{Batch, Hidden, Key, Seq, Vocab};
use super::config::Gpt2Config;
use super::transformer::Transformer;
use crate::context::Context;
use crate::init::linear;
use crate::linear::Linear;
use burn::prelude::*;
use nnsight_core::{Inspectable, inspectable};

/// GPT-2 with its language-model head: `GPT2LMHeadModel` of Hugging Face, by its module names.
///
/// From [Language Models are Unsupervised Multitask
/// Learners](https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf).
///
/// # The head holds its own weight
///
/// In GPT-2 the head is tied to the token embedding. Here `lm_head` is a layer as the others are:
/// it holds the embedding's transpose as a weight of its own, (Hidden, Vocab), with its own
/// gradient. The price is memory (154 MB for [`small`](super::small)), and that training the
/// model would change the two apart. Loading keeps them equal; [`init`](Self::init) draws them
/// independently.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq): Int -> (Batch, Seq, Vocab<C>), Key = Seq)]
pub struct Gpt2<C: Gpt2Config> {
    /// Everything before the head.
    pub transformer: Transformer<C>,
    /// From the residual stream to a logit for each token.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Vocab<C>))]
    pub lm_head: Linear,
}

#[inspectable]
impl<C: Gpt2Config> Gpt2<C> {
    /// A model with parameters that are drawn when first used, so that making one costs nothing.
    pub fn init(device: &Device) -> Self {
        Self {
            transformer: Transformer::init(device),
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
    /// If the sequence is longer than `C::POSITIONS`, or an id is not below `C::VOCAB`;
    /// [`Prompt::into_rows`](crate::Prompt::into_rows) refuses both with an error.
    pub fn forward(&self, ids: Tensor<2, Int>, context: Context) -> Tensor<3> {
        let x = self.transformer.forward(ids, context);
        self.lm_head.forward(x)
    }
}
