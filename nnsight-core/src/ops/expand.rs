//! New axes along which every element is the same.

use super::error::{self, OpError, Result};
use super::real;
use crate::shapes::dims::Dims;
use crate::shapes::meta::TensorMeta;
use crate::tensor::erased::Erased;

/// The input's axes go to `places` of `sizes`. A scalar goes nowhere.
fn fit(input: TensorMeta, places: &[usize], sizes: Dims) -> Result<TensorMeta> {
    error::rank(sizes.rank())?;
    let scalar = places.is_empty() && input.dims == Dims::scalar();
    let all = scalar || places.len() == input.dims.rank();
    if !all || !places.is_sorted_by(|a, b| a < b) {
        return Err(OpError::NotAnOrder {
            order: places.to_vec(),
            sizes: input.dims,
        });
    }
    let mut dims = sizes;
    for (from, &to) in places.iter().enumerate() {
        error::has_axis(to, &sizes)?;
        match (input.dims.get(from), sizes.get(to)) {
            (Some(found), Some(wanted)) if found != wanted => {
                return Err(OpError::WrongSizes {
                    wanted: sizes,
                    found: input.dims,
                });
            }
            (found, wanted) => dims = dims.with(to, found.or(wanted)),
        }
    }
    Ok(TensorMeta { dims, ..input })
}

pub(super) fn infer(inputs: &[TensorMeta], places: &[usize], sizes: &[Option<usize>]) -> Result<TensorMeta> {
    let input = error::one(inputs)?;
    error::rank(sizes.len())?;
    let output = fit(input, places, Dims::new(sizes.iter().copied()))?;
    let new = |dim: &usize| !places.contains(dim) && output.dims.get(*dim).is_none();
    match (0..sizes.len()).find(new) {
        Some(dim) => Err(OpError::UnknownSize {
            dim,
            sizes: output.dims,
        }),
        None => Ok(output),
    }
}

pub(super) fn infer_as(inputs: &[TensorMeta], places: &[usize]) -> Result<TensorMeta> {
    let [input, like] = error::metas(inputs)?;
    fit(input, places, like.dims)
}

pub(super) fn run(input: Erased, places: &[usize], sizes: &[usize]) -> Erased {
    let one_elsewhere = |(dim, &size): (usize, &usize)| if places.contains(&dim) { size } else { 1 };
    let kept: Vec<usize> = sizes.iter().enumerate().map(one_elsewhere).collect();
    real::expand(real::reshape(input, &kept), sizes)
}
