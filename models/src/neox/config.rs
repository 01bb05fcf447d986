//! The sizes of a GPT-NeoX, as a type.

use super::Activation;
use crate::config::config_trait;
use crate::rotary;

config_trait! {
    /// The sizes of a GPT-NeoX and what else its forward pass depends on, such as
    /// [`Pythia70M`](super::pythia_70m::Pythia70M); [`neox_config!`](crate::neox_config) makes more.
    pub trait NeoxConfig;

    /// What a `config.json` says of a GPT-NeoX: the constants of [`NeoxConfig`].
    pub struct ConfigValues {
        /// How many tokens there are; `vocab_size` of Hugging Face.
        VOCAB vocab: usize,
        /// The longest sequence; `max_position_embeddings`.
        POSITIONS positions: usize,
        /// The width of the residual stream; `hidden_size`.
        HIDDEN hidden: usize,
        /// The number of blocks; `num_hidden_layers`.
        LAYERS layers: usize,
        /// Attention heads of a block; `num_attention_heads`.
        HEADS heads: usize,
        /// Units of an mlp; `intermediate_size`.
        MLP mlp: usize,
        /// What a layer norm adds to the variance; `layer_norm_eps`, 1e-5 where it is absent.
        LN_EPS ln_eps: f64,
        /// The non-linearity of the mlp; `hidden_act`, `gelu` where it is absent.
        ACTIVATION activation: Activation,
        /// How many entries of a head are turned by the position; `rotary_pct` of them, 0.25 where it is absent.
        /// Newer files have it as `rope_parameters.partial_rotary_factor`.
        ROTARY rotary: usize,
        /// The base of the frequencies; `rotary_emb_base`, 10000 where it is absent. Newer files have it as
        /// `rope_parameters.rope_theta`.
        ROTARY_BASE rotary_base: f64,
        /// Whether the mlp reads what attention reads, and not its result; `use_parallel_residual`, true where it
        /// is absent.
        PARALLEL parallel: bool,
    }
}

pub(super) fn frequencies<C: NeoxConfig>() -> Vec<f32> {
    rotary::frequencies(C::ROTARY_BASE, C::ROTARY)
}

/// Makes a size of GPT-NeoX from a Hugging Face `config.json`, at compile time.
///
/// ```
/// nnsight_models::neox_config! {
///     /// The model we trained on recipes.
///     pub mod recipes {
///         pub struct Recipes = "configs/pythia-70m.json";
///     }
/// }
/// use recipes::{GptNeoX, Vocab};
/// # fn main() {
/// # use nnsight_models::neox::NeoxConfig;
/// # assert_eq!(recipes::Recipes::LAYERS, 6);
/// # let _: Option<(GptNeoX, Vocab)> = None;
/// # }
/// ```
///
/// The path is relative to the file that calls the macro, as for `include_str!`. The module holds
///
/// * `Recipes`, the [`NeoxConfig`](crate::neox::NeoxConfig);
/// * `GptNeoX`, the model's type;
/// * its axes `Batch`, `Seq`, `Key`, `Hidden`, `Mlp`, `Qkv`, `Vocab`, `Head` and `HeadDim`, each a type and a
///   value of the same name, so that `argmax(Vocab)` reads as it should.
///
/// # Errors
///
/// A file that is missing, a field that is missing or ill-typed, and a config that asks for
/// something this GPT-NeoX does not compute are compile errors which name the file and the field.
#[macro_export]
macro_rules! neox_config {
    ($($size:tt)*) => {
        $crate::__config! { neox NeoxConfig GptNeoX [Hidden Mlp Qkv Vocab Head HeadDim] $($size)* }
    };
}
