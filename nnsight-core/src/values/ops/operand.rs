//! What can stand on the right of `+`, `gt` and their kin.

use crate::graph::node::NodeKind;
use crate::ops::{Op, Scalar};
use crate::shapes::axes::Axis;
use crate::shapes::shape::{EndsWith, HasRank, Kind, Shape};
use crate::values::site::Site;
use crate::values::value::{IntoValue, Value};
use crate::write::append;
use crate::write::builder::ValueRef;
use crate::write::place;
use burn::tensor::{Bool, Float, Int, Tensor};

/// The right side of an operation element by element on a `Value<S, K>`.
///
/// A value or a real tensor of the same axes, a number, a site; and a value or `&tensor` over the last axes of `S` (a
/// bias over `(Hidden,)`, a scalar), which is used for all of the others.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fit a `Value<{S}, {K}>`",
    label = "wanted a value of the same axes, or of the last of them, a number or a tensor",
    note = "values fit only if their axes are the same types in the same order; see `expand` and `rename`"
)]
pub trait Operand<S: Shape, K: Kind> {
    #[doc(hidden)]
    fn operand(self) -> Side;
}

/// The right side as data.
#[doc(hidden)]
pub struct Side(pub(super) place::Written);

impl Side {
    /// Appends the operation on two values, or on a value and a number.
    #[track_caller]
    pub(super) fn apply<S: Shape, K: Kind>(
        self,
        left: ValueRef,
        values: Op,
        number: impl FnOnce(Scalar) -> Op,
    ) -> Value<S, K> {
        match self.0 {
            place::Written::Value(right) | place::Written::Last(right) => Value::of(values, [left, right]),
            place::Written::Number(scalar) => Value::of(number(scalar), [left]),
        }
    }

    /// As a value: a number becomes one of the sizes of `like`.
    #[track_caller]
    pub(super) fn value<K: Kind>(self, like: ValueRef) -> ValueRef {
        match self.0 {
            place::Written::Value(value) | place::Written::Last(value) => value,
            place::Written::Number(scalar) => append::apply(NodeKind::Op(Op::Full(K::TAG, scalar)), &[like]),
        }
    }
}

macro_rules! as_written {
    ($([$($generics:tt)*] $type:ty: $shape:ty, $kind:ty;)+) => {$(
        impl<$($generics)*> Operand<$shape, $kind> for $type {
            #[track_caller]
            fn operand(self) -> Side {
                Side(IntoValue::<$shape, $kind>::written(self).0)
            }
        }
    )+};
}
// Not for every `T: IntoValue`: a crate with an axis of its own might implement that for `Value<()>`.
as_written! {
    [S: Shape, K: Kind] Value<S, K>: S, K;
    [S: Shape, K: Kind] Site<S, K>: S, K;
    [S: HasRank<D>, K: Kind, const D: usize] Tensor<D, K>: S, K;
    [S: EndsWith<D>, K: Kind, const D: usize] &Tensor<D, K>: S, K;
    [S: Shape] f32: S, Float;
    [S: Shape] f64: S, Float;
    [S: Shape] i32: S, Float;
    [S: Shape] i32: S, Int;
    [S: Shape] i64: S, Int;
    [S: Shape] bool: S, Bool;
}

macro_rules! last_axes {
    ($($first:ident $($before:ident)* / $($last:ident)*;)+) => {$(
        #[diagnostic::do_not_recommend] // else a message would list all of them
        impl<$first: Axis, $($before: Axis,)* $($last: Axis,)* K: Kind>
            Operand<($first, $($before,)* $($last,)*), K> for Value<($($last,)*), K>
        {
            #[track_caller]
            fn operand(self) -> Side {
                Side(place::Written::Value(self.node()))
            }
        }
    )+};
}
last_axes! {
    A /;
    A B /;
    A / B;
    A B C /;
    A B / C;
    A / B C;
    A B C D /;
    A B C / D;
    A B / C D;
    A / B C D;
    A B C D E /;
    A B C D / E;
    A B C / D E;
    A B / C D E;
    A / B C D E;
    A B C D E F /;
    A B C D E / F;
    A B C D / E F;
    A B C / D E F;
    A B / C D E F;
    A / B C D E F;
}
