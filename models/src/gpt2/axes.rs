//! The axes of GPT-2's values.
//!
//! `Batch`, `Seq` and `Key` get their sizes from an input; the others from the model's config.
//! A module of one size, such as [`gpt2::small`](super::small), names them without the parameter.

use super::config::Gpt2Config;
use nnsight_core::axes;

pub use crate::axes::{Batch, Key, Seq};

axes! {
    Hidden<C: Gpt2Config> = C::HIDDEN;
    Mlp<C: Gpt2Config> = C::MLP;
    Qkv<C: Gpt2Config> = 3 * C::HIDDEN;
    Vocab<C: Gpt2Config> = C::VOCAB;
    Head<C: Gpt2Config> = C::HEADS;
    HeadDim<C: Gpt2Config> = C::HIDDEN / C::HEADS;
}
