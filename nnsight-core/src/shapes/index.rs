//! Indices: `x[.., 3]` and `x[0, 2..5]`, as types and as data.

use crate::shapes::axes::{Axis, Part};
use crate::shapes::dims::Dims;
use crate::shapes::shape::Shape;
use serde::{Deserialize, Serialize};
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

/// What is taken of one axis. Negative positions count from the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Take {
    /// `..`: all of it.
    All,
    /// `3` or `-1`: one element; the axis goes away.
    One(i64),
    /// `start..end`; no end means to the last element.
    Slice {
        /// The first position taken.
        start: i64,
        /// One past the last position taken.
        end: Option<i64>,
    },
}

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

/// Why an index does not fit the sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfBounds {
    /// The axis, counted from 0.
    pub dim: usize,
    /// The position that is not there.
    pub index: i64,
    /// The axis' size.
    pub size: usize,
}

impl Take {
    /// The half-open range `[start, end)` of an axis of this size.
    ///
    /// # Errors
    /// The position that lies outside.
    pub fn resolve(self, size: usize) -> std::result::Result<(usize, usize), i64> {
        let place = |i: i64, last: usize| {
            let at = if i < 0 { i + size as i64 } else { i };
            usize::try_from(at).ok().filter(|&at| at <= last).ok_or(i)
        };
        match self {
            Take::All => Ok((0, size)),
            Take::One(i) => {
                let at = place(i, size.saturating_sub(1))
                    .and_then(|at| if at < size { Ok(at) } else { Err(i) })?;
                Ok((at, at + 1))
            }
            Take::Slice { start, end } => {
                let from = place(start, size)?;
                let to = end.map_or(Ok(size), |end| place(end, size))?;
                Ok((from, to.max(from)))
            }
        }
    }
}

/// The sizes that an index leaves, with integers' axes kept at size 1 (`kept`) and taken away (`left`).
pub(crate) struct Indexed {
    pub(crate) kept: Dims,
    pub(crate) left: Dims,
}

/// Applies an index to sizes.
pub(crate) fn apply(takes: &[Take], dims: &Dims) -> std::result::Result<Indexed, OutOfBounds> {
    let mut kept = *dims;
    let mut left = Vec::with_capacity(dims.rank());
    for (dim, &size) in dims.sizes().iter().enumerate() {
        let take = takes.get(dim).copied().unwrap_or(Take::All);
        let part = match size {
            Some(size) => {
                let (start, end) = take
                    .resolve(size)
                    .map_err(|index| OutOfBounds { dim, index, size })?;
                Some(end - start)
            }
            None => match take {
                Take::One(_) => Some(1),
                Take::Slice {
                    start,
                    end: Some(end),
                } if (start < 0) == (end < 0) => Some((end - start).max(0) as usize),
                _ => None,
            },
        };
        kept = kept.with(dim, part);
        if !matches!(take, Take::One(_)) {
            left.push(part);
        }
    }
    let left = if left.is_empty() {
        Dims::scalar()
    } else {
        Dims::new(left)
    };
    Ok(Indexed { kept, left })
}
