//! GPT-2 out of Hugging Face's files.

use super::config::{ConfigValues, Gpt2Config};
use super::model::Gpt2;
use crate::error::Result;
use crate::language_model::CausalLm;
use crate::load::{Comparison, ConfigFile, Layout, WeightFiles};
use burn::prelude::*;

/// GPT-2's file on the hub has no prefix `transformer.`; files saved from `GPT2LMHeadModel` have it.
/// Its `Conv1D` weights are stored (in, out), as Burn's `Linear` wants them; only the head is not.
const LAYOUT: Layout = Layout {
    renames: &[(r"^(wte|wpe|h|ln_f)\.", "transformer.$1.")],
    ignored: |name| name.ends_with(".attn.bias") || name.ends_with(".attn.masked_bias"),
    transposed: |name| name == "lm_head.weight",
    tied: Some(("transformer.wte.weight", "lm_head.weight")),
};

impl<C: Gpt2Config> CausalLm for Gpt2<C> {
    type Config = C;

    const FAMILY: &'static str = "gpt2";
    const VOCAB: usize = C::VOCAB;
    const POSITIONS: usize = C::POSITIONS;

    fn init(device: &Device) -> Self {
        Gpt2::init(device)
    }

    fn check_config(config: &ConfigFile) -> Result<()> {
        config.expect_family(Self::FAMILY)?;
        let found = config.values(ConfigValues::read)?;
        found
            .differences(&C::VALUES)
            .finish(config, C::NAME, "gpt2_config!")
    }

    fn load_weights(&mut self, files: &WeightFiles) -> Result<()> {
        files.load_into(self, &LAYOUT)
    }
}

impl ConfigValues {
    /// Every field in which what a file says is not what a type says.
    fn differences(&self, model: &Self) -> Comparison {
        let mut comparison = Comparison::default();
        comparison.same("vocab_size", self.vocab, model.vocab);
        comparison.same("n_positions", self.positions, model.positions);
        comparison.same("n_embd", self.hidden, model.hidden);
        comparison.same("n_layer", self.layers, model.layers);
        comparison.same("n_head", self.heads, model.heads);
        comparison.same("n_inner", self.mlp, model.mlp);
        comparison.near("layer_norm_epsilon", self.ln_eps, model.ln_eps);
        comparison.same(
            "activation_function",
            self.activation.name(),
            model.activation.name(),
        );
        comparison
    }
}
