//! What a `config.json` says of a GPT-NeoX: one reader, for the compiler and for a running program.

use super::Activation;
use super::config::ConfigValues;
use crate::config_json::{ConfigJson, Found, Wrong, tri};

/// A field that must be there.
macro_rules! required {
    ($json:ident, $field:literal) => {
        match tri!($json.try_usize($field)) {
            Some(number) => number,
            None => return Err(Wrong::missing($field, "a whole number")),
        }
    };
}

/// A field that stands for a value where it is absent.
macro_rules! or {
    ($found:expr, $default:expr) => {
        match tri!($found) {
            Some(value) => value,
            None => $default,
        }
    };
}

/// What a field should hold, and does not.
const fn unlike<'a>(json: ConfigJson<'a>, field: &'static str, wanted: &'static str) -> Wrong<'a> {
    match json.try_raw(field) {
        Ok(found) => Wrong::Field { field, wanted, found },
        Err(wrong) => wrong,
    }
}

impl ConfigValues {
    /// Reads the text of a `config.json`; `file` is what messages call it.
    ///
    /// # Panics
    ///
    /// With a message that names the field: if it is missing, of another type, or asks for
    /// something that this GPT-NeoX does not compute. In a constant that is a compile error.
    #[track_caller]
    pub const fn read(text: &str, file: &str) -> Self {
        match Self::try_read(ConfigJson::new(text, file)) {
            Ok(values) => values,
            Err(wrong) => wrong.panic(file),
        }
    }

    /// The same, for a text that comes when the program runs.
    ///
    /// # Errors
    ///
    /// The field, and what it should hold.
    pub const fn try_read(json: ConfigJson<'_>) -> Result<Self, Wrong<'_>> {
        tri!(refuse_what_is_not_computed(json));
        let hidden = required!(json, "hidden_size");
        let heads = required!(json, "num_attention_heads");
        if heads == 0 || !hidden.is_multiple_of(heads) {
            return Err(unlike(json, "num_attention_heads", "a divisor of `hidden_size`"));
        }
        let activation = or!(json.try_str("hidden_act"), "gelu");
        let Some(activation) = Activation::from_name(activation) else {
            return Err(unlike(json, "hidden_act", ACTIVATIONS));
        };
        Ok(Self {
            vocab: required!(json, "vocab_size"),
            positions: required!(json, "max_position_embeddings"),
            hidden,
            layers: required!(json, "num_hidden_layers"),
            heads,
            mlp: required!(json, "intermediate_size"),
            ln_eps: or!(json.try_f64("layer_norm_eps"), 1e-5),
            activation,
            rotary: tri!(turned_entries(json, hidden / heads)),
            rotary_base: or!(
                either(json, ["rope_parameters.rope_theta", "rotary_emb_base"]),
                10_000.0
            ),
            parallel: or!(json.try_bool("use_parallel_residual"), true),
        })
    }
}

const ACTIVATIONS: &str = "one of gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, relu, silu, swish";

const fn refuse_what_is_not_computed(json: ConfigJson<'_>) -> Result<(), Wrong<'_>> {
    if !matches!(
        or!(json.try_str("model_type"), "gpt_neox").as_bytes(),
        b"gpt_neox"
    ) {
        return Err(unlike(json, "model_type", "`gpt_neox`"));
    }
    if !or!(json.try_bool("attention_bias"), true) {
        return Err(unlike(
            json,
            "attention_bias",
            "`true`, the only one computed here",
        ));
    }
    if or!(json.try_bool("tie_word_embeddings"), false) {
        return Err(unlike(
            json,
            "tie_word_embeddings",
            "`false`, the only one computed here",
        ));
    }
    let kinds = [
        "rope_parameters.rope_type",
        "rope_scaling.rope_type",
        "rope_scaling.type",
    ];
    let mut i = 0;
    while i < kinds.len() {
        if !matches!(or!(json.try_str(kinds[i]), "default").as_bytes(), b"default") {
            return Err(unlike(json, kinds[i], "`default`, the only one computed here"));
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
        return Err(unlike(json, fields[1], wanted));
    }
    Ok(entries)
}

/// A field as transformers 5 writes it, or else as the files on the hub have it.
const fn either<'a>(json: ConfigJson<'a>, fields: [&'static str; 2]) -> Found<'a, f64> {
    match tri!(json.try_f64(fields[0])) {
        None => json.try_f64(fields[1]),
        found => Ok(found),
    }
}
