//! The non-linearity of the mlp.

use super::axes::{self, Batch, Seq};
use super::config::Gpt2Config;
use burn::prelude::*;
use burn::tensor::activation;
use nnsight_core::{Inspectable, inspectable};

/// A non-linearity, by the names of Hugging Face's `activation_function`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// GELU in its tanh form: `gelu_new`, `gelu_pytorch_tanh` and `gelu_fast`. What GPT-2 uses.
    GeluNew,
    /// GELU with the error function: `gelu`.
    Gelu,
    /// `relu`.
    Relu,
    /// `silu`, also called `swish`.
    Silu,
}

impl Activation {
    /// The names that [`from_name`](Self::from_name) takes, for error messages.
    pub const NAMES: &str = "one of gelu_new, gelu_pytorch_tanh, gelu_fast, gelu, relu, silu, swish";

    /// The activation that a `config.json` calls `name`, if it is one of [`NAMES`](Self::NAMES).
    pub const fn from_name(name: &str) -> Option<Self> {
        match name.as_bytes() {
            b"gelu_new" | b"gelu_pytorch_tanh" | b"gelu_fast" => Some(Self::GeluNew),
            b"gelu" => Some(Self::Gelu),
            b"relu" => Some(Self::Relu),
            b"silu" | b"swish" => Some(Self::Silu),
            _ => None,
        }
    }

    /// The first of the names that stand for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GeluNew => "gelu_new",
            Self::Gelu => "gelu",
            Self::Relu => "relu",
            Self::Silu => "silu",
        }
    }

    /// Applies the function to each element.
    pub fn apply<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Self::GeluNew => gelu_new(x),
            Self::Gelu => activation::gelu(x),
            Self::Relu => activation::relu(x),
            Self::Silu => activation::silu(x),
        }
    }
}

/// `x / 2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3)))`, from [Gaussian Error Linear
/// Units](https://arxiv.org/abs/1606.08415), section 2.
///
/// Written with `(1 + tanh u) / 2 = sigmoid(2u)` and products in place of a power: Burn's
/// `gelu_approximate` takes `powf(x, 3)` and `tanh` of each element, and needs five times as long
/// on a CPU.
fn gelu_new<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    const TWICE_SQRT_2_OVER_PI: f64 =
        2.0 * std::f64::consts::FRAC_2_SQRT_PI * std::f64::consts::FRAC_1_SQRT_2;

    let square = x.clone() * x.clone();
    let slope = square * (TWICE_SQRT_2_OVER_PI * 0.044715) + TWICE_SQRT_2_OVER_PI;
    activation::sigmoid(slope * x.clone()) * x
}

/// The mlp's non-linearity as a module, so that its input and output can be read and written.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq, axes::Mlp<C>) -> (Batch, Seq, axes::Mlp<C>))]
pub struct Act<C: Gpt2Config> {
    #[inspect(skip)]
    config: C,
}

#[inspectable]
impl<C: Gpt2Config> Act<C> {
    /// The module; it has no parameters.
    pub fn new() -> Self {
        Self { config: C::default() }
    }

    /// Applies `C::ACTIVATION` to each element.
    ///
    /// # Shapes
    ///
    /// (Batch, Seq, Mlp) to (Batch, Seq, Mlp)
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        C::ACTIVATION.apply(x)
    }
}

impl<C: Gpt2Config> Default for Act<C> {
    fn default() -> Self {
        Self::new()
    }
}
