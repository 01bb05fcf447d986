//! Models whose inside can be read and changed, and what is needed to talk to them.
//!
//! | module | what it holds |
//! |---|---|
//! | [`decoder`] | what all families have under the same names, so that one experiment runs on any |
//! | [`gpt2`] | GPT-2 with Hugging Face's module names; [`gpt2_config!`] makes a size from a `config.json` |
//! | [`neox`] | GPT-NeoX and the Pythia suite, likewise; [`neox_config!`] |
//! | [`llama`] | Llama 2 and 3, TinyLlama, SmolLM2, Mistral, Qwen2 and Qwen2.5, likewise; [`llama_config!`] |
//! | [`load`] | weights from a directory in Hugging Face's layout, or from the hub |
//! | [`linear`] | the models' linear layers, laid out for speed |
//! | [`tokenizer`] | text to token ids and back |
//! | [`token_ids`] | token ids, however they are held |
//! | [`context`] | where the prompts of a batch begin, and what earlier passes have left |
//! | [`cache`] | keys and values, from one pass to the next |
//! | [`language_model`] | a model, its tokenizer and its weights under one name |
//!
//! Sizes are part of a model's type, so that a layer or a unit which does not exist is a compile
//! error; a file that describes another size is refused when it is opened, before its weights are read.

#![warn(missing_docs)]

// What the macros write names `::nnsight`.
extern crate nnsight_core as nnsight;

pub mod axes;
pub mod cache;
mod config;
pub mod config_json;
pub mod context;
pub mod decoder;
pub mod error;
pub mod gpt2;
mod init;
pub mod language_model;
pub mod linear;
pub mod llama;
pub mod load;
pub mod neox;
pub mod rotary;
pub mod token_ids;
pub mod tokenizer;

pub use cache::KeyValueCache;
pub use context::Context;
pub use decoder::{BlockSites, Decoder};
pub use error::{Error, Result};
pub use language_model::{
    CausalLm, Generating, GeneratingPrompts, Generation, LanguageModel, NewToken, Prompt, Prompts, Sampling,
};
pub use linear::Linear;
pub use token_ids::TokenIds;
pub use tokenizer::Tokenizer;

/// What [`gpt2_config!`] expands to needs; not part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use burn;
}
