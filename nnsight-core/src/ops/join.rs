//! Several values as one: end to end along an axis, or side by side along a new one.

use super::error::{self, OpError, Result, size_fits};
use super::real;
use crate::shapes::dims::Dims;
use crate::shapes::meta::TensorMeta;
use crate::tensor::erased::{Erased, with_kind, with_rank};
use burn::tensor::{Bool, Float, Int, Tensor};

fn first(inputs: &[TensorMeta]) -> Result<(TensorMeta, &[TensorMeta])> {
    let (first, others) = inputs
        .split_first()
        .ok_or(OpError::InputCount { wanted: 1, found: 0 })?;
    others
        .iter()
        .try_for_each(|other| error::of_kind(first.kind, *other))?;
    Ok((*first, others))
}

pub(super) fn infer_cat(inputs: &[TensorMeta], dim: usize) -> Result<TensorMeta> {
    let (first, others) = first(inputs)?;
    error::has_axis(dim, &first.dims)?;
    let mut dims = first.dims.with(dim, None);
    let mut size = first.dims.get(dim);
    for other in others {
        error::has_axis(dim, &other.dims)?;
        dims = error::unify(&dims, &other.dims.with(dim, None))?;
        size = size.zip(other.dims.get(dim)).map(|(sum, more)| sum + more);
    }
    size.map_or(Ok(()), size_fits)?;
    Ok(TensorMeta {
        dims: dims.with(dim, size),
        ..first
    })
}

/// Scalars are stored over one axis, which then is the new one.
pub(super) fn infer_stack(inputs: &[TensorMeta], size: Option<usize>, scalars: bool) -> Result<TensorMeta> {
    let (first, others) = first(inputs)?;
    let found = inputs.len();
    if let Some(wanted) = size
        && wanted != found
    {
        return Err(OpError::StackCount { wanted, found });
    }
    let mut dims = if scalars { Dims::scalar() } else { first.dims };
    for input in [first].iter().chain(others) {
        dims = error::unify(&dims, &input.dims)?;
    }
    let dims = match scalars {
        true => Dims::known(&[found]),
        false => {
            error::rank(dims.rank() + 1)?;
            dims.insert(0, Some(found))
        }
    };
    Ok(TensorMeta { dims, ..first })
}

pub(super) fn run_cat(inputs: Vec<Erased>, dim: usize) -> Result<Erased> {
    let first = inputs
        .first()
        .cloned()
        .ok_or(OpError::InputCount { wanted: 1, found: 0 })?;
    Ok(
        with_kind!(first.kind(), K => with_rank!(first.dims().rank(), D => {
            let tensors = inputs.into_iter().map(|tensor| real::alike(&first, tensor).assume::<D, K>());
            Erased::new(Tensor::cat(tensors.collect(), dim))
        })),
    )
}

pub(super) fn run_stack(inputs: Vec<Erased>, sizes: &[usize]) -> Result<Erased> {
    let one: Vec<usize> = [1].iter().chain(&sizes[1..]).copied().collect();
    run_cat(
        inputs
            .into_iter()
            .map(|tensor| real::reshape(tensor, &one))
            .collect(),
        0,
    )
}
