//! Elements of an axis at chosen positions.

use super::error::{self, OpError, Result};
use super::{cast, real};
use crate::shapes::dims::Dims;
use crate::shapes::kind::KindTag;
use crate::shapes::meta::TensorMeta;
use crate::shapes::take::Take;
use crate::tensor::erased::{Erased, with_kind, with_rank};
use burn::tensor::{Bool, Float, Int, Tensor};

/// The positions counted from the start.
fn resolve(positions: &[i64], dim: usize, size: usize) -> Result<Vec<i64>> {
    let resolve = |&index: &i64| match Take::One(index).resolve(size) {
        Ok((position, _)) => Ok(position as i64),
        Err(_) => Err(OpError::OutOfBounds { dim, index, size }),
    };
    positions.iter().map(resolve).collect()
}

fn size_of(input: &Erased, dim: usize) -> usize {
    input.dims().get(dim).unwrap_or(0)
}

pub(super) fn infer_take(inputs: &[TensorMeta], dim: usize, positions: &[i64]) -> Result<TensorMeta> {
    let input = error::one(inputs)?;
    error::has_axis(dim, &input.dims)?;
    if let Some(size) = input.dims.get(dim) {
        resolve(positions, dim, size)?;
    }
    Ok(TensorMeta {
        dims: input.dims.with(dim, Some(positions.len())),
        ..input
    })
}

pub(super) fn infer_select(inputs: &[TensorMeta], dim: usize) -> Result<TensorMeta> {
    let [input, positions] = error::metas(inputs)?;
    error::has_axis(dim, &input.dims)?;
    error::of_kind(KindTag::Int, positions)?;
    error::unify(&Dims::new([None]), &positions.dims)?;
    Ok(TensorMeta {
        dims: input.dims.with(dim, positions.dims.get(0)),
        ..input
    })
}

pub(super) fn infer_pick(inputs: &[TensorMeta], dim: usize) -> Result<TensorMeta> {
    let [input, positions] = error::metas(inputs)?;
    error::has_axis(dim, &input.dims)?;
    error::of_kind(KindTag::Int, positions)?;
    Ok(TensorMeta {
        dims: error::unify(&input.dims.without(dim), &positions.dims)?,
        ..input
    })
}

pub(super) fn infer_gather(inputs: &[TensorMeta], dim: usize) -> Result<TensorMeta> {
    let [input, positions] = error::metas(inputs)?;
    error::has_axis(dim, &input.dims)?;
    error::of_kind(KindTag::Int, positions)?;
    let others = error::unify(&input.dims.with(dim, None), &positions.dims)?;
    Ok(TensorMeta {
        dims: others.with(dim, positions.dims.get(dim)),
        ..input
    })
}

pub(super) fn run_take([input]: [Erased; 1], dim: usize, positions: &[i64]) -> Result<Erased> {
    let positions = resolve(positions, dim, size_of(&input, dim))?;
    let positions = Tensor::<1, Int>::from_data(positions.as_slice(), &input.device());
    Ok(select(input, dim, positions))
}

pub(super) fn run_select([input, positions]: [Erased; 2], dim: usize) -> Erased {
    let positions = real::on_device_of(&input, positions);
    select(input, dim, positions.assume())
}

/// Truth values as 0 and 1: Burn 0.22.1 takes bytes that it selects for no truth values.
fn as_numbers(input: Erased, f: impl FnOnce(Erased) -> Erased) -> Erased {
    cast::run([f(cast::run([input], KindTag::Int))], KindTag::Bool)
}

fn select(input: Erased, dim: usize, positions: Tensor<1, Int>) -> Erased {
    if input.kind() == KindTag::Bool {
        return as_numbers(input, |numbers| select(numbers, dim, positions));
    }
    with_kind!(input.kind(), K => with_rank!(input.dims().rank(), D => {
        Erased::new(input.assume::<D, K>().select(dim, positions))
    }))
}

pub(super) fn run_gather([input, positions]: [Erased; 2], dim: usize) -> Erased {
    if input.kind() == KindTag::Bool {
        return as_numbers(input, |numbers| run_gather([numbers, positions], dim));
    }
    let positions = real::on_device_of(&input, positions);
    with_kind!(input.kind(), K => with_rank!(input.dims().rank(), D => {
        Erased::new(input.assume::<D, K>().gather(dim, positions.assume()))
    }))
}

pub(super) fn run_pick([input, positions]: [Erased; 2], dim: usize, sizes: &[usize]) -> Erased {
    let mut kept = input.dims().all_known().unwrap_or_default();
    kept[dim] = 1;
    let positions = real::reshape(positions, &kept);
    real::reshape(run_gather([input, positions], dim), sizes)
}
