//! Arithmetic, element by element.

use super::error::{self, OpError, Result};
use super::{Number, Op, Operand, Scalar, real};
use crate::shapes::dims::Dims;
use crate::shapes::meta::TensorMeta;
use crate::shapes::shape::{KindTag, NumericKind, Shape};
use crate::tensor::erased::{Erased, with_rank};
use crate::values::site::Site;
use crate::values::value::Value;
use burn::tensor::{Float, Int, Tensor};
use serde::{Deserialize, Serialize};
use std::ops;

/// Arithmetic on two tensors of the same sizes, or a tensor and one over its last axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Binary {
    /// `a + b`
    Add,
    /// `a - b`
    Sub,
    /// `a * b`
    Mul,
    /// `a / b`
    Div,
    /// `a % b`, of the sign of `b`
    Rem,
    /// The greater of both.
    Maximum,
    /// The smaller of both.
    Minimum,
}

/// Sizes of `left` where `right` is of the same sizes, of its last ones, or one element.
pub(super) fn broadcast(left: &Dims, right: &Dims) -> Result<Dims> {
    let differ = OpError::SizesDiffer {
        left: *left,
        right: *right,
    };
    if *right == Dims::scalar() {
        return Ok(*left);
    }
    let before = left.rank().checked_sub(right.rank()).ok_or(differ.clone())?;
    let sizes = left.sizes();
    let (first, last) = sizes.split_at(before);
    let last = Dims::new(last.iter().copied()).unify(right).ok_or(differ)?;
    Ok(Dims::new(first.iter().chain(last.sizes().iter()).copied()))
}

/// The right side at the rank of the left, on its device and of its element type.
pub(super) fn align(left: &Erased, right: Erased) -> Erased {
    let right = real::alike(left, right);
    let (wanted, found) = (left.dims().rank(), right.dims());
    if found.rank() == wanted {
        return right;
    }
    let ones = std::iter::repeat_n(1, wanted - found.rank());
    let sizes: Vec<usize> = ones
        .chain(found.sizes().iter().map(|size| size.unwrap_or(1)))
        .collect();
    real::reshape(right, &sizes)
}

impl Binary {
    pub(super) fn name(self) -> &'static str {
        match self {
            Binary::Add => "+",
            Binary::Sub => "-",
            Binary::Mul => "*",
            Binary::Div => "/",
            Binary::Rem => "%",
            Binary::Maximum => "maximum",
            Binary::Minimum => "minimum",
        }
    }

    pub(super) fn infer(self, inputs: &[TensorMeta]) -> Result<TensorMeta> {
        let [left, right] = error::metas(inputs)?;
        error::numeric(left)?;
        error::of_kind(left.kind, right)?;
        Ok(TensorMeta {
            dims: broadcast(&left.dims, &right.dims)?,
            ..left
        })
    }

    pub(super) fn infer_scalar(self, inputs: &[TensorMeta], number: Scalar) -> Result<TensorMeta> {
        let input = error::one(inputs)?;
        error::numeric(input)?;
        let divides = matches!(self, Binary::Div | Binary::Rem);
        if divides && input.kind == KindTag::Int && number.as_i64() == 0 {
            return Err(OpError::DivisionByZero);
        }
        Ok(input)
    }

    pub(super) fn run(self, [left, right]: [Erased; 2]) -> Erased {
        let right = align(&left, right);
        let rank = left.dims().rank();
        match left.kind() {
            KindTag::Float => with_rank!(rank, D => self.of(left.assume::<D, Float>(), right.assume())),
            _ => with_rank!(rank, D => self.of(left.assume::<D, Int>(), right.assume())),
        }
    }

    fn of<const D: usize, K: NumericKind>(self, left: Tensor<D, K>, right: Tensor<D, K>) -> Erased {
        Erased::new(match self {
            Binary::Add => left.add(right),
            Binary::Sub => left.sub(right),
            Binary::Mul => left.mul(right),
            Binary::Div => left.div(right),
            Binary::Rem => left.remainder(right),
            Binary::Maximum => {
                let right = right.expand(left.shape());
                left.max_pair(right)
            }
            Binary::Minimum => {
                let right = right.expand(left.shape());
                left.min_pair(right)
            }
        })
    }

    pub(super) fn run_scalar(self, [left]: [Erased; 1], number: Scalar) -> Erased {
        let rank = left.dims().rank();
        match left.kind() {
            KindTag::Float => {
                let number = number.as_f64();
                with_rank!(rank, D => self.of_scalar(left.assume::<D, Float>(), number))
            }
            _ => {
                let number = number.as_i64();
                with_rank!(rank, D => self.of_scalar(left.assume::<D, Int>(), number))
            }
        }
    }

    fn of_scalar<const D: usize, K: NumericKind>(
        self,
        left: Tensor<D, K>,
        number: impl burn::tensor::ElementConversion,
    ) -> Erased {
        Erased::new(match self {
            Binary::Add => left.add_scalar(number),
            Binary::Sub => left.sub_scalar(number),
            Binary::Mul => left.mul_scalar(number),
            Binary::Div => left.div_scalar(number),
            Binary::Rem => left.remainder_scalar(number),
            Binary::Maximum => left.clamp_min(number),
            Binary::Minimum => left.clamp_max(number),
        })
    }
}

impl Binary {
    /// `number + value`: the number stands on the left.
    #[track_caller]
    fn after_number<S: Shape, K: NumericKind>(
        self,
        number: impl Number<K>,
        right: Value<S, K>,
    ) -> Value<S, K> {
        match self {
            Binary::Add | Binary::Mul => Value::of(Op::Scalar(self, number.scalar()), [right.node()]),
            _ => {
                let right = Value::new(right.node());
                right.full_like(number).binary(self, right)
            }
        }
    }
}

impl<S: Shape, K: NumericKind> Value<S, K> {
    #[track_caller]
    fn binary(self, op: Binary, other: impl Operand<S, K>) -> Self {
        other
            .operand()
            .apply(self.node(), Op::Binary(op), |number| Op::Scalar(op, number))
    }

    /// The greater of both, element by element; the shape stays.
    #[track_caller]
    pub fn maximum(self, other: impl Operand<S, K>) -> Self {
        self.binary(Binary::Maximum, other)
    }

    /// The smaller of both, element by element; the shape stays.
    #[track_caller]
    pub fn minimum(self, other: impl Operand<S, K>) -> Self {
        self.binary(Binary::Minimum, other)
    }
}

macro_rules! operators {
    ($($op:ident $method:ident $op_assign:ident $method_assign:ident;)+) => {$(
        impl<S: Shape, K: NumericKind, R: Operand<S, K>> ops::$op<R> for Value<S, K> {
            type Output = Value<S, K>;
            #[track_caller]
            fn $method(self, other: R) -> Self {
                self.binary(Binary::$op, other)
            }
        }

        impl<S: Shape, K: NumericKind, R: Operand<S, K>> ops::$op<R> for Site<S, K> {
            type Output = Value<S, K>;
            #[track_caller]
            fn $method(self, other: R) -> Value<S, K> {
                self.binary(Binary::$op, other)
            }
        }

        impl<S: Shape, K: NumericKind, R: Operand<S, K>> ops::$op_assign<R> for Value<S, K> {
            #[track_caller]
            fn $method_assign(&mut self, other: R) {
                *self = self.binary(Binary::$op, other);
            }
        }

        /// Changes what the model computes, as in `trace!`: a site is a place, not a copy.
        impl<S: Shape, K: NumericKind, R: Operand<S, K>> ops::$op_assign<R> for Site<S, K> {
            #[track_caller]
            fn $method_assign(&mut self, other: R) {
                self.set(self.binary(Binary::$op, other));
            }
        }

        impl<S: Shape<Tensor<K> = Tensor<D, K>>, K: NumericKind, const D: usize> ops::$op<Value<S, K>> for Tensor<D, K> {
            type Output = Value<S, K>;
            #[track_caller]
            fn $method(self, other: Value<S, K>) -> Value<S, K> {
                Value::<S, K>::constant(&self).binary(Binary::$op, other)
            }
        }

        impl<S: Shape<Tensor<K> = Tensor<D, K>>, K: NumericKind, const D: usize> ops::$op<Site<S, K>> for Tensor<D, K> {
            type Output = Value<S, K>;
            #[track_caller]
            fn $method(self, other: Site<S, K>) -> Value<S, K> {
                Value::<S, K>::constant(&self).binary(Binary::$op, other)
            }
        }

        // One float and one integer type for each kind: with two, `(1.0 - h).relu()` could not be inferred.
        operators!(@left $op $method Float: f64 i32);
        operators!(@left $op $method Int: i64);
    )+};
    (@left $op:ident $method:ident $kind:ident: $($number:ty)+) => {$(
        impl<S: Shape> ops::$op<Value<S, $kind>> for $number {
            type Output = Value<S, $kind>;
            #[track_caller]
            fn $method(self, other: Value<S, $kind>) -> Value<S, $kind> {
                Binary::$op.after_number(self, other)
            }
        }

        impl<S: Shape> ops::$op<Site<S, $kind>> for $number {
            type Output = Value<S, $kind>;
            #[track_caller]
            fn $method(self, other: Site<S, $kind>) -> Value<S, $kind> {
                Binary::$op.after_number(self, *other)
            }
        }
    )+};
}
operators! {
    Add add AddAssign add_assign;
    Sub sub SubAssign sub_assign;
    Mul mul MulAssign mul_assign;
    Div div DivAssign div_assign;
    Rem rem RemAssign rem_assign;
}
