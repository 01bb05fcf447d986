//! GPT-2, with the module names of Hugging Face's `GPT2LMHeadModel`.
//!
//! The sizes are in the type: [`small::Gpt2`] has 12 layers of width 768, and the compiler knows.
//! For a file of another size, [`gpt2_config!`](crate::gpt2_config) reads its `config.json` at
//! compile time.
//!
//! Beyond the modules there are probes, points inside of a forward function:
//!
//! | probe | shape | what passes |
//! |---|---|---|
//! | `h[i].resid_pre` | (Batch, Seq, Hidden) | the residual stream as it enters the block |
//! | `h[i].resid_mid` | (Batch, Seq, Hidden) | after attention was added |
//! | `h[i].resid_post` | (Batch, Seq, Hidden) | after the mlp was added |
//! | `h[i].attn.q` | (Batch, Head, Seq, HeadDim) | queries, by head |
//! | `h[i].attn.k`, `v` | (Batch, Head, Key, HeadDim) | keys and values, by head |
//! | `h[i].attn.scores` | (Batch, Head, Seq, Key) | scaled products of queries and keys, before the causal mask |
//! | `h[i].attn.pattern` | (Batch, Head, Seq, Key) | attention probabilities |
//! | `h[i].attn.z` | (Batch, Head, Seq, HeadDim) | what each head read, before `c_proj` mixes the heads |

mod activation;
mod attention;
pub mod axes;
mod block;
mod checkpoint;
mod config;
mod decoder;
mod mlp;
mod model;
mod read;
mod sizes;
mod transformer;

pub use activation::{Act, Activation};
pub use attention::Attention;
pub use block::Block;
pub use config::{ConfigValues, Gpt2Config};
pub use mlp::Mlp;
pub use model::Gpt2;
pub use sizes::{large, medium, small, xl};
pub use transformer::Transformer;
