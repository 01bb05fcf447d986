//! The greatest elements along an axis.

use super::error::{self, OpError, Result};
use crate::shapes::kind::{KindTag, NumericKind};
use crate::shapes::meta::TensorMeta;
use crate::tensor::erased::{Erased, with_rank};
use burn::tensor::{Float, Int, Tensor};

pub(super) fn infer(inputs: &[TensorMeta], dim: usize, k: usize, positions: bool) -> Result<TensorMeta> {
    let input = error::one(inputs)?;
    error::numeric(input)?;
    error::has_axis(dim, &input.dims)?;
    if let Some(size) = input.dims.get(dim)
        && size < k
    {
        return Err(OpError::TooFew { dim, wanted: k, size });
    }
    let kind = if positions { KindTag::Int } else { input.kind };
    Ok(TensorMeta {
        kind,
        dims: input.dims.with(dim, Some(k)),
    })
}

pub(super) fn run([input]: [Erased; 1], dim: usize, k: usize, positions: bool) -> Erased {
    let rank = input.dims().rank();
    match input.kind() {
        KindTag::Float => with_rank!(rank, D => of(input.assume::<D, Float>(), dim, k, positions)),
        _ => with_rank!(rank, D => of(input.assume::<D, Int>(), dim, k, positions)),
    }
}

fn of<const D: usize, K: NumericKind>(x: Tensor<D, K>, dim: usize, k: usize, positions: bool) -> Erased {
    match positions {
        true => Erased::new(x.topk_with_indices(k, dim).1),
        false => Erased::new(x.topk(k, dim)),
    }
}
