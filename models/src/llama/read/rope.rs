//! What a `config.json` says of rotary positions that are stretched.

use super::super::rope::RopeScaling;
use crate::config_json::{ConfigJson, Wrong, tri};

/// A field of `rope_parameters`, as transformers 5 writes them, or of `rope_scaling`, as the files on the hub
/// have it.
macro_rules! rope {
    ($json:ident.$get:ident($field:literal)) => {
        match tri!($json.$get(concat!("rope_parameters.", $field))) {
            None => tri!($json.$get(concat!("rope_scaling.", $field))),
            found => found,
        }
    };
    ($json:ident.$get:ident($field:literal), $wanted:literal) => {
        match rope!($json.$get($field)) {
            Some(value) => value,
            None => return Err(Wrong::missing(concat!("rope_scaling.", $field), $wanted)),
        }
    };
}

pub(super) const fn scaling(json: ConfigJson<'_>, positions: usize) -> Result<RopeScaling, Wrong<'_>> {
    let kind = match rope!(json.str("rope_type")) {
        Some(kind) => kind,
        None => match rope!(json.str("type")) {
            Some(kind) => kind,
            None => "default",
        },
    };
    let original_positions = match rope!(json.usize("original_max_position_embeddings")) {
        Some(original) => original,
        None => positions,
    };
    Ok(match kind.as_bytes() {
        b"default" | b"dynamic" => RopeScaling::Plain,
        b"linear" => RopeScaling::Linear {
            factor: rope!(json.f64("factor"), "a number"),
        },
        b"llama3" => RopeScaling::Llama3 {
            factor: rope!(json.f64("factor"), "a number"),
            low: rope!(json.f64("low_freq_factor"), "a number"),
            high: rope!(json.f64("high_freq_factor"), "a number"),
            original_positions,
        },
        b"yarn" => {
            // It changes the length in a way of its own, for DeepSeek's models.
            if let Some(found) = rope!(json.raw("mscale_all_dim")) {
                return Err(Wrong::Field {
                    field: "rope_scaling.mscale_all_dim",
                    wanted: "absent, as it is not computed here",
                    found: Some(found),
                });
            }
            RopeScaling::Yarn {
                factor: rope!(json.f64("factor"), "a number"),
                fast: match rope!(json.f64("beta_fast")) {
                    Some(fast) => fast,
                    None => 32.0,
                },
                slow: match rope!(json.f64("beta_slow")) {
                    Some(slow) => slow,
                    None => 1.0,
                },
                original_positions,
                length: rope!(json.f64("attention_factor")),
                whole: match rope!(json.bool("truncate")) {
                    Some(whole) => whole,
                    None => true,
                },
            }
        }
        _ => {
            return Err(Wrong::Field {
                field: "rope_scaling.rope_type",
                wanted: RopeScaling::NAMES,
                found: Some(kind),
            });
        }
    })
}
