//! Arithmetic, element by element.

use super::operand::{Operand, Side};
use crate::ops::{Binary, Number, Op};
use crate::shapes::shape::{EndsWith, HasRank, NumericKind, Shape};
use crate::values::site::Site;
use crate::values::value::{IntoValue, Value};
use crate::write::place;
use burn::tensor::{Float, Int, Tensor};
use std::ops;

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

impl Binary {
    /// `tensor + value`: the tensor of so many axes stands on the left, and is used for all of the axes that it does not
    /// have.
    #[track_caller]
    fn after_tensor<S: Shape, K: NumericKind>(
        self,
        tensor: impl IntoValue<S, K>,
        axes: usize,
        right: Value<S, K>,
    ) -> Value<S, K> {
        let right = Value::<S, K>::new(right.node());
        let written = tensor.written().0;
        let is_last = matches!(written, place::Written::Last(_));
        let left = Side(written).value::<K>(right.node());
        let left = match is_last {
            true => {
                let places = (S::AXES.len() - axes..S::AXES.len()).collect();
                Value::of(Op::ExpandAs(places), [left, right.node()])
            }
            false => Value::new(left),
        };
        left.binary(self, right)
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

        operators!(@tensor $op $method: Value |value| value, Site |site| *site);

        // One float and one integer type for each kind: with two, `(1.0 - h).relu()` could not be inferred.
        operators!(@left $op $method Float: f64 i32);
        operators!(@left $op $method Int: i64);
    )+};
    (@tensor $op:ident $method:ident: $($right:ident |$other:ident| $value:expr),+) => {$(
        impl<S: HasRank<D>, K: NumericKind, const D: usize> ops::$op<$right<S, K>> for Tensor<D, K> {
            type Output = Value<S, K>;
            #[track_caller]
            fn $method(self, $other: $right<S, K>) -> Value<S, K> {
                Binary::$op.after_tensor(self, D, $value)
            }
        }

        impl<S: EndsWith<D>, K: NumericKind, const D: usize> ops::$op<$right<S, K>> for &Tensor<D, K> {
            type Output = Value<S, K>;
            #[track_caller]
            fn $method(self, $other: $right<S, K>) -> Value<S, K> {
                Binary::$op.after_tensor(self, D, $value)
            }
        }
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
