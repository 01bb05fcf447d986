//! The axes of Llama's values.
//!
//! `Batch`, `Seq` and `Key` get their sizes from an input; the others from the model's config.
//! A module of one size, such as [`llama::llama2_7b`](super::llama2_7b), names them without the parameter.

use super::config::LlamaConfig;
use nnsight_core::axes;

pub use crate::axes::{Batch, Key, Seq};

axes! {
    Hidden<C: LlamaConfig> = C::HIDDEN;
    Mlp<C: LlamaConfig> = C::MLP;
    Vocab<C: LlamaConfig> = C::VOCAB;
    Head<C: LlamaConfig> = C::HEADS;
    KvHead<C: LlamaConfig> = C::KV_HEADS;
    HeadDim<C: LlamaConfig> = C::HEAD_DIM;
    MergedHeads<C: LlamaConfig> = C::HEADS * C::HEAD_DIM;
    MergedKvHeads<C: LlamaConfig> = C::KV_HEADS * C::HEAD_DIM;
}
