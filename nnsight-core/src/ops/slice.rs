//! Parts of a value, by position: reading them and replacing them.

use super::error::{self, OpError, Result};
use super::real;
use crate::shapes::dims::Dims;
use crate::shapes::kind::{KindTag, MAX_RANK};
use crate::shapes::meta::TensorMeta;
use crate::shapes::scalar::Scalar;
use crate::shapes::take;
use crate::shapes::take::{Indexed, OutOfBounds, Take};
use crate::tensor::erased::{Erased, with_kind, with_rank};
use burn::tensor::{Bool, Float, Int, Slice};

fn apply(takes: &[Take], dims: &Dims) -> Result<Indexed> {
    if takes.len() > dims.rank() {
        return Err(OpError::NoSuchAxis {
            dim: takes.len() - 1,
            sizes: *dims,
        });
    }
    let out = |OutOfBounds { dim, index, size }| OpError::OutOfBounds { dim, index, size };
    take::apply(takes, dims).map_err(out)
}

/// The positions that an index takes of each axis.
fn slices(takes: &[Take], dims: &Dims) -> ([Slice; MAX_RANK], usize) {
    let mut slices = [Slice::full(); MAX_RANK];
    for (dim, (slice, size)) in slices.iter_mut().zip(dims.sizes().iter()).enumerate() {
        let take = takes.get(dim).copied().unwrap_or(Take::All);
        let (start, end) = take.resolve(size.unwrap_or(0)).unwrap_or((0, 0));
        *slice = Slice::new(start as isize, Some(end as isize), 1);
    }
    (slices, dims.rank())
}

pub(super) fn infer(inputs: &[TensorMeta], takes: &[Take]) -> Result<TensorMeta> {
    let input = error::one(inputs)?;
    Ok(TensorMeta {
        dims: apply(takes, &input.dims)?.left,
        ..input
    })
}

pub(super) fn infer_assign(inputs: &[TensorMeta], takes: &[Take]) -> Result<TensorMeta> {
    let [input, part] = error::metas(inputs)?;
    error::of_kind(input.kind, part)?;
    error::unify(&apply(takes, &input.dims)?.left, &part.dims)?;
    Ok(input)
}

pub(super) fn infer_fill(inputs: &[TensorMeta], takes: &[Take]) -> Result<TensorMeta> {
    let input = error::one(inputs)?;
    apply(takes, &input.dims)?;
    Ok(input)
}

pub(super) fn run([input]: [Erased; 1], takes: &[Take], sizes: &[usize]) -> Erased {
    let (slices, rank) = slices(takes, &input.dims());
    let part = with_kind!(input.kind(), K => with_rank!(rank, D => {
        Erased::new(input.assume::<D, K>().slice(&slices[..rank]))
    }));
    real::reshape(part, sizes)
}

pub(super) fn run_assign([input, part]: [Erased; 2], takes: &[Take]) -> Result<Erased> {
    let indexed = apply(takes, &input.dims())?;
    // Where integers stand in the index, the axes are there with size 1.
    let kept = indexed.kept.all_known().unwrap_or_default();
    let part = real::reshape(real::alike(&input, part), &kept);
    let (slices, rank) = slices(takes, &input.dims());
    Ok(with_kind!(input.kind(), K => with_rank!(rank, D => {
        Erased::new(input.assume::<D, K>().slice_assign(&slices[..rank], part.assume()))
    })))
}

pub(super) fn run_fill([input]: [Erased; 1], takes: &[Take], number: Scalar) -> Erased {
    let (slices, rank) = slices(takes, &input.dims());
    let (float, int) = (number.as_f64(), number.as_i64());
    match input.kind() {
        KindTag::Float => {
            with_rank!(rank, D => Erased::new(input.assume::<D, Float>().slice_fill(&slices[..rank], float)))
        }
        KindTag::Int => {
            with_rank!(rank, D => Erased::new(input.assume::<D, Int>().slice_fill(&slices[..rank], int)))
        }
        KindTag::Bool => {
            with_rank!(rank, D => Erased::new(input.assume::<D, Bool>().slice_fill(&slices[..rank], int != 0)))
        }
    }
}
