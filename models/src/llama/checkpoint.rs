//! Llama out of Hugging Face's files.

use super::config::{ConfigValues, Family, LlamaConfig};
use super::model::Llama;
use crate::error::Result;
use crate::language_model::CausalLm;
use crate::load::{Comparison, ConfigFile, Layout, WeightFiles};
use burn::prelude::*;

/// Matrices are stored (out, in), all but the embedding. Old files hold the frequencies of rotary positions,
/// which are computed here.
const LAYOUT: Layout = Layout {
    renames: &[],
    ignored: |name| name.ends_with("rotary_emb.inv_freq"),
    transposed: |name| name.ends_with(".weight") && name != EMBEDDING,
    tied: None,
};
const TIED_LAYOUT: Layout = Layout {
    tied: Some((EMBEDDING, "lm_head.weight")),
    ..LAYOUT
};
const EMBEDDING: &str = "model.embed_tokens.weight";

impl<C: LlamaConfig> CausalLm for Llama<C> {
    type Config = C;

    const FAMILY: &'static str = C::FAMILY.name();
    const VOCAB: usize = C::VOCAB;
    const POSITIONS: usize = C::POSITIONS;

    fn init(device: &Device) -> Self {
        Llama::init(device)
    }

    fn check_config(config: &ConfigFile) -> Result<()> {
        // llama.cpp calls a Mistral a llama, and its files say nothing of a window.
        let is_called_llama = config.is_gguf() && C::FAMILY == Family::Mistral;
        config.expect_family(if is_called_llama { "llama" } else { Self::FAMILY })?;
        let mut found = config.values(ConfigValues::read)?;
        if is_called_llama {
            found.window = C::WINDOW;
        }
        found
            .differences(&C::VALUES)
            .finish(config, C::NAME, "llama_config!")
    }

    fn load_weights(&mut self, files: &WeightFiles) -> Result<()> {
        files.load_into(self, if C::TIED { &TIED_LAYOUT } else { &LAYOUT })
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
        comparison.same("num_key_value_heads", self.kv_heads, model.kv_heads);
        comparison.same("head_dim", self.head_dim, model.head_dim);
        comparison.same("intermediate_size", self.mlp, model.mlp);
        comparison.near("rms_norm_eps", self.rms_eps, model.rms_eps);
        comparison.near("rope_theta", self.rope_theta, model.rope_theta);
        comparison.same("rope_scaling", self.rope_scaling, model.rope_scaling);
        let window = |window: Option<usize>| window.map_or("none".to_owned(), |window| window.to_string());
        comparison.same("sliding_window", window(self.window), window(model.window));
        comparison.same("attention_bias", self.qkv_bias, model.qkv_bias);
        comparison.same("mlp_bias", self.mlp_bias, model.mlp_bias);
        comparison.same("tie_word_embeddings", self.tied, model.tied);
        comparison
    }
}
