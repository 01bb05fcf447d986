//! GPT-NeoX, the architecture of the Pythia suite, with the module names of Hugging Face's
//! `GPTNeoXForCausalLM`.
//!
//! The sizes are in the type: [`pythia_70m::GptNeoX`] has 6 layers of width 512, and the compiler knows.
//! For a file of another size, [`neox_config!`](crate::neox_config) reads its `config.json` at
//! compile time.
//!
//! Beyond the modules there are probes, points inside of a forward function. Those of `layers[i]`:
//!
//! | probe | shape | what passes |
//! |---|---|---|
//! | `resid_pre` | (Batch, Seq, Hidden) | the residual stream as it enters the block |
//! | `resid_mid` | (Batch, Seq, Hidden) | after attention was added; only where the mlp reads that (`use_parallel_residual` false) |
//! | `resid_post` | (Batch, Seq, Hidden) | after the mlp was added |
//! | `attention.q` | (Batch, Head, Seq, HeadDim) | queries, by head, turned by their position |
//! | `attention.k` | (Batch, Head, Key, HeadDim) | keys, by head, turned by their position |
//! | `attention.v` | (Batch, Head, Key, HeadDim) | values, by head |
//! | `attention.scores` | (Batch, Head, Seq, Key) | scaled products of queries and keys, before the causal mask |
//! | `attention.pattern` | (Batch, Head, Seq, Key) | attention probabilities |
//! | `attention.z` | (Batch, Head, Seq, HeadDim) | what each head read, before `dense` mixes the heads |

mod attention;
pub mod axes;
mod checkpoint;
mod config;
mod decoder;
mod layer;
mod mlp;
mod model;
mod read;
mod sizes;
mod transformer;

pub use attention::Attention;
pub use config::{ConfigValues, NeoxConfig};
pub use layer::Layer;
pub use mlp::{Act, Mlp};
pub use model::GptNeoX;
pub use sizes::{
    pythia_1_4b, pythia_1b, pythia_2_8b, pythia_6_9b, pythia_12b, pythia_14m, pythia_31m, pythia_70m,
    pythia_160m, pythia_410m,
};
pub use transformer::Transformer;

/// The non-linearity of the mlp; GPT-2's and GPT-NeoX's configs know the same ones.
pub use crate::gpt2::Activation;
