//! The sizes of a GPT-NeoX, as a type.

use super::Activation;
use crate::rotary;
use burn::module::{Module, ModuleDisplay};
use burn::nn::{Initializer, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::Device;

/// The sizes of a GPT-NeoX and what else its forward pass depends on.
///
/// An implementor is a type without values of interest, such as
/// [`Pythia70M`](super::pythia_70m::Pythia70M). [`neox_config!`](crate::neox_config) makes one from a
/// `config.json`, together with the axes that depend on it; there is seldom a reason to write one
/// by hand. The bounds `Module` and `ModuleDisplay` are there because Burn's derive asks them of
/// every type parameter.
pub trait NeoxConfig: Module + ModuleDisplay + Copy + Default + Send + Sync + 'static {
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
    /// Attention heads of a block; `num_attention_heads`.
    const HEADS: usize = Self::VALUES.heads;
    /// Units of an mlp; `intermediate_size`.
    const MLP: usize = Self::VALUES.mlp;
    /// What a layer norm adds to the variance; `layer_norm_eps`.
    const LN_EPS: f64 = Self::VALUES.ln_eps;
    /// The non-linearity of the mlp; `hidden_act`.
    const ACTIVATION: Activation = Self::VALUES.activation;
    /// How many entries of a head are turned by the position; `rotary_pct` of them.
    const ROTARY: usize = Self::VALUES.rotary;
    /// The base of the frequencies; `rotary_emb_base`.
    const ROTARY_BASE: f64 = Self::VALUES.rotary_base;
    /// Whether the mlp reads what attention reads, and not its result; `use_parallel_residual`.
    const PARALLEL: bool = Self::VALUES.parallel;
}

/// What a `config.json` says of a GPT-NeoX: the constants of [`NeoxConfig`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConfigValues {
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
    /// `intermediate_size`
    pub mlp: usize,
    /// `layer_norm_eps`; 1e-5 where it is absent
    pub ln_eps: f64,
    /// `hidden_act`; `gelu` where it is absent
    pub activation: Activation,
    /// `rotary_pct` of a head's entries, 0.25 where it is absent; newer files have it as
    /// `rope_parameters.partial_rotary_factor`
    pub rotary: usize,
    /// `rotary_emb_base`, 10000 where it is absent; newer files have it as `rope_parameters.rope_theta`
    pub rotary_base: f64,
    /// `use_parallel_residual`; true where it is absent
    pub parallel: bool,
}

/// How Pythia's weights are drawn: `initializer_range` of its config.
pub(super) const INITIAL_WEIGHTS: Initializer = Initializer::Normal { mean: 0.0, std: 0.02 };

pub(super) fn linear(inputs: usize, outputs: usize, device: &Device) -> Linear {
    LinearConfig::new(inputs, outputs)
        .with_initializer(INITIAL_WEIGHTS)
        .init(device)
}

pub(super) fn layer_norm<C: NeoxConfig>(device: &Device) -> LayerNorm {
    LayerNormConfig::new(C::HIDDEN)
        .with_epsilon(C::LN_EPS)
        .init(device)
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
            use $crate::neox::axes;

            // An item of its own: `cargo check` looks at it, and not at the constants of an impl.
            const VALUES: $crate::neox::ConfigValues =
                $crate::neox::ConfigValues::read(include_str!($path), $path);

            #[doc = concat!("The sizes in `", $path, "`.")]
            $(#[$struct_attribute])*
            #[derive(burn::module::Module, Copy, Debug, Default)]
            pub struct $name;

            impl $crate::neox::NeoxConfig for $name {
                const NAME: &'static str = stringify!($module);
                const VALUES: $crate::neox::ConfigValues = VALUES;
            }

            /// The model of this size.
            pub type GptNeoX = $crate::neox::GptNeoX<$name>;

            pub use axes::{Batch, Key, Seq};

            $crate::__axes_of_size! { $name: Hidden Mlp Qkv Vocab Head HeadDim }
        }
    };
}
