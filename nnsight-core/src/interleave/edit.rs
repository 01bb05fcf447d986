//! Writing into a real tensor, whole or in part.

use crate::dims::Dims;
use crate::index::{OutOfBounds, Take, apply};
use crate::ops::{Scalar, reshape};
use crate::shape::KindTag;
use crate::tensor::{Erased, with_kind, with_rank};
use burn::tensor::{Bool, DType, Device, Float, Int, Slice, Tensor};

/// What a write does to the tensor at a site.
pub(super) enum Edit {
    Tensor(Erased),
    Number(Scalar),
}

/// Why a tensor cannot be written.
pub(super) enum Misfit {
    Index(OutOfBounds),
    Sizes { wanted: Dims, found: Dims },
}

/// The tensor after the write. Nothing is copied where the tensor is not used elsewhere.
pub(super) fn write(current: Erased, takes: &[Take], edit: Edit) -> Result<Erased, Misfit> {
    let indexed = apply(takes, &current.dims()).map_err(Misfit::Index)?;
    let value = match edit {
        Edit::Tensor(value) => value,
        Edit::Number(number) => return Ok(fill(current, takes, number)),
    };
    let wanted = if takes.is_empty() { indexed.kept } else { indexed.left };
    let found = value.dims();
    if wanted != found {
        return Err(Misfit::Sizes { wanted, found });
    }
    let value = cast(value, current.dtype());
    if takes.is_empty() {
        return Ok(value);
    }
    let value = match indexed.kept.all_known() {
        Some(sizes) => reshape(value, &sizes),
        None => value,
    };
    let slices = slices(takes, &current.dims());
    Ok(with_kind!(current.kind(), K => with_rank!(current.dims().rank(), D => {
        Erased::new(current.assume::<D, K>().slice_assign(&slices, value.assume::<D, K>()))
    })))
}

fn fill(current: Erased, takes: &[Take], number: Scalar) -> Erased {
    let slices = slices(takes, &current.dims());
    match current.kind() {
        KindTag::Float => with_rank!(current.dims().rank(), D => {
            let tensor = current.assume::<D, Float>();
            let number = number.as_f64();
            Erased::new(if takes.is_empty() { tensor.full_like(number) } else { tensor.slice_fill(&slices, number) })
        }),
        KindTag::Int => with_rank!(current.dims().rank(), D => {
            let tensor = current.assume::<D, Int>();
            let number = number.as_i64();
            Erased::new(if takes.is_empty() { tensor.full_like(number) } else { tensor.slice_fill(&slices, number) })
        }),
        KindTag::Bool => with_rank!(current.dims().rank(), D => {
            let tensor = current.assume::<D, Bool>();
            let number = number.as_i64() != 0;
            Erased::new(if takes.is_empty() { tensor.full_like(number) } else { tensor.slice_fill(&slices, number) })
        }),
    }
}

/// A float tensor full of one number, on the device and in the element type of another.
pub(super) fn full(sizes: &[usize], number: Scalar, like: &Erased) -> Erased {
    let device: Device = like.device();
    let options = (&device, like.dtype());
    with_rank!(sizes.len(), D => Erased::new(Tensor::<D>::full(sizes.to_vec(), number.as_f64(), options)))
}

/// Values made elsewhere (constants, casts) take the element type of the site.
fn cast(value: Erased, dtype: DType) -> Erased {
    if value.dtype() == dtype {
        return value;
    }
    match value.kind() {
        KindTag::Float => with_rank!(value.dims().rank(), D => Erased::new(value.assume::<D, Float>().cast(dtype))),
        KindTag::Int => with_rank!(value.dims().rank(), D => Erased::new(value.assume::<D, Int>().cast(dtype))),
        KindTag::Bool => value,
    }
}

fn slices(takes: &[Take], dims: &Dims) -> Vec<Slice> {
    let all = dims.sizes().iter().enumerate().map(|(dim, size)| {
        let take = takes.get(dim).copied().unwrap_or(Take::All);
        let (start, end) = take.resolve(size.unwrap_or(0)).unwrap_or((0, 0));
        Slice::new(start as isize, Some(end as isize), 1)
    });
    all.collect()
}
