//! Numbers and sizes that an operation holds: whether a tensor can hold them.

use super::error::{OpError, Result, size_fits};
use super::{Function, Numeric, Op, Scalar};
use crate::shapes::kind::KindTag;
use crate::shapes::meta::TensorMeta;
use crate::tensor::erased::Erased;
use burn::tensor::DType;

/// From here on every float is a whole number, and one that has not 64 bits.
const GREATEST_POWER: f64 = 9_223_372_036_854_775_808.0;

impl Scalar {
    /// Refuses a number for tensors of a kind that cannot hold it: whole numbers have 32 bits there.
    pub(crate) fn check(self, kind: KindTag) -> Result<()> {
        let fits = match (kind, self) {
            (KindTag::Float, _) => true,
            (KindTag::Int, Scalar::Int(number)) => i32::try_from(number).is_ok(),
            (KindTag::Bool, Scalar::Int(number)) => matches!(number, 0 | 1),
            (KindTag::Int | KindTag::Bool, Scalar::Float(_)) => false,
        };
        match fits {
            true => Ok(()),
            false => Err(OpError::NumberMisfit { number: self, kind }),
        }
    }

    /// Refuses a number that is no longer that number among elements of a type: which type that is, a run shows.
    pub(crate) fn check_type(self, dtype: DType) -> Result<()> {
        let (low, high) = match dtype {
            DType::F16 | DType::BF16 | DType::F32 => match dtype.finfo() {
                Some(info) => (info.min, info.max),
                None => return Ok(()),
            },
            DType::I16 => (f64::from(i16::MIN), f64::from(i16::MAX)),
            DType::I8 => (f64::from(i8::MIN), f64::from(i8::MAX)),
            DType::U64 | DType::U32 => (0.0, f64::INFINITY),
            DType::U16 => (0.0, f64::from(u16::MAX)),
            DType::U8 => (0.0, f64::from(u8::MAX)),
            _ => return Ok(()),
        };
        let number = self.as_f64();
        match !number.is_finite() || (low..=high).contains(&number) {
            true => Ok(()),
            false => Err(OpError::NumberOutOfRange {
                number: self,
                dtype: dtype.name(),
                low,
                high,
            }),
        }
    }
}

impl Op {
    /// Refuses a number that is to stand among the elements of the first input and that their type cannot hold.
    pub(super) fn check_filled(&self, inputs: &[Erased]) -> Result<()> {
        match (self, inputs.first()) {
            (Op::MaskFill(number) | Op::Fill(_, number), Some(input)) => number.check_type(input.dtype()),
            (Op::Full(kind, number), Some(input)) if input.kind() == *kind => {
                number.check_type(input.dtype())
            }
            _ => Ok(()),
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
        let inner = match (self, inputs) {
            (Op::Einsum(op), [left, right]) => op.terms(&left.dims, &right.dims),
            (Op::Matmul, [left, ..]) => left.dims.get(left.dims.rank().saturating_sub(1)).unwrap_or(1),
            _ => 1,
        };
        Ok(found.saturating_mul(inner.max(1)))
    }
}
