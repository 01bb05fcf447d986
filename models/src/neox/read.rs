//! What a `config.json` says of a GPT-NeoX: one reader, for the compiler and for a running program.

use super::Activation;
use super::config::ConfigValues;
use crate::config_json::{ConfigJson, Found, Wrong, or, required, tri};

impl ConfigValues {
    /// Reads a `config.json`.
    ///
    /// # Errors
    ///
    /// The field, and what it should hold: if it is missing, of another type, or asks for something that this
    /// GPT-NeoX does not compute.
    pub const fn read(json: ConfigJson<'_>) -> Result<Self, Wrong<'_>> {
        tri!(refuse_what_is_not_computed(json));
        let hidden = required!(json, "hidden_size");
        let heads = required!(json, "num_attention_heads");
        if heads == 0 || !hidden.is_multiple_of(heads) {
            return Err(json.unlike("num_attention_heads", "a divisor of `hidden_size`"));
        }
        let activation = or!(json.str("hidden_act"), "gelu");
        let Some(activation) = Activation::from_name(activation) else {
            return Err(json.unlike("hidden_act", Activation::NAMES));
        };
        Ok(Self {
            vocab: required!(json, "vocab_size"),
            positions: required!(json, "max_position_embeddings"),
            hidden,
            layers: required!(json, "num_hidden_layers"),
            heads,
            mlp: required!(json, "intermediate_size"),
            ln_eps: or!(json.f64("layer_norm_eps"), 1e-5),
            activation,
            rotary: tri!(turned_entries(json, hidden / heads)),
            rotary_base: or!(
                either(json, ["rope_parameters.rope_theta", "rotary_emb_base"]),
                10_000.0
            ),
            parallel: or!(json.bool("use_parallel_residual"), true),
        })
    }
}

const fn refuse_what_is_not_computed(json: ConfigJson<'_>) -> Result<(), Wrong<'_>> {
    if !matches!(or!(json.str("model_type"), "gpt_neox").as_bytes(), b"gpt_neox") {
        return Err(json.unlike("model_type", "`gpt_neox`"));
    }
    tri!(json.only("attention_bias", true));
    tri!(json.only("tie_word_embeddings", false));
    let kinds = [
        "rope_parameters.rope_type",
        "rope_scaling.rope_type",
        "rope_scaling.type",
    ];
    let mut i = 0;
    while i < kinds.len() {
        if !matches!(or!(json.str(kinds[i]), "default").as_bytes(), b"default") {
            return Err(json.unlike(kinds[i], "`default`, the only one computed here"));
        }
        i += 1;
    }
    Ok(())
}

/// How many of a head's entries are turned: a whole number of planes.
const fn turned_entries(json: ConfigJson<'_>, head: usize) -> Result<usize, Wrong<'_>> {
    let fields = ["rope_parameters.partial_rotary_factor", "rotary_pct"];
    let share = or!(either(json, fields), 0.25);
    // As Python's `int(head * share)`.
    let entries = (head as f64 * share) as usize;
    if share < 0.0 || entries > head || !entries.is_multiple_of(2) {
        let wanted = "a share of a head that is an even number of entries, and not more than there are";
        return Err(json.unlike(fields[1], wanted));
    }
    Ok(entries)
}

/// A field as transformers 5 writes it, or else as the files on the hub have it.
const fn either<'a>(json: ConfigJson<'a>, fields: [&'static str; 2]) -> Found<'a, f64> {
    match tri!(json.f64(fields[0])) {
        None => json.f64(fields[1]),
        found => Ok(found),
    }
}
