//! GPT-NeoX out of Hugging Face's files.

use super::config::{ConfigValues, NeoxConfig};
use super::model::GptNeoX;
use crate::error::Result;
use crate::language_model::CausalLm;
use crate::load::{Comparison, ConfigFile, Layout, WeightFiles};
use burn::prelude::*;

/// The files on the hub hold causal masks and frequencies, which are computed here. `lm_head` is what
/// transformers 5 calls the head in memory.
const LAYOUT: Layout = Layout {
    renames: &[
        (r"^lm_head\.", "embed_out."),
        (r"\.final_layer_norm\.weight$", ".final_layer_norm.gamma"),
        (r"\.final_layer_norm\.bias$", ".final_layer_norm.beta"),
    ],
    ignored: |name| {
        name.ends_with(".attention.bias")
            || name.ends_with(".attention.masked_bias")
            || name.ends_with("rotary_emb.inv_freq")
    },
    transposed: |name| name.ends_with(".weight") && name != "gpt_neox.embed_in.weight",
    tied: None,
};

impl<C: NeoxConfig> CausalLm for GptNeoX<C> {
    type Config = C;

    const FAMILY: &'static str = "gpt_neox";
    const VOCAB: usize = C::VOCAB;
    const POSITIONS: usize = C::POSITIONS;

    fn init(device: &Device) -> Self {
        GptNeoX::init(device)
    }

    fn check_config(config: &ConfigFile) -> Result<()> {
        config.expect_family(Self::FAMILY)?;
        let found = config.values(ConfigValues::read)?;
        found
            .differences(&C::VALUES)
            .finish(config, C::NAME, "neox_config!")
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
        comparison.same("max_position_embeddings", self.positions, model.positions);
        comparison.same("hidden_size", self.hidden, model.hidden);
        comparison.same("num_hidden_layers", self.layers, model.layers);
        comparison.same("num_attention_heads", self.heads, model.heads);
        comparison.same("intermediate_size", self.mlp, model.mlp);
        comparison.near("layer_norm_eps", self.ln_eps, model.ln_eps);
        comparison.near("rotary_pct", self.rotary_share(), model.rotary_share());
        comparison.near("rotary_emb_base", self.rotary_base, model.rotary_base);
        comparison.same("use_parallel_residual", self.parallel, model.parallel);
        comparison.same("hidden_act", self.activation.name(), model.activation.name());
        comparison
    }

    /// Of a head's entries, those that are turned.
    fn rotary_share(&self) -> f64 {
        (self.rotary * self.heads) as f64 / self.hidden as f64
    }
}
