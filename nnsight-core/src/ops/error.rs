//! Why an operation cannot work: the checks that every shape rule shares.

use crate::shapes::dims::Dims;
use crate::shapes::kind::{KindTag, MAX_RANK};
use crate::shapes::meta::TensorMeta;
use crate::tensor::erased::Erased;

pub use crate::error::op::OpError;

/// The greatest size of an axis: sizes are kept in 32 bits, and one value is for those that are not known.
const GREATEST: usize = u32::MAX as usize - 1;

pub(super) type Result<T> = std::result::Result<T, OpError>;

/// The inputs as an array.
pub(super) fn take<const N: usize>(inputs: Vec<Erased>) -> Result<[Erased; N]> {
    <[Erased; N]>::try_from(inputs).map_err(|inputs| OpError::InputCount {
        wanted: N,
        found: inputs.len(),
    })
}

/// The inputs' kinds and sizes as an array.
pub(super) fn metas<const N: usize>(inputs: &[TensorMeta]) -> Result<[TensorMeta; N]> {
    <[TensorMeta; N]>::try_from(inputs).map_err(|_| OpError::InputCount {
        wanted: N,
        found: inputs.len(),
    })
}

/// The only input's kind and sizes.
pub(super) fn one(inputs: &[TensorMeta]) -> Result<TensorMeta> {
    let [input] = metas(inputs)?;
    Ok(input)
}

/// Refuses a tensor of another kind.
pub(super) fn of_kind(wanted: KindTag, found: TensorMeta) -> Result<()> {
    if found.kind == wanted {
        Ok(())
    } else {
        Err(OpError::WrongKind {
            wanted,
            found: found.kind,
        })
    }
}

/// Refuses truth values.
pub(super) fn numeric(found: TensorMeta) -> Result<()> {
    if found.kind == KindTag::Bool {
        Err(OpError::NotNumeric)
    } else {
        Ok(())
    }
}

/// Refuses an axis that is not there.
pub(super) fn has_axis(dim: usize, dims: &Dims) -> Result<()> {
    if dim < dims.rank() {
        Ok(())
    } else {
        Err(OpError::NoSuchAxis { dim, sizes: *dims })
    }
}

/// Refuses a number of axes that no shape has.
pub(super) fn rank(found: usize) -> Result<()> {
    if (1..=MAX_RANK).contains(&found) {
        Ok(())
    } else {
        Err(OpError::TooManyAxes { found })
    }
}

/// Sizes that fit both.
pub(super) fn unify(left: &Dims, right: &Dims) -> Result<Dims> {
    left.unify(right).ok_or(OpError::SizesDiffer {
        left: *left,
        right: *right,
    })
}

/// Refuses a size that no axis has.
pub(super) fn size_fits(size: usize) -> Result<()> {
    match size <= GREATEST {
        true => Ok(()),
        false => Err(OpError::SizeTooLarge { size }),
    }
}
