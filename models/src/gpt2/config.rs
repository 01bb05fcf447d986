//! The sizes of a GPT-2, as a type.

use super::activation::Activation;
use crate::config_json::ConfigJson;
use burn::module::{Module, ModuleDisplay};
use burn::nn::{Initializer, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::Device;
use const_panic::concat_panic;

/// The sizes of a GPT-2 and what else its forward pass depends on.
///
/// An implementor is a type without values of interest, such as
/// [`Small`](super::small::Small). [`gpt2_config!`](crate::gpt2_config) makes one from a
/// `config.json`, together with the axes that depend on it; there is seldom a reason to write one
/// by hand. The bounds `Module` and `ModuleDisplay` are there because Burn's derive asks them of
/// every type parameter.
pub trait Gpt2Config: Module + ModuleDisplay + Copy + Default + Send + Sync + 'static {
    /// What messages call it.
    const NAME: &'static str;
    /// Everything that follows.
    const VALUES: ConfigValues;
    /// How many tokens there are; `vocab_size` of Hugging Face.
    const VOCAB: usize = Self::VALUES.vocab;
    /// The longest sequence; `n_positions`.
    const POSITIONS: usize = Self::VALUES.positions;
    /// The width of the residual stream; `n_embd`.
    const HIDDEN: usize = Self::VALUES.hidden;
    /// The number of blocks; `n_layer`.
    const LAYERS: usize = Self::VALUES.layers;
    /// Attention heads of a block; `n_head`.
    const HEADS: usize = Self::VALUES.heads;
    /// Units of an mlp; `n_inner`.
    const MLP: usize = Self::VALUES.mlp;
    /// What a layer norm adds to the variance; `layer_norm_epsilon`.
    const LN_EPS: f64 = Self::VALUES.ln_eps;
    /// The non-linearity of the mlp; `activation_function`.
    const ACTIVATION: Activation = Self::VALUES.activation;
}

/// What a `config.json` says of a GPT-2: the constants of [`Gpt2Config`], read at compile time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConfigValues {
    /// `vocab_size`
    pub vocab: usize,
    /// `n_positions`, or `n_ctx` in old files
    pub positions: usize,
    /// `n_embd`
    pub hidden: usize,
    /// `n_layer`
    pub layers: usize,
    /// `n_head`
    pub heads: usize,
    /// `n_inner`; `4 * n_embd` where it is absent or null
    pub mlp: usize,
    /// `layer_norm_epsilon`; 1e-5 where it is absent
    pub ln_eps: f64,
    /// `activation_function`; `gelu_new` where it is absent
    pub activation: Activation,
}

impl ConfigValues {
    /// Reads the text of a `config.json`; `file` is what messages call it.
    ///
    /// # Panics
    ///
    /// With a message that names the field: if it is missing, of another type, or asks for
    /// something that this GPT-2 does not compute. In a constant that is a compile error.
    #[track_caller]
    pub const fn read(text: &str, file: &str) -> Self {
        let json = ConfigJson::new(text, file);
        refuse_what_is_not_computed(json);

        let hidden = json.required_usize("n_embd");
        let heads = json.required_usize("n_head");
        if heads == 0 || !hidden.is_multiple_of(heads) {
            concat_panic!(display: file, display: ": `n_embd` is not a multiple of `n_head`");
        }
        Self {
            vocab: json.required_usize("vocab_size"),
            positions: match json.usize("n_positions") {
                Some(positions) => positions,
                None => match json.usize("n_ctx") {
                    Some(positions) => positions,
                    None => json.required_usize("n_positions"),
                },
            },
            hidden,
            layers: json.required_usize("n_layer"),
            heads,
            mlp: match json.usize("n_inner") {
                Some(mlp) => mlp,
                None => 4 * hidden,
            },
            ln_eps: match json.f64("layer_norm_epsilon") {
                Some(eps) => eps,
                None => 1e-5,
            },
            activation: match json.str("activation_function") {
                None => Activation::GeluNew,
                Some(name) => match Activation::from_name(name) {
                    Some(activation) => activation,
                    None => {
                        concat_panic!(display: file, display: ": the `activation_function` `", display: name, display: "` is not one of ", display: Activation::NAMES)
                    }
                },
            },
        }
    }
}

/// Fields that change the forward pass, each with the only value it may have here.
pub(super) const FIXED_FIELDS: [(&str, bool); 3] = [
    ("scale_attn_weights", true),
    ("scale_attn_by_inverse_layer_idx", false),
    ("add_cross_attention", false),
];

#[track_caller]
const fn refuse_what_is_not_computed(json: ConfigJson<'_>) {
    if let Some(family) = json.str("model_type")
        && !matches!(family.as_bytes(), b"gpt2")
    {
        concat_panic!(display: json.file(), display: ": the `model_type` is `", display: family, display: "`, wanted `gpt2`");
    }
    let mut i = 0;
    while i < FIXED_FIELDS.len() {
        let (field, wanted) = FIXED_FIELDS[i];
        if let Some(found) = json.bool(field)
            && found != wanted
        {
            let wanted = if wanted { "true" } else { "false" };
            concat_panic!(display: json.file(), display: ": `", display: field, display: "` must be ", display: wanted, display: " for this GPT-2");
        }
        i += 1;
    }
}

/// How GPT-2's weights are drawn: `initializer_range` of its config.
pub(super) const INITIAL_WEIGHTS: Initializer = Initializer::Normal { mean: 0.0, std: 0.02 };

pub(super) fn linear(inputs: usize, outputs: usize, device: &Device) -> Linear {
    LinearConfig::new(inputs, outputs)
        .with_initializer(INITIAL_WEIGHTS)
        .init(device)
}

pub(super) fn layer_norm<C: Gpt2Config>(device: &Device) -> LayerNorm {
    LayerNormConfig::new(C::HIDDEN)
        .with_epsilon(C::LN_EPS)
        .init(device)
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
            use $crate::gpt2::axes;

            // An item of its own: `cargo check` looks at it, and not at the constants of an impl.
            const VALUES: $crate::gpt2::ConfigValues =
                $crate::gpt2::ConfigValues::read(include_str!($path), $path);

            #[doc = concat!("The sizes in `", $path, "`.")]
            $(#[$struct_attribute])*
            #[derive(burn::module::Module, Copy, Debug, Default)]
            pub struct $name;

            impl $crate::gpt2::Gpt2Config for $name {
                const NAME: &'static str = stringify!($module);
                const VALUES: $crate::gpt2::ConfigValues = VALUES;
            }

            /// The model of this size.
            pub type Gpt2 = $crate::gpt2::Gpt2<$name>;

            pub use axes::{Batch, Key, Seq};

            $crate::__axes_of_size! { $name: Hidden Mlp Qkv Vocab Head HeadDim }
        }
    };
}

/// A type and a constant for each axis that depends on a config.
#[doc(hidden)]
#[macro_export]
macro_rules! __axes_of_size {
    ($config:ident: $($axis:ident)*) => {$(
        #[doc = concat!("The axis `", stringify!($axis), "` of this size, as a type.")]
        pub type $axis = axes::$axis<$config>;
        #[doc = concat!("The axis `", stringify!($axis), "` of this size, as a value.")]
        #[allow(non_upper_case_globals)]
        pub const $axis: $axis = axes::$axis::<$config>::new();
    )*};
}
