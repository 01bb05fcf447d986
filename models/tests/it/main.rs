//! The models against numbers of PyTorch, and what they say of files that do not fit.

#![allow(clippy::unwrap_used)]

// What `trace!` writes names `::nnsight`.
extern crate nnsight_core as nnsight;

mod cached;
mod common;
#[path = "../../../nnsight-core/tests/devices/support/device.rs"]
mod device;
#[cfg(feature = "gguf")]
mod gguf;
#[cfg(feature = "gguf")]
mod gguf_tokenizer;
mod goldens;
mod gpt2;
mod half;
mod language_model;
mod large;
mod linear;
mod llama;
mod loading;
mod neox;
mod published;
mod smollm2;
mod tokenizer;
#[path = "../../../nnsight-core/tests/devices/support/tolerance.rs"]
mod tolerance;
mod trained;

nnsight_models::gpt2_config! {
    /// The tiny GPT-2 of the fixtures, its sizes read from its own `config.json`.
    pub mod tiny {
        pub struct Tiny = "../../../tests/fixtures/gpt2-tiny/config.json";
    }
}
