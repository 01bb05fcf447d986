//! The sizes of a Llama, as a type.

use super::rope::RopeScaling;
use crate::config::config_trait;

config_trait! {
    /// The sizes of a Llama and what else its forward pass depends on, such as
    /// [`Llama2_7B`](super::llama2_7b::Llama2_7B); [`llama_config!`](crate::llama_config) makes more.
    pub trait LlamaConfig;

    /// What a `config.json` says of a Llama: the constants of [`LlamaConfig`].
    pub struct ConfigValues {
        /// Which of the families it is; `model_type`, `llama` where it is absent.
        FAMILY family: Family,
        /// How many tokens there are; `vocab_size` of Hugging Face.
        VOCAB vocab: usize,
        /// The longest sequence; `max_position_embeddings`.
        POSITIONS positions: usize,
        /// The width of the residual stream; `hidden_size`.
        HIDDEN hidden: usize,
        /// The number of blocks; `num_hidden_layers`.
        LAYERS layers: usize,
        /// Heads of queries of a block; `num_attention_heads`.
        HEADS heads: usize,
        /// Heads of keys and values of a block; `num_key_value_heads`, those of queries where it is absent.
        KV_HEADS kv_heads: usize,
        /// The width of a head; `head_dim`, `hidden_size / num_attention_heads` where it is absent.
        HEAD_DIM head_dim: usize,
        /// Units of an mlp; `intermediate_size`.
        MLP mlp: usize,
        /// What a norm adds to the mean of squares; `rms_norm_eps`, 1e-6 where it is absent.
        RMS_EPS rms_eps: f64,
        /// The base of the frequencies of rotary positions; `rope_theta`, also as `rope_parameters.rope_theta`,
        /// 10000 where both are absent.
        ROPE_THETA rope_theta: f64,
        /// How these frequencies are changed; `rope_scaling`, or `rope_parameters`.
        ROPE_SCALING rope_scaling: RopeScaling,
        /// How many positions a position sees at most, itself included; `sliding_window` of a Mistral, 4096 where
        /// it is absent. The others have none.
        WINDOW window: Option<usize>,
        /// Whether queries, keys and values have a bias; `attention_bias` of a Llama. A Qwen2 has it.
        QKV_BIAS qkv_bias: bool,
        /// Whether what attention adds to the stream has a bias; `attention_bias` of a Llama.
        O_BIAS o_bias: bool,
        /// Whether the parts of the mlp have a bias; `mlp_bias` of a Llama.
        MLP_BIAS mlp_bias: bool,
        /// Whether files hold one matrix for embedding and head; `tie_word_embeddings`, false where it is absent.
        TIED tied: bool,
    }
}

/// Families that share Llama's architecture, by their `model_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Llama 2 and 3, TinyLlama, SmolLM2: `llama`.
    Llama,
    /// `mistral`.
    Mistral,
    /// Qwen2 and Qwen2.5: `qwen2`.
    Qwen2,
}

impl Family {
    /// Its `model_type` in a `config.json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Mistral => "mistral",
            Self::Qwen2 => "qwen2",
        }
    }

    /// The family that a `config.json` calls `name`.
    pub const fn from_name(name: &str) -> Option<Self> {
        match name.as_bytes() {
            b"llama" => Some(Self::Llama),
            b"mistral" => Some(Self::Mistral),
            b"qwen2" => Some(Self::Qwen2),
            _ => None,
        }
    }
}

/// Makes a size of Llama, Mistral or Qwen2 from a Hugging Face `config.json`, at compile time.
///
/// ```
/// nnsight_models::llama_config! {
///     /// The model we trained on recipes.
///     pub mod recipes {
///         pub struct Recipes = "configs/smollm2-135m.json";
///     }
/// }
/// use recipes::{Llama, Vocab};
/// # fn main() {
/// # use nnsight_models::llama::LlamaConfig;
/// # assert_eq!(recipes::Recipes::LAYERS, 30);
/// # let _: Option<(Llama, Vocab)> = None;
/// # }
/// ```
///
/// The path is relative to the file that calls the macro, as for `include_str!`. The module holds
///
/// * `Recipes`, the [`LlamaConfig`](crate::llama::LlamaConfig);
/// * `Llama`, the model's type;
/// * its axes `Batch`, `Seq`, `Key`, `Hidden`, `Mlp`, `Vocab`, `Head`, `KvHead`, `HeadDim`, `MergedHeads` and
///   `MergedKvHeads`, each a type and a value of the same name, so that `argmax(Vocab)` reads as it should.
///
/// # Errors
///
/// A file that is missing, a field that is missing or ill-typed, and a config that asks for
/// something this Llama does not compute are compile errors which name the file and the field.
#[macro_export]
macro_rules! llama_config {
    ($($size:tt)*) => {
        $crate::__config! {
            llama LlamaConfig Llama [Hidden Mlp Vocab Head KvHead HeadDim MergedHeads MergedKvHeads] $($size)*
        }
    };
}
