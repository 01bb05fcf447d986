//! GGUF, the format of llama.cpp: a model in one file, its weights most often quantised.
//!
//! Read with the crate [`anamnesis`]. What llama.cpp calls `llama` or `qwen2` is offered under Hugging Face's
//! names: its metadata as a [`ConfigFile`](super::ConfigFile), its tensors dequantised to f32 when each is
//! wanted, and its tokenizer as the crate `tokenizers` has it.

mod config;
mod metadata;
mod tokenizer;
mod weights;

pub(super) use config::config;
pub(super) use tokenizer::tokenizer;
pub(super) use weights::stored_tensors;

use crate::error::{Error, Result};
use anamnesis::AnamnesisError;
use std::fs::File;
use std::path::Path;

/// What llama.cpp calls the architectures that can be read here: `general.architecture`.
const ARCHITECTURES: [&str; 2] = ["llama", "qwen2"];

/// Llama 3.1's factors of the frequencies of rotary positions, which llama.cpp keeps as a tensor.
const ROPE_FACTORS: &str = "rope_freqs.weight";

fn open(file: &Path) -> Result<File> {
    File::open(file).map_err(|source| Error::Io {
        file: file.to_owned(),
        source,
    })
}

fn broken(file: &Path, error: AnamnesisError) -> Error {
    let file = file.to_owned();
    match error {
        AnamnesisError::Io(source) => Error::Io { file, source },
        other => Error::BrokenGguf {
            file,
            reason: other.to_string(),
        },
    }
}
