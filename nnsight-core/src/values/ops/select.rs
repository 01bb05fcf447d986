//! Elements of an axis at chosen positions.

use crate::ops::Op;
use crate::shapes::axes::{Axis, Part};
use crate::shapes::shape::{Kind, Remove, Replace, Shape};
use crate::values::value::Value;
use crate::write::builder::ValueRef;
use burn::tensor::Int;

/// Positions to select of axis `A`: integers (negative ones count from the end), or an int value over a
/// new axis.
#[diagnostic::on_unimplemented(
    message = "`{Self}` names no positions",
    label = "wanted integers as `[0, -1]`, or a `Value<(New,), Int>`"
)]
pub trait Positions<A: Axis> {
    /// The axis that the selected elements stand along.
    type New: Axis;
    #[doc(hidden)]
    fn positions(self) -> At;
}

/// Positions as data, or as a value.
#[doc(hidden)]
pub struct At(Where);

enum Where {
    Known(Vec<i64>),
    Value(ValueRef),
}

macro_rules! positions {
    ($([$($generics:tt)*] $type:ty;)+) => {$(
        impl<A: Axis, $($generics)*> Positions<A> for $type {
            type New = Part<A>;
            fn positions(self) -> At {
                At(Where::Known(self.to_vec()))
            }
        }
    )+};
}

positions! {
    [] &[i64];
    [] Vec<i64>;
    [] &Vec<i64>;
    [const N: usize] [i64; N];
    [const N: usize] &[i64; N];
}

impl<A: Axis, New: Axis> Positions<A> for Value<(New,), Int> {
    type New = New;
    fn positions(self) -> At {
        At(Where::Value(self.node()))
    }
}

impl<S: Shape, K: Kind> Value<S, K> {
    /// The elements at some positions of an axis, in that order: `h.select(Seq, [0, -1])`.
    ///
    /// # Errors
    /// A position outside of the axis: before the run, or, for positions that are a value, in the run.
    #[track_caller]
    pub fn select<A: Axis, I: Positions<A>, P>(self, _axis: A, positions: I) -> Value<S::Output, K>
    where
        S: Replace<A, I::New, P>,
    {
        match positions.positions().0 {
            Where::Known(positions) => Value::of(
                Op::Take {
                    dim: S::DIM,
                    positions,
                },
                [self.node()],
            ),
            Where::Value(positions) => Value::of(Op::Select(S::DIM), [self.node(), positions]),
        }
    }

    /// One element of an axis for each place of the others: `logits.pick(Vocab, targets)`.
    ///
    /// # Shapes
    /// `positions` is over all axes but that one, and so is the result.
    ///
    /// # Errors
    /// A position outside of `0..size`, in the run.
    #[track_caller]
    pub fn pick<A: Axis, P>(self, _axis: A, positions: Value<S::Rest, Int>) -> Value<S::Rest, K>
    where
        S: Remove<A, P>,
    {
        Value::of(Op::Pick(S::DIM), [self.node(), positions.node()])
    }

    /// Elements of an axis for each place of the others, as many as `positions` has.
    ///
    /// # Shapes
    /// `positions` is over the same axes with another one in the place of `A`, and so is the result.
    ///
    /// # Errors
    /// A position outside of `0..size`, in the run.
    #[track_caller]
    pub fn gather<A, T, New, P>(self, _axis: A, positions: Value<T, Int>) -> Value<T, K>
    where
        A: Axis,
        New: Axis,
        S: Remove<A, P>,
        T: Remove<New, P, Rest = S::Rest>,
    {
        Value::of(Op::Gather(S::DIM), [self.node(), positions.node()])
    }
}
