//! Arithmetic, element by element.

use super::error::{self, OpError, Result};
use super::real;
use crate::shapes::dims::Dims;
use crate::shapes::kind::{KindTag, NumericKind};
use crate::shapes::meta::TensorMeta;
use crate::shapes::scalar::Scalar;
use crate::tensor::erased::{Erased, with_rank};
use burn::tensor::{Float, Int, Tensor};
use serde::{Deserialize, Serialize};

/// Arithmetic on two tensors of the same sizes, or a tensor and one over its last axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Binary {
    /// `a + b`
    Add,
    /// `a - b`
    Sub,
    /// `a * b`
    Mul,
    /// `a / b`
    Div,
    /// `a % b`, of the sign of `b`
    Rem,
    /// The greater of both.
    Maximum,
    /// The smaller of both.
    Minimum,
}

/// Sizes of `left` where `right` is of the same sizes, of its last ones, or one element.
pub(super) fn broadcast(left: &Dims, right: &Dims) -> Result<Dims> {
    let differ = OpError::SizesDiffer {
        left: *left,
        right: *right,
    };
    if *right == Dims::scalar() {
        return Ok(*left);
    }
    let before = left.rank().checked_sub(right.rank()).ok_or(differ.clone())?;
    let sizes = left.sizes();
    let (first, last) = sizes.split_at(before);
    let last = Dims::new(last.iter().copied()).unify(right).ok_or(differ)?;
    Ok(Dims::new(first.iter().chain(last.sizes().iter()).copied()))
}

/// The right side at the rank of the left, on its device and of its element type.
pub(super) fn align(left: &Erased, right: Erased) -> Erased {
    let right = real::alike(left, right);
    let (wanted, found) = (left.dims().rank(), right.dims());
    if found.rank() == wanted {
        return right;
    }
    let ones = std::iter::repeat_n(1, wanted - found.rank());
    let sizes: Vec<usize> = ones
        .chain(found.sizes().iter().map(|size| size.unwrap_or(1)))
        .collect();
    real::reshape(right, &sizes)
}

impl Binary {
    pub(super) fn name(self) -> &'static str {
        match self {
            Binary::Add => "+",
            Binary::Sub => "-",
            Binary::Mul => "*",
            Binary::Div => "/",
            Binary::Rem => "%",
            Binary::Maximum => "maximum",
            Binary::Minimum => "minimum",
        }
    }

    pub(super) fn infer(self, inputs: &[TensorMeta]) -> Result<TensorMeta> {
        let [left, right] = error::metas(inputs)?;
        error::numeric(left)?;
        error::of_kind(left.kind, right)?;
        Ok(TensorMeta {
            dims: broadcast(&left.dims, &right.dims)?,
            ..left
        })
    }

    pub(super) fn infer_scalar(self, inputs: &[TensorMeta], number: Scalar) -> Result<TensorMeta> {
        let input = error::one(inputs)?;
        error::numeric(input)?;
        let divides = matches!(self, Binary::Div | Binary::Rem);
        if divides && input.kind == KindTag::Int && number.as_i64() == 0 {
            return Err(OpError::DivisionByZero);
        }
        Ok(input)
    }

    pub(super) fn run(self, [left, right]: [Erased; 2]) -> Erased {
        let right = align(&left, right);
        let rank = left.dims().rank();
        match left.kind() {
            KindTag::Float => with_rank!(rank, D => self.of(left.assume::<D, Float>(), right.assume())),
            _ => with_rank!(rank, D => self.of(left.assume::<D, Int>(), right.assume())),
        }
    }

    fn of<const D: usize, K: NumericKind>(self, left: Tensor<D, K>, right: Tensor<D, K>) -> Erased {
        Erased::new(match self {
            Binary::Add => left.add(right),
            Binary::Sub => left.sub(right),
            Binary::Mul => left.mul(right),
            Binary::Div => left.div(right),
            Binary::Rem => left.remainder(right),
            Binary::Maximum => {
                let right = right.expand(left.shape());
                left.max_pair(right)
            }
            Binary::Minimum => {
                let right = right.expand(left.shape());
                left.min_pair(right)
            }
        })
    }

    pub(super) fn run_scalar(self, [left]: [Erased; 1], number: Scalar) -> Erased {
        let rank = left.dims().rank();
        match left.kind() {
            KindTag::Float => {
                let number = number.as_f64();
                with_rank!(rank, D => self.of_scalar(left.assume::<D, Float>(), number))
            }
            _ => {
                let number = number.as_i64();
                with_rank!(rank, D => self.of_scalar(left.assume::<D, Int>(), number))
            }
        }
    }

    fn of_scalar<const D: usize, K: NumericKind>(
        self,
        left: Tensor<D, K>,
        number: impl burn::tensor::ElementConversion,
    ) -> Erased {
        Erased::new(match self {
            Binary::Add => left.add_scalar(number),
            Binary::Sub => left.sub_scalar(number),
            Binary::Mul => left.mul_scalar(number),
            Binary::Div => left.div_scalar(number),
            Binary::Rem => left.remainder_scalar(number),
            Binary::Maximum => left.clamp_min(number),
            Binary::Minimum => left.clamp_max(number),
        })
    }
}
