//! Llama and the families that share its architecture, with the module names of Hugging Face's
//! `LlamaForCausalLM`, `MistralForCausalLM` and `Qwen2ForCausalLM`.
//!
//! The sizes are in the type: [`llama2_70b::Llama`] has 80 layers of width 8192, and the compiler knows. For a
//! file of another size, [`llama_config!`](crate::llama_config) reads its `config.json` at compile time.
//!
//! | `model_type` | what is special |
//! |---|---|
//! | `llama` | Llama 2 and 3, TinyLlama, SmolLM2; biases where `attention_bias` or `mlp_bias` asks for them |
//! | `mistral` | a position may see no further back than `sliding_window` |
//! | `qwen2` | Qwen2 and Qwen2.5: queries, keys and values have a bias; no sliding window |
//!
//! Beyond the modules there are probes, points inside of a forward function. Those of `model.layers[i]`:
//!
//! | probe | shape | what passes |
//! |---|---|---|
//! | `resid_pre` | (Batch, Seq, Hidden) | the residual stream as it enters the block |
//! | `resid_mid` | (Batch, Seq, Hidden) | after attention was added |
//! | `resid_post` | (Batch, Seq, Hidden) | after the mlp was added |
//! | `self_attn.q` | (Batch, Head, Seq, HeadDim) | queries, by head, turned by their position |
//! | `self_attn.k` | (Batch, KvHead, Key, HeadDim) | keys, by head, turned by their position |
//! | `self_attn.v` | (Batch, KvHead, Key, HeadDim) | values, by head |
//! | `self_attn.scores` | (Batch, Head, Seq, Key) | scaled products of queries and keys, before the mask |
//! | `self_attn.pattern` | (Batch, Head, Seq, Key) | attention probabilities |
//! | `self_attn.z` | (Batch, Head, Seq, HeadDim) | what each head read, before `o_proj` mixes the heads |
//!
//! Keys and values have heads of their own, `KvHead`, each read by as many heads of queries as go on it
//! (grouped-query attention): heads of queries `g * n` to `g * n + n - 1` read the keys and values of head `g`.

mod attention;
pub mod axes;
mod block;
mod checkpoint;
mod config;
mod decoder;
mod mlp;
mod model;
mod read;
mod rope;
mod sizes;
mod transformer;

pub use attention::Attention;
pub use block::Block;
pub use config::{ConfigValues, Family, LlamaConfig};
pub use mlp::Mlp;
pub use model::Llama;
pub use rope::RopeScaling;
pub use sizes::{
    llama2_7b, llama2_13b, llama2_70b, llama3_8b, llama3_70b, llama31_8b, llama31_70b, llama32_1b,
    llama32_3b, mistral_7b_v01, mistral_7b_v03, qwen2_0_5b, qwen2_0_5b_instruct, qwen2_1_5b,
    qwen2_1_5b_instruct, qwen2_7b, qwen2_7b_instruct, qwen2_72b_instruct, qwen25_0_5b, qwen25_1_5b,
    qwen25_3b, qwen25_7b, smollm2_1_7b, smollm2_135m, smollm2_360m, tinyllama,
};
pub use transformer::Transformer;
