//! Operations along a named axis that leave all sizes as they are.

use super::cast;
use super::error::{self, Result};
use crate::shapes::kind::{KindTag, NumericKind};
use crate::shapes::meta::TensorMeta;
use crate::tensor::erased::{Erased, with_rank};
use burn::tensor::{Bool, Float, Int, Tensor, activation};
use serde::{Deserialize, Serialize};

/// What happens along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Along {
    /// Exponentials divided by their sum.
    Softmax,
    /// The logarithm of that.
    LogSoftmax,
    /// Each element plus all before.
    CumSum,
    /// In ascending order.
    Sort,
    /// In descending order.
    SortDescending,
    /// The positions of the elements in ascending order.
    ArgSort,
    /// The positions of the elements in descending order.
    ArgSortDescending,
    /// Last to first.
    Flip,
}

impl Along {
    pub(super) fn name(self) -> &'static str {
        match self {
            Along::Softmax => "softmax",
            Along::LogSoftmax => "log_softmax",
            Along::CumSum => "cumsum",
            Along::Sort => "sort",
            Along::SortDescending => "sort_descending",
            Along::ArgSort => "argsort",
            Along::ArgSortDescending => "argsort_descending",
            Along::Flip => "flip",
        }
    }

    pub(super) fn infer(self, inputs: &[TensorMeta], dim: usize) -> Result<TensorMeta> {
        let input = error::one(inputs)?;
        error::has_axis(dim, &input.dims)?;
        let kind = match self {
            Along::Softmax | Along::LogSoftmax => {
                error::of_kind(KindTag::Float, input).map(|()| KindTag::Float)?
            }
            Along::ArgSort | Along::ArgSortDescending => error::numeric(input).map(|()| KindTag::Int)?,
            Along::CumSum | Along::Sort | Along::SortDescending => {
                error::numeric(input).map(|()| input.kind)?
            }
            Along::Flip => input.kind,
        };
        Ok(TensorMeta { kind, ..input })
    }

    pub(super) fn run(self, [input]: [Erased; 1], dim: usize) -> Erased {
        let rank = input.dims().rank();
        if input.dims().elements() == Some(0) {
            // Nothing stays nothing, and Burn wants something to look at.
            return match self {
                Along::ArgSort | Along::ArgSortDescending => cast::run([input], KindTag::Int),
                _ => input,
            };
        }
        match (input.kind(), self) {
            (KindTag::Float, Along::Softmax) => {
                with_rank!(rank, D => Erased::new(activation::softmax(input.assume::<D, Float>(), dim)))
            }
            (KindTag::Float, Along::LogSoftmax) => {
                with_rank!(rank, D => Erased::new(activation::log_softmax(input.assume::<D, Float>(), dim)))
            }
            (KindTag::Float, _) => with_rank!(rank, D => self.of(input.assume::<D, Float>(), dim)),
            (KindTag::Int, Along::CumSum) => {
                with_rank!(rank, D => Erased::new(cumsum(input.assume::<D, Int>(), dim)))
            }
            (KindTag::Int, _) => with_rank!(rank, D => self.of(input.assume::<D, Int>(), dim)),
            (KindTag::Bool, _) => {
                with_rank!(rank, D => Erased::new(input.assume::<D, Bool>().flip([dim as isize])))
            }
        }
    }

    fn of<const D: usize, K: NumericKind>(self, x: Tensor<D, K>, dim: usize) -> Erased {
        match self {
            Along::CumSum => Erased::new(x.cumsum(dim)),
            Along::Sort => Erased::new(x.sort(dim)),
            Along::SortDescending => Erased::new(x.sort_descending(dim)),
            Along::ArgSort => Erased::new(x.argsort(dim)),
            Along::ArgSortDescending => Erased::new(x.argsort_descending(dim)),
            _ => Erased::new(x.flip([dim as isize])),
        }
    }
}

/// Sums of whole numbers, which wrap as all of their arithmetic does: Burn 0.22.1's own panics in a debug build.
fn cumsum<const D: usize>(x: Tensor<D, Int>, dim: usize) -> Tensor<D, Int> {
    let (mut sums, mut shift) = (x, 1);
    let size = sums.dims()[dim];
    // Hillis and Steele, "Data Parallel Algorithms" (1986): each sum is of twice as many elements as the last.
    while shift < size {
        let mut before = sums.dims();
        before[dim] = shift;
        let zeros = Tensor::zeros(before, (&sums.device(), sums.dtype()));
        let moved = Tensor::cat(vec![zeros, sums.clone().narrow(dim, 0, size - shift)], dim);
        sums = sums.add(moved);
        shift *= 2;
    }
    sums
}
