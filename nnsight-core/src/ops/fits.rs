//! Numbers and sizes that an operation holds: whether a tensor can hold them.

use super::error::{OpError, Result};
use super::{Function, Numeric, Op, Scalar};
use crate::shapes::meta::TensorMeta;
use crate::shapes::shape::KindTag;

/// The greatest size of an axis: sizes are kept in 32 bits, and one value is for those that are not known.
const GREATEST: usize = u32::MAX as usize - 1;

/// From here on every float is a whole number, and one that has not 64 bits.
const GREATEST_POWER: f64 = 9_223_372_036_854_775_808.0;

impl Scalar {
    /// Refuses a number for tensors of a kind that cannot hold it: whole numbers have 32 bits there.
    pub(crate) fn check(self, kind: KindTag) -> Result<()> {
        let fits = match (kind, self) {
            (KindTag::Float, _) => true,
            (KindTag::Int, Scalar::Int(number)) => i32::try_from(number).is_ok(),
            (KindTag::Bool, Scalar::Int(_)) => true,
            (KindTag::Int | KindTag::Bool, Scalar::Float(_)) => false,
        };
        match fits {
            true => Ok(()),
            false => Err(OpError::NumberMisfit { number: self, kind }),
        }
    }
}

impl Op {
    /// Refuses numbers that do not fit the tensors that they meet, and sizes that no tensor has.
    pub(super) fn check_held(&self, inputs: &[TensorMeta]) -> Result<()> {
        let check = |number: Scalar| match inputs.first() {
            Some(input) => number.check(input.kind),
            None => Ok(()),
        };
        match self {
            Op::Scalar(_, number)
            | Op::CompareScalar(_, number)
            | Op::MaskFill(number)
            | Op::Fill(_, number) => check(*number),
            Op::Numeric(Numeric::Clamp { low, high }) => low.iter().chain(high).try_for_each(|n| check(*n)),
            Op::Numeric(Numeric::Powi(power)) => Scalar::Int((*power).into()).check(KindTag::Int),
            Op::Function(Function::Powf { exponent }) => match exponent.abs() < GREATEST_POWER {
                true => Ok(()),
                false => Err(OpError::PowerTooLarge { exponent: *exponent }),
            },
            Op::Full(kind, number) => number.check(*kind),
            Op::Reshape(sizes) | Op::Rename(sizes) | Op::Expand { sizes, .. } => {
                sizes.iter().flatten().try_for_each(|size| size_fits(*size))
            }
            Op::OneHot { size, .. } => size_fits(*size),
            _ => Ok(()),
        }
    }
}

impl Op {
    /// Refuses a result of more than `most` elements. Otherwise how much there is to compute, as far as sizes are known:
    /// the elements of the result, and of a matrix product the multiplications too.
    ///
    /// # Errors
    /// [`OpError::TooManyElements`], and those of [`Op::infer`].
    pub(crate) fn check_elements(&self, inputs: &[TensorMeta], most: usize) -> Result<usize> {
        let result = self.infer(inputs)?.dims;
        let sizes = result.sizes();
        // A size of 0 makes no result small: the strides of the other axes are computed all the same.
        let found = sizes
            .iter()
            .flatten()
            .fold(1usize, |all, size| all.saturating_mul((*size).max(1)));
        if found > most {
            return Err(OpError::TooManyElements { found, most });
        }
        let inner = match (self, inputs.first()) {
            (Op::Matmul, Some(left)) => left.dims.get(left.dims.rank().saturating_sub(1)).unwrap_or(1),
            _ => 1,
        };
        Ok(found.saturating_mul(inner.max(1)))
    }
}

/// Refuses a size that no axis has.
pub(super) fn size_fits(size: usize) -> Result<()> {
    match size <= GREATEST {
        true => Ok(()),
        false => Err(OpError::SizeTooLarge { size }),
    }
}
