//! GPT-NeoX out of Hugging Face's files.

use super::config::{ConfigValues, NeoxConfig};
use super::model::GptNeoX;
use crate::config_json::ConfigJson;
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
        let name = config.file().display().to_string();
        let found = ConfigValues::try_read(ConfigJson::new(config.text(), &name))
            .map_err(|wrong| config.wrong_field(wrong))?;
        let differences = found.differences(&C::VALUES);
        differences.finish(config, C::NAME, "neox_config!")
    }

    fn load_weights(&mut self, files: &WeightFiles) -> Result<()> {
        files.load_into(self, &LAYOUT)
    }
}

impl ConfigValues {
    /// Every field in which what a file says is not what a type says.
    fn differences(&self, model: &Self) -> Comparison {
        let mut comparison = Comparison::default();
        let sizes = [
            ("vocab_size", self.vocab, model.vocab),
            ("max_position_embeddings", self.positions, model.positions),
            ("hidden_size", self.hidden, model.hidden),
            ("num_hidden_layers", self.layers, model.layers),
            ("num_attention_heads", self.heads, model.heads),
            ("intermediate_size", self.mlp, model.mlp),
        ];
        for (field, file, model) in sizes {
            comparison.field(field, file, model, file == model);
        }
        let numbers = [
            ("layer_norm_eps", self.ln_eps, model.ln_eps),
            ("rotary_pct", self.rotary_share(), model.rotary_share()),
            ("rotary_emb_base", self.rotary_base, model.rotary_base),
        ];
        for (field, file, model) in numbers {
            // Some files were written from numbers in f32.
            comparison.field(field, file, model, (file - model).abs() <= 1e-6 * model.abs());
        }
        let (file, model_parallel) = (self.parallel, model.parallel);
        comparison.field(
            "use_parallel_residual",
            file,
            model_parallel,
            file == model_parallel,
        );
        let (file, model) = (self.activation, model.activation);
        comparison.field("hidden_act", file.name(), model.name(), file == model);
        comparison
    }

    /// Of a head's entries, those that are turned.
    fn rotary_share(&self) -> f64 {
        (self.rotary * self.heads) as f64 / self.hidden as f64
    }
}
