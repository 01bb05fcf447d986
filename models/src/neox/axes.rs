//! The axes of GPT-NeoX's values.
//!
//! `Batch`, `Seq` and `Key` get their sizes from an input; the others from the model's config.
//! A module of one size, such as [`neox::pythia_70m`](super::pythia_70m), names them without the parameter.

use super::config::NeoxConfig;
use nnsight_core::axes;

pub use crate::axes::{Batch, Key, Seq};

axes! {
    Hidden<C: NeoxConfig> = C::HIDDEN;
    Mlp<C: NeoxConfig> = C::MLP;
    Qkv<C: NeoxConfig> = 3 * C::HIDDEN;
    Vocab<C: NeoxConfig> = C::VOCAB;
    Head<C: NeoxConfig> = C::HEADS;
    HeadDim<C: NeoxConfig> = C::HIDDEN / C::HEADS;
}
