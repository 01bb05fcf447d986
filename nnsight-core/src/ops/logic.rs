//! Truth values: `and`, `or`, `not`, and choosing elements by a mask.

use super::binary::{align, broadcast};
use super::error::{self, Result};
use super::real;
use crate::shapes::kind::KindTag;
use crate::shapes::meta::TensorMeta;
use crate::shapes::scalar::Scalar;
use crate::tensor::erased::{Erased, with_kind, with_rank};
use burn::tensor::{Bool, Float, Int, Tensor};
use serde::{Deserialize, Serialize};

/// Logic on two tensors of truth values of the same sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Logic {
    /// `a && b`
    And,
    /// `a || b`
    Or,
    /// `a != b`
    Xor,
}

impl Logic {
    pub(super) fn name(self) -> &'static str {
        match self {
            Logic::And => "and",
            Logic::Or => "or",
            Logic::Xor => "xor",
        }
    }

    pub(super) fn infer(self, inputs: &[TensorMeta]) -> Result<TensorMeta> {
        let [left, right] = error::metas(inputs)?;
        error::of_kind(KindTag::Bool, left)?;
        error::of_kind(KindTag::Bool, right)?;
        Ok(TensorMeta {
            dims: broadcast(&left.dims, &right.dims)?,
            ..left
        })
    }

    pub(super) fn run(self, [left, right]: [Erased; 2], sizes: &[usize]) -> Erased {
        let right = real::expand(align(&left, right), sizes);
        with_rank!(sizes.len(), D => self.of(left.assume::<D, Bool>(), right.assume()))
    }

    fn of<const D: usize>(self, left: Tensor<D, Bool>, right: Tensor<D, Bool>) -> Erased {
        Erased::new(match self {
            Logic::And => left.bool_and(right),
            Logic::Or => left.bool_or(right),
            Logic::Xor => left.bool_xor(right),
        })
    }
}

pub(super) fn infer_not(inputs: &[TensorMeta]) -> Result<TensorMeta> {
    let input = error::one(inputs)?;
    error::of_kind(KindTag::Bool, input)?;
    Ok(input)
}

pub(super) fn run_not([input]: [Erased; 1]) -> Erased {
    with_rank!(input.dims().rank(), D => Erased::new(input.assume::<D, Bool>().bool_not()))
}

/// `[tensor, mask, other]`: `other` where the mask is true.
pub(super) fn infer_where(inputs: &[TensorMeta]) -> Result<TensorMeta> {
    let [input, mask, other] = error::metas(inputs)?;
    error::of_kind(KindTag::Bool, mask)?;
    error::of_kind(input.kind, other)?;
    let dims = broadcast(&broadcast(&input.dims, &mask.dims)?, &other.dims)?;
    Ok(TensorMeta { dims, ..input })
}

pub(super) fn run_where([input, mask, other]: [Erased; 3], sizes: &[usize]) -> Erased {
    let mask = real::expand(align(&input, mask), sizes);
    let other = real::expand(align(&input, other), sizes);
    with_kind!(input.kind(), K => with_rank!(sizes.len(), D => {
        Erased::new(input.assume::<D, K>().mask_where(mask.assume(), other.assume()))
    }))
}

/// `[tensor, mask]`: a number where the mask is true.
pub(super) fn infer_fill(inputs: &[TensorMeta]) -> Result<TensorMeta> {
    let [input, mask] = error::metas(inputs)?;
    error::of_kind(KindTag::Bool, mask)?;
    Ok(TensorMeta {
        dims: broadcast(&input.dims, &mask.dims)?,
        ..input
    })
}

pub(super) fn run_fill([input, mask]: [Erased; 2], number: Scalar, sizes: &[usize]) -> Erased {
    let mask = real::expand(align(&input, mask), sizes);
    let (float, int) = (number.as_f64(), number.as_i64());
    match input.kind() {
        KindTag::Float => {
            with_rank!(sizes.len(), D => Erased::new(input.assume::<D, Float>().mask_fill(mask.assume(), float)))
        }
        KindTag::Int => {
            with_rank!(sizes.len(), D => Erased::new(input.assume::<D, Int>().mask_fill(mask.assume(), int)))
        }
        KindTag::Bool => {
            with_rank!(sizes.len(), D => Erased::new(input.assume::<D, Bool>().mask_fill(mask.assume(), int != 0)))
        }
    }
}
