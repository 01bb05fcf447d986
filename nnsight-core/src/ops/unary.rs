//! Functions of one value, element by element: mathematics and activations.

use super::error::{self, OpError, Result};
use crate::shapes::kind::{KindTag, NumericKind};
use crate::shapes::meta::TensorMeta;
use crate::shapes::scalar::Scalar;
use crate::tensor::erased::{Erased, with_rank};
use burn::tensor::{Float, Int, Tensor, activation};
use serde::{Deserialize, Serialize};

/// The functions of floats, a row each, for the macros that write their two halves: data and kernels here, methods in
/// `values/ops/unary.rs`.
macro_rules! functions {
    ($write:ident) => {
        $write! {
            x:
            /// e to the power of each element.
            exp Exp() => x.exp();
            /// The natural logarithm, as in PyTorch and Burn. What a value is during the run, [`inspect`](crate::Value::inspect) logs.
            log Log() => x.log();
            /// The natural logarithm of 1 + x, exact near 0.
            log1p Log1p() => x.log1p();
            /// The square root.
            sqrt Sqrt() => x.sqrt();
            /// 1 / x.
            recip Recip() => x.recip();
            /// The sine of an angle in radians.
            sin Sin() => x.sin();
            /// The cosine of an angle in radians.
            cos Cos() => x.cos();
            /// The hyperbolic tangent.
            tanh Tanh() => x.tanh();
            /// The error function.
            erf Erf() => x.erf();
            /// The greatest whole number that is not above.
            floor Floor() => x.floor();
            /// The smallest whole number that is not below.
            ceil Ceil() => x.ceil();
            /// The nearest whole number; halves go to the even one.
            round Round() => x.round();
            /// Each element to a power.
            powf Powf(exponent: f64) => x.powf_scalar(exponent);
            /// max(0, x).
            relu Relu() => activation::relu(x);
            /// x where it is positive, `slope` * x elsewhere.
            leaky_relu LeakyRelu(slope: f64) => activation::leaky_relu(x, slope);
            /// The Gaussian error linear unit by the error function, as PyTorch's default.
            gelu Gelu() => activation::gelu(x);
            /// The Gaussian error linear unit by its tanh approximation, as GPT-2's `gelu_new`.
            gelu_tanh GeluTanh() => activation::gelu_approximate(x);
            /// x * sigmoid(x), also called swish.
            silu Silu() => activation::silu(x);
            /// 1 / (1 + e^-x).
            sigmoid Sigmoid() => activation::sigmoid(x);
            /// log(sigmoid(x)).
            log_sigmoid LogSigmoid() => activation::log_sigmoid(x);
            /// log(1 + e^x).
            softplus Softplus() => activation::softplus(x, 1.0);
            /// x * tanh(softplus(x)).
            mish Mish() => activation::mish(x);
            /// x where it is positive, `alpha` * (e^x - 1) elsewhere.
            elu Elu(alpha: f64) => activation::elu(x, alpha);
        }
    };
}
pub(crate) use functions;

/// Writes the functions of floats as data and on real tensors.
macro_rules! data {
    ($x:ident: $($(#[$doc:meta])+ $name:ident $variant:ident ($($parameter:ident: $type:ty),*) => $body:expr;)+) => {
        /// A function of a float tensor, element by element.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Function {
            $($(#[$doc])+ $variant $({
                /// The parameter of that name.
                $parameter: $type
            })*,)+
        }

        impl Function {
            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Function::$variant { .. } => stringify!($name),)+
                }
            }

            fn of<const D: usize>(self, $x: Tensor<D>) -> Tensor<D> {
                match self {
                    $(Function::$variant { $($parameter),* } => $body,)+
                }
            }
        }
    };
}

functions!(data);

impl Function {
    pub(super) fn infer(self, inputs: &[TensorMeta]) -> Result<TensorMeta> {
        let input = error::one(inputs)?;
        error::of_kind(KindTag::Float, input)?;
        Ok(input)
    }

    pub(super) fn run(self, [input]: [Erased; 1]) -> Erased {
        with_rank!(input.dims().rank(), D => Erased::new(self.of(input.assume::<D, Float>())))
    }
}

/// A function of numbers of either kind, element by element.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Numeric {
    /// `-x`
    Neg,
    /// The absolute value.
    Abs,
    /// -1, 0 or 1.
    Sign,
    /// A whole power.
    Powi(u32),
    /// Limits from below and from above.
    Clamp {
        /// No element is below.
        low: Option<Scalar>,
        /// No element is above.
        high: Option<Scalar>,
    },
}

impl Numeric {
    pub(super) fn name(self) -> &'static str {
        match self {
            Numeric::Neg => "negation",
            Numeric::Abs => "abs",
            Numeric::Sign => "sign",
            Numeric::Powi(_) => "powi",
            Numeric::Clamp { .. } => "clamp",
        }
    }

    pub(super) fn infer(self, inputs: &[TensorMeta]) -> Result<TensorMeta> {
        let input = error::one(inputs)?;
        error::numeric(input)?;
        if let Numeric::Clamp {
            low: Some(low),
            high: Some(high),
        } = self
        {
            let (low, high) = (low.as_f64(), high.as_f64());
            if low.is_nan() || high.is_nan() || low > high {
                return Err(OpError::EmptyRange { low, high });
            }
        }
        Ok(input)
    }

    pub(super) fn run(self, [input]: [Erased; 1]) -> Erased {
        let rank = input.dims().rank();
        match input.kind() {
            KindTag::Float => with_rank!(rank, D => self.of(input.assume::<D, Float>(), Scalar::as_f64)),
            _ => with_rank!(rank, D => self.of(input.assume::<D, Int>(), Scalar::as_i64)),
        }
    }

    fn of<const D: usize, K: NumericKind, E: burn::tensor::ElementConversion>(
        self,
        x: Tensor<D, K>,
        number: impl Fn(Scalar) -> E,
    ) -> Erased {
        Erased::new(match self {
            Numeric::Neg => x.neg(),
            Numeric::Abs => x.abs(),
            Numeric::Sign => x.sign(),
            Numeric::Powi(power) => x.powi_scalar(power),
            Numeric::Clamp {
                low: Some(low),
                high: Some(high),
            } => x.clamp(number(low), number(high)),
            Numeric::Clamp {
                low: Some(low),
                high: None,
            } => x.clamp_min(number(low)),
            Numeric::Clamp {
                low: None,
                high: Some(high),
            } => x.clamp_max(number(high)),
            Numeric::Clamp {
                low: None,
                high: None,
            } => x,
        })
    }
}
