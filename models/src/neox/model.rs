//! GPT-NeoX as a language model.

use super::axes::{Batch, Hidden, Key, Seq, Vocab};
use super::config::NeoxConfig;
use super::transformer::Transformer;
use crate::context::Context;
use crate::init::linear;
use crate::linear::Linear;
use burn::prelude::*;
use nnsight_core::{Inspectable, inspectable};

/// GPT-NeoX with its language-model head: `GPTNeoXForCausalLM` of Hugging Face, by its module names.
///
/// From [GPT-NeoX-20B: An Open-Source Autoregressive Language Model](https://arxiv.org/abs/2204.06745), and as
/// trained in [Pythia: A Suite for Analyzing Large Language Models Across Training and
/// Scaling](https://arxiv.org/abs/2304.01373). The head is called `embed_out`, as in the files on the hub;
/// transformers 5 calls it `lm_head`, and files with that name load too.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq): Int -> (Batch, Seq, Vocab<C>), Key = Seq)]
pub struct GptNeoX<C: NeoxConfig> {
    /// Everything before the head.
    pub gpt_neox: Transformer<C>,
    /// From the residual stream to a logit for each token; not tied to the embedding.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Vocab<C>))]
    pub embed_out: Linear,
}

#[inspectable]
impl<C: NeoxConfig> GptNeoX<C> {
    /// A model with parameters that are drawn when first used, so that making one costs nothing.
    pub fn init(device: &Device) -> Self {
        Self {
            gpt_neox: Transformer::init(device),
            embed_out: linear(C::HIDDEN, C::VOCAB, false, device),
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
    /// If an id is not below `C::VOCAB`; [`Prompt::into_rows`](crate::Prompt::into_rows) refuses that with an
    /// error.
    pub fn forward(&self, ids: Tensor<2, Int>, context: Context) -> Tensor<3> {
        let x = self.gpt_neox.forward(ids, context);
        self.embed_out.forward(x)
    }
}
