//! GPT-2 out of Hugging Face's files.

use super::activation::Activation;
use super::config::{FIXED_FIELDS, Gpt2Config};
use super::model::Gpt2;
use crate::error::Result;
use crate::language_model::CausalLm;
use crate::load::{ConfigFile, Layout, WeightFiles};
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
        for (field, wanted) in FIXED_FIELDS {
            if config.bool(field)?.is_some_and(|found| found != wanted) {
                return Err(config.wrong(field, format!("`{wanted}`, the only one computed here")));
            }
        }
        check_sizes::<C>(config)
    }

    fn load_weights(&mut self, files: &WeightFiles) -> Result<()> {
        files.load_into(self, &LAYOUT)
    }
}

/// Holds every size of the file against the type's.
fn check_sizes<C: Gpt2Config>(config: &ConfigFile) -> Result<()> {
    let mut comparison = crate::load::Comparison::default();

    let positions = match config.usize("n_positions")? {
        Some(positions) => Some(positions),
        None => config.usize("n_ctx")?,
    };
    let hidden = config.usize("n_embd")?;
    let sizes = [
        ("vocab_size", config.usize("vocab_size")?, C::VOCAB),
        ("n_positions", positions, C::POSITIONS),
        ("n_embd", hidden, C::HIDDEN),
        ("n_layer", config.usize("n_layer")?, C::LAYERS),
        ("n_head", config.usize("n_head")?, C::HEADS),
    ];
    for (field, found, wanted) in sizes {
        let found = found.ok_or_else(|| config.wrong(field, "a whole number"))?;
        comparison.field(field, found, wanted, found == wanted);
    }

    let mlp = match config.usize("n_inner")? {
        Some(mlp) => mlp,
        None => 4 * hidden.unwrap_or(C::HIDDEN),
    };
    comparison.field("n_inner", mlp, C::MLP, mlp == C::MLP);

    let eps = config.f64("layer_norm_epsilon")?.unwrap_or(1e-5);
    // Two readers of the same decimal may differ in the last bit.
    let agree = (eps - C::LN_EPS).abs() <= 1e-12 * C::LN_EPS.abs();
    comparison.field("layer_norm_epsilon", eps, C::LN_EPS, agree);

    let name = config.str("activation_function")?;
    let name = name.as_deref().unwrap_or("gelu_new");
    let activation = Activation::from_name(name)
        .ok_or_else(|| config.wrong("activation_function", format!("one of {}", Activation::NAMES)))?;
    let wanted = C::ACTIVATION.name();
    comparison.field("activation_function", name, wanted, activation == C::ACTIVATION);

    comparison.finish(config, C::NAME, "gpt2_config!")
}
