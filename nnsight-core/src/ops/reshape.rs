//! The same elements over other axes.

use super::error::{self, OpError, Result};
use super::real;
use crate::shapes::dims::Dims;
use crate::shapes::meta::TensorMeta;
use crate::tensor::erased::Erased;

/// All sizes but at most one are known, or the input's size is not.
pub(super) fn infer(inputs: &[TensorMeta], sizes: &[Option<usize>]) -> Result<TensorMeta> {
    let input = error::one(inputs)?;
    error::rank(sizes.len())?;
    let wanted = Dims::new(sizes.iter().copied());
    let misfit = OpError::ElementCount {
        wanted,
        found: input.dims,
    };
    let Some(found) = input.dims.elements() else {
        return Ok(TensorMeta {
            dims: wanted,
            ..input
        });
    };
    // A graph from elsewhere may ask for more elements than there are numbers.
    let known = sizes
        .iter()
        .flatten()
        .try_fold(1usize, |product, &size| product.checked_mul(size));
    let Some(known) = known else { return Err(misfit) };
    let mut unknown = sizes
        .iter()
        .enumerate()
        .filter(|(_, size)| size.is_none())
        .map(|(dim, _)| dim);
    let dims = match (unknown.next(), unknown.next()) {
        (None, _) if known == found => wanted,
        (Some(dim), None) if known > 0 && found.is_multiple_of(known) => {
            wanted.with(dim, Some(found / known))
        }
        (Some(dim), Some(_)) => return Err(OpError::UnknownSize { dim, sizes: wanted }),
        _ => return Err(misfit),
    };
    Ok(TensorMeta { dims, ..input })
}

pub(super) fn run([input]: [Erased; 1], sizes: &[usize]) -> Erased {
    real::reshape(input, sizes)
}

/// The sizes stay, and must fit the new axes.
pub(super) fn infer_rename(inputs: &[TensorMeta], sizes: &[Option<usize>]) -> Result<TensorMeta> {
    let input = error::one(inputs)?;
    let wanted = Dims::new(sizes.iter().copied());
    let dims = input.dims.unify(&wanted).ok_or(OpError::WrongSizes {
        wanted,
        found: input.dims,
    })?;
    Ok(TensorMeta { dims, ..input })
}
