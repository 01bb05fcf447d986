//! Indices as data: what is taken of each axis.

use crate::shapes::dims::Dims;
use crate::shapes::kind::MAX_RANK;
use serde::{Deserialize, Serialize};

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
    let (mut left, mut rank) = ([None; MAX_RANK], 0);
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
            left[rank] = part;
            rank += 1;
        }
    }
    let left = match rank {
        0 => Dims::scalar(),
        _ => Dims::new(left[..rank].iter().copied()),
    };
    Ok(Indexed { kept, left })
}
