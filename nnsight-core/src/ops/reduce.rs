//! Reductions: many elements to one, over a named axis or over all.

use super::error::{self, OpError, Result};
use super::real;
use crate::shapes::dims::Dims;
use crate::shapes::kind::{KindTag, NumericKind};
use crate::shapes::meta::TensorMeta;
use crate::tensor::erased::{Erased, with_rank};
use burn::tensor::{Bool, Float, Int, Tensor};
use serde::{Deserialize, Serialize};

/// How many elements become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Reduce {
    /// The sum.
    Sum,
    /// The greatest.
    Max,
    /// The smallest.
    Min,
    /// The position of the greatest.
    ArgMax,
    /// The position of the smallest.
    ArgMin,
    /// The mean.
    Mean,
    /// The variance, with Bessel's correction.
    Var,
    /// The standard deviation: the square root of the variance.
    Std,
    /// The Euclidean norm.
    Norm,
    /// The logarithm of the sum of exponentials.
    LogSumExp,
    /// Whether any is true.
    Any,
    /// Whether all are true.
    All,
}

impl Reduce {
    pub(super) fn name(self) -> &'static str {
        match self {
            Reduce::Sum => "sum",
            Reduce::Max => "max",
            Reduce::Min => "min",
            Reduce::ArgMax => "argmax",
            Reduce::ArgMin => "argmin",
            Reduce::Mean => "mean",
            Reduce::Var => "var",
            Reduce::Std => "std",
            Reduce::Norm => "norm",
            Reduce::LogSumExp => "logsumexp",
            Reduce::Any => "any",
            Reduce::All => "all",
        }
    }

    /// The kind of the result on a tensor of a kind.
    fn kind(self, input: TensorMeta) -> Result<KindTag> {
        match self {
            Reduce::Sum | Reduce::Max | Reduce::Min => error::numeric(input).map(|()| input.kind),
            Reduce::ArgMax | Reduce::ArgMin => error::numeric(input).map(|()| KindTag::Int),
            Reduce::Any | Reduce::All => error::of_kind(KindTag::Bool, input).map(|()| KindTag::Bool),
            _ => error::of_kind(KindTag::Float, input).map(|()| KindTag::Float),
        }
    }

    /// Over one axis, or over all.
    pub(super) fn infer(self, inputs: &[TensorMeta], dim: Option<usize>) -> Result<TensorMeta> {
        let input = error::one(inputs)?;
        let kind = self.kind(input)?;
        let (reduced, dims) = match dim {
            None => (input.dims.elements(), Dims::scalar()),
            Some(dim) => {
                error::has_axis(dim, &input.dims)?;
                (input.dims.get(dim), input.dims.without(dim))
            }
        };
        let of_none = matches!(self, Reduce::Sum | Reduce::Norm | Reduce::Any | Reduce::All);
        if reduced == Some(0) && !of_none {
            return Err(OpError::Empty { sizes: input.dims });
        }
        Ok(TensorMeta { kind, dims })
    }

    pub(super) fn run(self, [input]: [Erased; 1], dim: Option<usize>, sizes: &[usize]) -> Erased {
        if input.kind() == KindTag::Bool && input.dims().elements() == Some(0) {
            // Of none all are true, and none is.
            return real::truth(self == Reduce::All, sizes, &input.device());
        }
        let (input, dim) = match dim {
            Some(dim) => (input, dim),
            None => {
                let all = input.dims().elements().unwrap_or(0);
                (real::reshape(input, &[all]), 0)
            }
        };
        let rank = input.dims().rank();
        let kept = match (input.kind(), self) {
            (KindTag::Bool, _) => with_rank!(rank, D => self.of_bool(input.assume::<D, Bool>(), dim)),
            (KindTag::Int, _) => with_rank!(rank, D => self.of(input.assume::<D, Int>(), dim)),
            (KindTag::Float, Reduce::Mean | Reduce::Var | Reduce::Std | Reduce::Norm | Reduce::LogSumExp) => {
                with_rank!(rank, D => self.of_float(input.assume::<D, Float>(), dim))
            }
            (KindTag::Float, _) => with_rank!(rank, D => self.of(input.assume::<D, Float>(), dim)),
        };
        real::reshape(kept, sizes)
    }

    fn of<const D: usize, K: NumericKind>(self, x: Tensor<D, K>, dim: usize) -> Erased {
        match self {
            Reduce::Max => Erased::new(x.max_dim(dim)),
            Reduce::Min => Erased::new(x.min_dim(dim)),
            Reduce::ArgMax => Erased::new(x.argmax(dim)),
            Reduce::ArgMin => Erased::new(x.argmin(dim)),
            _ => Erased::new(x.sum_dim(dim)),
        }
    }

    fn of_float<const D: usize>(self, x: Tensor<D>, dim: usize) -> Erased {
        Erased::new(match self {
            Reduce::Mean => x.mean_dim(dim),
            Reduce::Var => x.var(dim),
            Reduce::Std => x.var(dim).sqrt(),
            Reduce::Norm => x.square().sum_dim(dim).sqrt(),
            _ => {
                // The greatest is taken out, so that nothing overflows; made finite, since inf - inf is NaN.
                let greatest = x.clone().detach().max_dim(dim).clamp(f32::MIN, f32::MAX);
                x.sub(greatest.clone()).exp().sum_dim(dim).log().add(greatest)
            }
        })
    }

    fn of_bool<const D: usize>(self, x: Tensor<D, Bool>, dim: usize) -> Erased {
        Erased::new(match self {
            Reduce::Any => x.any_dim(dim),
            _ => x.all_dim(dim),
        })
    }
}
