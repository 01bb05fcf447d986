//! What a `config.json` says of a GPT-2: one reader, for the compiler and for a running program.

use super::activation::Activation;
use super::config::ConfigValues;
use crate::config_json::{ConfigJson, Wrong, or, required, tri};

impl ConfigValues {
    /// Reads a `config.json`.
    ///
    /// # Errors
    ///
    /// The field, and what it should hold: if it is missing, of another type, or asks for something that this
    /// GPT-2 does not compute.
    pub const fn read(json: ConfigJson<'_>) -> Result<Self, Wrong<'_>> {
        tri!(refuse_what_is_not_computed(json));
        let hidden = required!(json, "n_embd");
        let heads = required!(json, "n_head");
        if heads == 0 || !hidden.is_multiple_of(heads) {
            return Err(json.unlike("n_head", "a divisor of `n_embd`"));
        }
        let activation = or!(json.str("activation_function"), "gelu_new");
        let Some(activation) = Activation::from_name(activation) else {
            return Err(json.unlike("activation_function", Activation::NAMES));
        };
        Ok(Self {
            vocab: required!(json, "vocab_size"),
            positions: match tri!(json.usize("n_positions")) {
                Some(positions) => positions,
                None => match tri!(json.usize("n_ctx")) {
                    Some(positions) => positions,
                    None => return Err(Wrong::missing("n_positions", "a whole number")),
                },
            },
            hidden,
            layers: required!(json, "n_layer"),
            heads,
            mlp: or!(json.usize("n_inner"), 4 * hidden),
            ln_eps: or!(json.f64("layer_norm_epsilon"), 1e-5),
            activation,
        })
    }
}

const fn refuse_what_is_not_computed(json: ConfigJson<'_>) -> Result<(), Wrong<'_>> {
    if !matches!(or!(json.str("model_type"), "gpt2").as_bytes(), b"gpt2") {
        return Err(json.unlike("model_type", "`gpt2`"));
    }
    tri!(json.only("scale_attn_weights", true));
    tri!(json.only("scale_attn_by_inverse_layer_idx", false));
    json.only("add_cross_attention", false)
}
