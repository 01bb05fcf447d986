//! What the examples share: opening whichever model a `config.json` describes, and printing.

#![allow(dead_code, reason = "each example uses its part")]

pub mod open;
pub mod print;

use nnsight::models::{Decoder, LanguageModel};

/// The small GPT-2 that ships with the repository.
pub const FACTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/checkpoints/facts-gpt2");

/// How an example ends.
pub type Outcome = Result<(), Box<dyn std::error::Error>>;

/// The layer that was asked for, or else `default`.
pub fn layer<M: Decoder>(asked: Option<usize>, default: usize) -> Result<usize, String> {
    match asked {
        Some(layer) if layer >= M::LAYERS => Err(format!(
            "there is no layer {layer}: this model has {}, from 0 to {}",
            M::LAYERS,
            M::LAYERS - 1
        )),
        asked => Ok(asked.unwrap_or(default)),
    }
}

/// The tokens that usually end a text, as far as the model has them.
pub fn ends_of_text<M: Decoder>(lm: &LanguageModel<M>) -> Vec<i64> {
    let spelt = ["<|endoftext|>", "<|im_end|>", "<|eot_id|>", "</s>"];
    let ids = spelt
        .into_iter()
        .filter_map(|token| lm.tokenizer().token_to_id(token));
    ids.map(i64::from).collect()
}
