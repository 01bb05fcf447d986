//! Indices: `x[.., 3]` and `x[0, 2..5]`, as types.

use crate::shapes::axes::{Axis, Part};
use crate::shapes::shape::Shape;
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

pub use crate::shapes::take::{OutOfBounds, Take};

/// What can stand at one place of an index over axis `A`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no index",
    note = "an index is an integer (`3`, `-1`), a range of integers (`0..4`, `2..`) or `..`"
)]
pub trait AxisIndex {
    /// The axes left when `Rest` is what the places to the right leave.
    type Onto<A: Axis, Rest: Shape>: Shape;
    /// The place as data.
    fn take(self) -> Take;
}

impl AxisIndex for RangeFull {
    type Onto<A: Axis, Rest: Shape> = Rest::PushFront<A>;
    fn take(self) -> Take {
        Take::All
    }
}

macro_rules! integers {
    ($($int:ty)+) => {$(
        impl AxisIndex for $int {
            type Onto<A: Axis, Rest: Shape> = Rest;
            fn take(self) -> Take {
                Take::One(self as i64)
            }
        }
        integers!(@range $int, Range<$int>, |r| Take::Slice { start: r.start as i64, end: Some(r.end as i64) });
        integers!(@range $int, RangeInclusive<$int>, |r| Take::Slice {
            start: *r.start() as i64,
            // `..=-1` ends with the last element: one past -1 is no end at all.
            end: Some(*r.end() as i64 + 1).filter(|&end| end != 0),
        });
        integers!(@range $int, RangeFrom<$int>, |r| Take::Slice { start: r.start as i64, end: None });
        integers!(@range $int, RangeTo<$int>, |r| Take::Slice { start: 0, end: Some(r.end as i64) });
        integers!(@range $int, RangeToInclusive<$int>, |r| Take::Slice {
            start: 0,
            end: Some(r.end as i64 + 1).filter(|&end| end != 0),
        });
    )+};
    (@range $int:ty, $range:ty, |$r:ident| $take:expr) => {
        impl AxisIndex for $range {
            type Onto<A: Axis, Rest: Shape> = Rest::PushFront<Part<A>>;
            fn take(self) -> Take {
                let $r = self;
                $take
            }
        }
    };
}
integers!(usize i64 i32);

/// An index into shape `S`: one entry, or a tuple of at most as many entries as `S` has axes. Axes
/// without an entry are taken whole.
#[diagnostic::on_unimplemented(
    message = "`{S}` cannot be indexed by `{Self}`",
    label = "too many indices, or one that is no integer, range or `..`",
    note = "give at most one index for each axis of `{S}`"
)]
pub trait Index<S: Shape> {
    /// The shape that is left: integers take their axis away, ranges leave a [`Part`] of it.
    type Output: Shape;
    /// The index as data.
    fn takes(self) -> Vec<Take>;
}

macro_rules! index {
    ($($entry:ident $axis:ident),+ ; $($rest:ident),*) => {
        impl<$($entry: AxisIndex, $axis: Axis,)+ $($rest: Axis),*> Index<($($axis,)+ $($rest,)*)> for ($($entry,)+) {
            type Output = index!(@fold ($($rest,)*) $($entry $axis),+);
            fn takes(self) -> Vec<Take> {
                #[allow(non_snake_case)]
                let ($($entry,)+) = self;
                vec![$($entry.take()),+]
            }
        }
    };
    (@fold $rest:ty , $entry:ident $axis:ident) => { <$entry as AxisIndex>::Onto<$axis, $rest> };
    (@fold $rest:tt $entry:ident $axis:ident) => { <$entry as AxisIndex>::Onto<$axis, $rest> };
    (@fold $rest:tt $entry:ident $axis:ident, $($more:tt)+) => {
        <$entry as AxisIndex>::Onto<$axis, index!(@fold $rest $($more)+)>
    };
}

index!(I A; );
index!(I A; B);
index!(I A; B, C);
index!(I A; B, C, D);
index!(I A; B, C, D, E);
index!(I A; B, C, D, E, F);
index!(I A, J B; );
index!(I A, J B; C);
index!(I A, J B; C, D);
index!(I A, J B; C, D, E);
index!(I A, J B; C, D, E, F);
index!(I A, J B, K C; );
index!(I A, J B, K C; D);
index!(I A, J B, K C; D, E);
index!(I A, J B, K C; D, E, F);
index!(I A, J B, K C, L D; );
index!(I A, J B, K C, L D; E);
index!(I A, J B, K C, L D; E, F);
index!(I A, J B, K C, L D, M E; );
index!(I A, J B, K C, L D, M E; F);
index!(I A, J B, K C, L D, M E, N F; );
