//! The sizes of a GPT-2, as a type.

use super::activation::Activation;
use crate::config::config_trait;

config_trait! {
    /// The sizes of a GPT-2 and what else its forward pass depends on, such as [`Small`](super::small::Small);
    /// [`gpt2_config!`](crate::gpt2_config) makes more.
    pub trait Gpt2Config;

    /// What a `config.json` says of a GPT-2: the constants of [`Gpt2Config`].
    pub struct ConfigValues {
        /// How many tokens there are; `vocab_size` of Hugging Face.
        VOCAB vocab: usize,
        /// The longest sequence; `n_positions`, or `n_ctx` in old files.
        POSITIONS positions: usize,
        /// The width of the residual stream; `n_embd`.
        HIDDEN hidden: usize,
        /// The number of blocks; `n_layer`.
        LAYERS layers: usize,
        /// Attention heads of a block; `n_head`.
        HEADS heads: usize,
        /// Units of an mlp; `n_inner`, `4 * n_embd` where it is absent.
        MLP mlp: usize,
        /// What a layer norm adds to the variance; `layer_norm_epsilon`, 1e-5 where it is absent.
        LN_EPS ln_eps: f64,
        /// The non-linearity of the mlp; `activation_function`, `gelu_new` where it is absent.
        ACTIVATION activation: Activation,
    }
}

/// Makes a size of GPT-2 from a Hugging Face `config.json`, at compile time.
///
/// ```
/// nnsight_models::gpt2_config! {
///     /// The model we trained on recipes.
///     pub mod recipes {
///         pub struct Recipes = "configs/gpt2.json";
///     }
/// }
/// use recipes::{Gpt2, Vocab};
/// # fn main() {
/// # use nnsight_models::gpt2::Gpt2Config;
/// # assert_eq!(recipes::Recipes::LAYERS, 12);
/// # let _: Option<(Gpt2, Vocab)> = None;
/// # }
/// ```
///
/// The path is relative to the file that calls the macro, as for `include_str!`. The module holds
///
/// * `Recipes`, the [`Gpt2Config`](crate::gpt2::Gpt2Config);
/// * `Gpt2`, the model's type;
/// * its axes `Batch`, `Seq`, `Key`, `Hidden`, `Mlp`, `Qkv`, `Vocab`, `Head` and `HeadDim`, each a type and a
///   value of the same name, so that `argmax(Vocab)` reads as it should.
///
/// # Errors
///
/// A file that is missing, a field that is missing or ill-typed, and a config that asks for
/// something this GPT-2 does not compute are compile errors which name the file and the field.
#[macro_export]
macro_rules! gpt2_config {
    ($($size:tt)*) => {
        $crate::__config! { gpt2 Gpt2Config Gpt2 [Hidden Mlp Qkv Vocab Head HeadDim] $($size)* }
    };
}
