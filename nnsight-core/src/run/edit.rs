//! Writing into a real tensor, whole or in part.

use crate::error::{Error, WrittenAt};
use crate::ops::Op;
use crate::ops::error::OpError;
use crate::ops::real::alike;
use crate::shapes::axes::AxisMeta;
use crate::shapes::dims::Dims;
use crate::shapes::meta::TensorMeta;
use crate::shapes::scalar::Scalar;
use crate::shapes::take::{OutOfBounds, Take, apply};
use crate::tensor::erased::{Erased, with_rank};
use burn::tensor::Tensor;

/// What a write does to the tensor at a site.
pub(crate) enum Edit {
    Tensor(Erased),
    Number(Scalar),
}

/// Why a tensor cannot be written.
pub(crate) enum Misfit {
    Index(OutOfBounds),
    Sizes { wanted: Dims, found: Dims },
    Op(OpError),
}

impl Misfit {
    /// The error of a write into a place.
    pub(crate) fn at(self, place: String, axes: &[AxisMeta], at: WrittenAt) -> Error {
        match self {
            Misfit::Sizes { wanted, found } => Error::WrongSizes {
                site: place,
                wanted,
                found,
                at,
            },
            Misfit::Op(source) => Error::Op {
                operation: format!("writing {place}"),
                source,
                at,
            },
            Misfit::Index(out) => Error::OutOfBounds {
                what: place,
                index: out.index,
                dim: out.dim,
                axis: axes.get(out.dim).map_or("", |axis| axis.name),
                size: out.size,
                at,
            },
        }
    }
}

/// [`write`] into the part of a tensor that a window leaves; an empty window leaves the whole.
pub(crate) fn write_in(
    window: &[Take],
    current: Erased,
    takes: &[Take],
    edit: Edit,
) -> Result<Erased, Misfit> {
    if window.iter().all(|take| *take == Take::All) {
        return write(current, takes, edit);
    }
    let found = TensorMeta {
        kind: current.kind(),
        dims: current.dims(),
    };
    let mine = Op::Slice(window.to_vec())
        .infer(&[found])
        .map_err(Misfit::Op)?
        .dims;
    let indexed = apply(takes, &mine).map_err(Misfit::Index)?;
    // One write into the whole: a part that is taken out and put back would be copied, and the whole with it.
    let takes: Vec<Take> = found
        .dims
        .sizes()
        .iter()
        .zip(mine.sizes().iter())
        .enumerate()
        .map(|(dim, sizes)| {
            let take = |of: &[Take]| of.get(dim).copied().unwrap_or(Take::All);
            within(take(window), take(takes), sizes)
        })
        .collect();
    match edit {
        Edit::Number(number) => Op::Fill(takes, number).run(vec![current]),
        Edit::Tensor(value) => {
            let (wanted, found) = (indexed.left, value.dims());
            if wanted != found {
                return Err(Misfit::Sizes { wanted, found });
            }
            Op::Assign(takes).run(vec![current, value])
        }
    }
    .map_err(Misfit::Op)
}

/// What an index of a part takes of the whole: of axes of these sizes, the whole's and the part's.
fn within(window: Take, take: Take, (whole, part): (&Option<usize>, &Option<usize>)) -> Take {
    let bounds = |take: Take, size: &Option<usize>| take.resolve(size.unwrap_or(0)).unwrap_or((0, 0));
    let (first, _) = bounds(window, whole);
    let (start, end) = bounds(take, part);
    match take {
        Take::One(_) => Take::One((first + start) as i64),
        Take::All | Take::Slice { .. } => Take::Slice {
            start: (first + start) as i64,
            end: Some((first + end) as i64),
        },
    }
}

/// The tensor after the write. Nothing is copied where the tensor is not used elsewhere; what is written
/// takes the site's element type and device.
pub(crate) fn write(current: Erased, takes: &[Take], edit: Edit) -> Result<Erased, Misfit> {
    let indexed = apply(takes, &current.dims()).map_err(Misfit::Index)?;
    let whole = takes.is_empty();
    match edit {
        Edit::Number(number) if whole => Op::Full(current.kind(), number).run(vec![current]),
        Edit::Number(number) => Op::Fill(takes.to_vec(), number).run(vec![current]),
        Edit::Tensor(value) => {
            let wanted = if whole { indexed.kept } else { indexed.left };
            let found = value.dims();
            if wanted != found {
                return Err(Misfit::Sizes { wanted, found });
            }
            if whole {
                return Ok(alike(&current, value));
            }
            Op::Assign(takes.to_vec()).run(vec![current, value])
        }
    }
    .map_err(Misfit::Op)
}

/// A float tensor full of one number, on the device and in the element type of another.
pub(crate) fn full(sizes: &[usize], number: Scalar, like: &Erased) -> Erased {
    let device = like.device();
    let options = (&device, like.dtype());
    with_rank!(sizes.len(), D => Erased::new(Tensor::<D>::full(sizes.to_vec(), number.as_f64(), options)))
}
