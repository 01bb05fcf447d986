//! The sizes of a Llama, as a type.

use super::rope::RopeScaling;
use burn::module::{Module, ModuleDisplay};
use burn::nn::{Initializer, Linear, LinearConfig, RmsNorm, RmsNormConfig};
use burn::tensor::Device;

/// The sizes of a Llama and what else its forward pass depends on.
///
/// An implementor is a type without values of interest, such as
/// [`Llama2_7B`](super::llama2_7b::Llama2_7B). [`llama_config!`](crate::llama_config) makes one from a
/// `config.json`, together with the axes that depend on it; there is seldom a reason to write one
/// by hand. The bounds `Module` and `ModuleDisplay` are there because Burn's derive asks them of
/// every type parameter.
pub trait LlamaConfig: Module + ModuleDisplay + Copy + Default + Send + Sync + 'static {
    /// What messages call it.
    const NAME: &'static str;
    /// Everything that follows.
    const VALUES: ConfigValues;
    /// How many tokens there are; `vocab_size` of Hugging Face.
    const VOCAB: usize = Self::VALUES.vocab;
    /// The longest sequence; `max_position_embeddings`.
    const POSITIONS: usize = Self::VALUES.positions;
    /// The width of the residual stream; `hidden_size`.
    const HIDDEN: usize = Self::VALUES.hidden;
    /// The number of blocks; `num_hidden_layers`.
    const LAYERS: usize = Self::VALUES.layers;
    /// Heads of queries of a block; `num_attention_heads`.
    const HEADS: usize = Self::VALUES.heads;
    /// Heads of keys and values of a block; `num_key_value_heads`.
    const KV_HEADS: usize = Self::VALUES.kv_heads;
    /// The width of a head; `head_dim`.
    const HEAD_DIM: usize = Self::VALUES.head_dim;
    /// Units of an mlp; `intermediate_size`.
    const MLP: usize = Self::VALUES.mlp;
    /// What a norm adds to the mean of squares; `rms_norm_eps`.
    const RMS_EPS: f64 = Self::VALUES.rms_eps;
    /// The base of the frequencies of rotary positions; `rope_theta`.
    const ROPE_THETA: f64 = Self::VALUES.rope_theta;
    /// How these frequencies are changed; `rope_scaling`.
    const ROPE_SCALING: RopeScaling = Self::VALUES.rope_scaling;
    /// How many positions a position sees at most, itself included; `sliding_window`.
    const WINDOW: Option<usize> = Self::VALUES.window;
    /// Whether queries, keys and values have a bias.
    const QKV_BIAS: bool = Self::VALUES.qkv_bias;
    /// Whether what attention adds to the stream has a bias.
    const O_BIAS: bool = Self::VALUES.o_bias;
    /// Whether the parts of the mlp have a bias; `mlp_bias`.
    const MLP_BIAS: bool = Self::VALUES.mlp_bias;
    /// Whether files hold one matrix for embedding and head; `tie_word_embeddings`.
    const TIED: bool = Self::VALUES.tied;
}

/// What a `config.json` says of a Llama: the constants of [`LlamaConfig`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConfigValues {
    /// `model_type`; `llama` where it is absent
    pub family: Family,
    /// `vocab_size`
    pub vocab: usize,
    /// `max_position_embeddings`
    pub positions: usize,
    /// `hidden_size`
    pub hidden: usize,
    /// `num_hidden_layers`
    pub layers: usize,
    /// `num_attention_heads`
    pub heads: usize,
    /// `num_key_value_heads`; as many as there are heads where it is absent or null
    pub kv_heads: usize,
    /// `head_dim`; `hidden_size / num_attention_heads` where it is absent or null
    pub head_dim: usize,
    /// `intermediate_size`
    pub mlp: usize,
    /// `rms_norm_eps`; 1e-6 where it is absent
    pub rms_eps: f64,
    /// `rope_theta`, also as `rope_parameters.rope_theta`; 10000 where it is absent
    pub rope_theta: f64,
    /// `rope_scaling`, or `rope_parameters`
    pub rope_scaling: RopeScaling,
    /// `sliding_window` of a Mistral, 4096 where it is absent; the others have none
    pub window: Option<usize>,
    /// `attention_bias` of a Llama; a Qwen2 has it
    pub qkv_bias: bool,
    /// `attention_bias` of a Llama
    pub o_bias: bool,
    /// `mlp_bias` of a Llama
    pub mlp_bias: bool,
    /// `tie_word_embeddings`; false where it is absent
    pub tied: bool,
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

/// How Llama's weights are drawn: `initializer_range` of its config.
pub(super) const INITIAL_WEIGHTS: Initializer = Initializer::Normal { mean: 0.0, std: 0.02 };

pub(super) fn linear(inputs: usize, outputs: usize, bias: bool, device: &Device) -> Linear {
    LinearConfig::new(inputs, outputs)
        .with_bias(bias)
        .with_initializer(INITIAL_WEIGHTS)
        .init(device)
}

pub(super) fn rms_norm<C: LlamaConfig>(device: &Device) -> RmsNorm {
    RmsNormConfig::new(C::HIDDEN)
        .with_epsilon(C::RMS_EPS)
        .init(device)
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
    (
        $(#[$attribute:meta])*
        $visibility:vis mod $module:ident {
            $(#[$struct_attribute:meta])*
            pub struct $name:ident = $path:expr;
        }
    ) => {
        $(#[$attribute])*
        $visibility mod $module {
            use $crate::__private::burn;
            use $crate::llama::axes;

            // An item of its own: `cargo check` looks at it, and not at the constants of an impl.
            const VALUES: $crate::llama::ConfigValues =
                $crate::llama::ConfigValues::read(include_str!($path), $path);

            #[doc = concat!("The sizes in `", $path, "`.")]
            $(#[$struct_attribute])*
            #[derive(burn::module::Module, Copy, Debug, Default)]
            pub struct $name;

            impl $crate::llama::LlamaConfig for $name {
                const NAME: &'static str = stringify!($module);
                const VALUES: $crate::llama::ConfigValues = VALUES;
            }

            /// The model of this size.
            pub type Llama = $crate::llama::Llama<$name>;

            pub use axes::{Batch, Key, Seq};

            $crate::__axes_of_size! {
                $name: Hidden Mlp Vocab Head KvHead HeadDim MergedHeads MergedKvHeads
            }
        }
    };
}
