//! What a `config.json` says of a Llama: one reader, for the compiler and for a running program.

mod rope;

use super::config::{ConfigValues, Family};
use crate::config_json::{ConfigJson, Wrong, or, required, tri};

impl ConfigValues {
    /// Reads a `config.json`.
    ///
    /// # Errors
    ///
    /// The field, and what it should hold: if it is missing, of another type, or asks for something that this
    /// Llama does not compute.
    pub const fn read(json: ConfigJson<'_>) -> Result<Self, Wrong<'_>> {
        let family = tri!(family(json));
        tri!(refuse_what_is_not_computed(json));
        let heads = required!(json, "num_attention_heads");
        let kv_heads = or!(json.usize("num_key_value_heads"), heads);
        if kv_heads == 0 || !heads.is_multiple_of(kv_heads) {
            let wanted = "a number that `num_attention_heads` is a multiple of";
            return Err(json.unlike("num_key_value_heads", wanted));
        }
        let hidden = required!(json, "hidden_size");
        let head_dim = match tri!(json.usize("head_dim")) {
            Some(head_dim) => head_dim,
            None if heads != 0 && hidden.is_multiple_of(heads) => hidden / heads,
            None => {
                let wanted = "given, or `hidden_size` a multiple of `num_attention_heads`";
                return Err(Wrong::missing("head_dim", wanted));
            }
        };
        if head_dim == 0 || !head_dim.is_multiple_of(2) {
            let wanted = "an even number, for rotary positions";
            return Err(json.unlike("head_dim", wanted));
        }
        let rms_eps = or!(json.f64("rms_norm_eps"), 1e-6);
        if rms_eps <= 0.0 {
            return Err(json.unlike("rms_norm_eps", "a number above 0"));
        }
        let positions = required!(json, "max_position_embeddings");
        let bias = matches!(family, Family::Llama) && or!(json.bool("attention_bias"), false);
        Ok(Self {
            family,
            vocab: required!(json, "vocab_size"),
            positions,
            hidden,
            layers: required!(json, "num_hidden_layers"),
            heads,
            kv_heads,
            head_dim,
            mlp: required!(json, "intermediate_size"),
            rms_eps,
            rope_theta: match tri!(json.f64("rope_parameters.rope_theta")) {
                Some(theta) => theta,
                None => or!(json.f64("rope_theta"), 10_000.0),
            },
            rope_scaling: tri!(rope::scaling(json, positions)),
            window: tri!(window(json, family)),
            qkv_bias: bias || matches!(family, Family::Qwen2),
            o_bias: bias,
            mlp_bias: matches!(family, Family::Llama) && or!(json.bool("mlp_bias"), false),
            tied: or!(json.bool("tie_word_embeddings"), false),
        })
    }
}

const fn family(json: ConfigJson<'_>) -> Result<Family, Wrong<'_>> {
    let name = or!(json.str("model_type"), "llama");
    match Family::from_name(name) {
        Some(family) => Ok(family),
        None => Err(json.unlike("model_type", "`llama`, `mistral` or `qwen2`")),
    }
}

const fn refuse_what_is_not_computed(json: ConfigJson<'_>) -> Result<(), Wrong<'_>> {
    let activation = or!(json.str("hidden_act"), "silu");
    if !matches!(activation.as_bytes(), b"silu" | b"swish") {
        return Err(json.unlike("hidden_act", "`silu`, the only one computed here"));
    }
    // A Qwen2's windows are of some layers only.
    tri!(json.only("use_sliding_window", false));
    if or!(json.usize("num_local_experts"), 0) != 0 {
        return Err(json.unlike("num_local_experts", "none: experts are not computed here"));
    }
    let partial = ["partial_rotary_factor", "rope_parameters.partial_rotary_factor"];
    let mut i = 0;
    while i < partial.len() {
        if or!(json.f64(partial[i]), 1.0) != 1.0 {
            return Err(json.unlike(partial[i], "1, the only one computed here"));
        }
        i += 1;
    }
    Ok(())
}

const fn window(json: ConfigJson<'_>, family: Family) -> Result<Option<usize>, Wrong<'_>> {
    // Here `null` means that there is none, and an absent field what `MistralConfig` has by default.
    match family {
        Family::Mistral if tri!(json.has("sliding_window")) => json.usize("sliding_window"),
        Family::Mistral => Ok(Some(4096)),
        Family::Llama | Family::Qwen2 => Ok(None),
    }
}
