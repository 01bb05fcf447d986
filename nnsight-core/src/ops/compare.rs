//! Comparisons, element by element.

use super::binary::{align, broadcast};
use super::error::{self, Result};
use super::real;
use crate::shapes::kind::{KindTag, NumericKind};
use crate::shapes::meta::TensorMeta;
use crate::shapes::scalar::Scalar;
use crate::tensor::erased::{Erased, with_rank};
use burn::tensor::{Bool, Element, ElementConversion, Float, Int, Tensor};
use serde::{Deserialize, Serialize};

/// A comparison of two tensors of the same sizes, or of a tensor and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compare {
    /// `a > b`
    Gt,
    /// `a >= b`
    Ge,
    /// `a < b`
    Lt,
    /// `a <= b`
    Le,
    /// `a == b`
    Equal,
    /// `a != b`
    NotEqual,
}

impl Compare {
    pub(super) fn name(self) -> &'static str {
        match self {
            Compare::Gt => "gt",
            Compare::Ge => "ge",
            Compare::Lt => "lt",
            Compare::Le => "le",
            Compare::Equal => "equal",
            Compare::NotEqual => "not_equal",
        }
    }

    fn of_kind(self, input: TensorMeta) -> Result<()> {
        match self {
            Compare::Equal | Compare::NotEqual => Ok(()),
            _ => error::numeric(input),
        }
    }

    pub(super) fn infer(self, inputs: &[TensorMeta]) -> Result<TensorMeta> {
        let [left, right] = error::metas(inputs)?;
        self.of_kind(left)?;
        error::of_kind(left.kind, right)?;
        Ok(TensorMeta {
            kind: KindTag::Bool,
            dims: broadcast(&left.dims, &right.dims)?,
        })
    }

    pub(super) fn infer_scalar(self, inputs: &[TensorMeta]) -> Result<TensorMeta> {
        let input = error::one(inputs)?;
        self.of_kind(input)?;
        Ok(TensorMeta {
            kind: KindTag::Bool,
            ..input
        })
    }

    pub(super) fn run(self, [left, right]: [Erased; 2], sizes: &[usize]) -> Erased {
        let right = real::expand(align(&left, right), sizes);
        match left.kind() {
            KindTag::Float => {
                with_rank!(sizes.len(), D => self.of(left.assume::<D, Float>(), right.assume()))
            }
            KindTag::Int => with_rank!(sizes.len(), D => self.of(left.assume::<D, Int>(), right.assume())),
            KindTag::Bool => {
                with_rank!(sizes.len(), D => self.of_bool(left.assume::<D, Bool>(), right.assume()))
            }
        }
    }

    fn of<const D: usize, K: NumericKind>(self, left: Tensor<D, K>, right: Tensor<D, K>) -> Erased {
        Erased::new(match self {
            Compare::Gt => left.greater(right),
            Compare::Ge => left.greater_equal(right),
            Compare::Lt => left.lower(right),
            Compare::Le => left.lower_equal(right),
            Compare::Equal => left.equal(right),
            Compare::NotEqual => left.not_equal(right),
        })
    }

    fn of_bool<const D: usize>(self, left: Tensor<D, Bool>, right: Tensor<D, Bool>) -> Erased {
        Erased::new(match self {
            Compare::NotEqual => left.not_equal(right),
            _ => left.equal(right),
        })
    }

    pub(super) fn run_scalar(self, [left]: [Erased; 1], number: Scalar) -> Erased {
        let rank = left.dims().rank();
        let (float, int) = (number.as_f64(), number.as_i64());
        match left.kind() {
            KindTag::Float => with_rank!(rank, D => self.of_scalar(left.assume::<D, Float>(), float)),
            KindTag::Int => with_rank!(rank, D => self.of_scalar(left.assume::<D, Int>(), int)),
            KindTag::Bool => with_rank!(rank, D => {
                let left = left.assume::<D, Bool>();
                Erased::new(if (self == Compare::Equal) == (int != 0) { left } else { left.bool_not() })
            }),
        }
    }

    fn of_scalar<const D: usize, K: NumericKind, E: Element + ElementConversion>(
        self,
        left: Tensor<D, K>,
        number: E,
    ) -> Erased {
        Erased::new(match self {
            Compare::Gt => left.greater_scalar(number),
            Compare::Ge => left.greater_equal_scalar(number),
            Compare::Lt => left.lower_scalar(number),
            Compare::Le => left.lower_equal_scalar(number),
            Compare::Equal => left.equal_scalar(number),
            Compare::NotEqual => left.not_equal_scalar(number),
        })
    }
}
