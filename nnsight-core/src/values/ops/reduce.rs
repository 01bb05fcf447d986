//! Reductions: many elements to one, over a named axis or over all.

use crate::ops::{Op, Reduce};
use crate::shapes::axes::Axis;
use crate::shapes::shape::{NumericKind, Remove, Shape};
use crate::values::value::Value;
use burn::tensor::{Bool, Float, Int};

macro_rules! reductions {
    ($([$($generics:tt)*] $kind:ty: $($what:literal $name:ident $over:ident $variant:ident;)+)+) => {$(
        /// Reductions.
        impl<S: Shape, $($generics)*> Value<S, $kind> {$(
            #[doc = concat!($what, " of all elements: a scalar.")]
            #[track_caller]
            pub fn $name(self) -> Value<(), $kind> {
                Value::of(Op::Reduce(Reduce::$variant, None), [self.node()])
            }

            #[doc = concat!($what, " over one axis, which goes away.")]
            #[track_caller]
            pub fn $over<A: Axis, P>(self, _axis: A) -> Value<S::Rest, $kind>
            where
                S: Remove<A, P>,
            {
                Value::of(Op::Reduce(Reduce::$variant, Some(S::DIM)), [self.node()])
            }
        )+}
    )+};
}

reductions! {
    [K: NumericKind] K:
        "The sum" sum sum_over Sum;
        "The greatest" max max_over Max;
        "The smallest" min min_over Min;
    [] Float:
        "The mean" mean mean_over Mean;
        "The variance, divided by n - 1," var var_over Var;
        "The standard deviation, the root of `var`," std std_over Std;
        "The Euclidean norm" norm norm_over Norm;
    [] Bool:
        "Whether any is true" any any_over Any;
        "Whether all are true" all all_over All;
}

impl<S: Shape, K: NumericKind> Value<S, K> {
    /// The position of the greatest element along an axis, which goes away.
    #[track_caller]
    pub fn argmax<A: Axis, P>(self, _axis: A) -> Value<S::Rest, Int>
    where
        S: Remove<A, P>,
    {
        Value::of(Op::Reduce(Reduce::ArgMax, Some(S::DIM)), [self.node()])
    }

    /// The position of the smallest element along an axis, which goes away.
    #[track_caller]
    pub fn argmin<A: Axis, P>(self, _axis: A) -> Value<S::Rest, Int>
    where
        S: Remove<A, P>,
    {
        Value::of(Op::Reduce(Reduce::ArgMin, Some(S::DIM)), [self.node()])
    }
}

impl<S: Shape> Value<S, Float> {
    /// The logarithm of the sum of exponentials over an axis, which goes away.
    #[track_caller]
    pub fn logsumexp<A: Axis, P>(self, _axis: A) -> Value<S::Rest, Float>
    where
        S: Remove<A, P>,
    {
        Value::of(Op::Reduce(Reduce::LogSumExp, Some(S::DIM)), [self.node()])
    }
}
