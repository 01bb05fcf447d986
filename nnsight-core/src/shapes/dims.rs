//! Sizes of tensors, known or not yet.

use crate::shapes::axes::{AxisMeta, Extent};
use crate::shapes::kind::MAX_RANK;
use std::fmt;
use std::num::NonZeroU32;
use std::ops::Deref;

/// Sizes of a tensor of up to six axes, outermost first. A size that only the running model decides is
/// `None`. A scalar is stored as one axis of size 1.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dims {
    rank: u8,
    /// Four bytes each, since every node of a graph and many errors hold some: the size and one more.
    sizes: [Option<NonZeroU32>; MAX_RANK],
}

/// The sizes of [`Dims`], spread out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    rank: u8,
    sizes: [Option<usize>; MAX_RANK],
}

impl Deref for Sizes {
    type Target = [Option<usize>];
    fn deref(&self) -> &[Option<usize>] {
        &self.sizes[..self.rank as usize]
    }
}

/// A size that no tensor has (2^32 and more) counts as not known.
fn pack(size: usize) -> Option<NonZeroU32> {
    u32::try_from(size)
        .ok()
        .and_then(|size| NonZeroU32::MIN.checked_add(size))
}

fn unpack(size: NonZeroU32) -> usize {
    size.get() as usize - 1
}

impl Dims {
    /// Sizes that may be unknown. At most [`MAX_RANK`] are kept.
    pub fn new(sizes: impl IntoIterator<Item = Option<usize>>) -> Self {
        let mut dims = Dims {
            rank: 0,
            sizes: [None; MAX_RANK],
        };
        for (slot, size) in dims.sizes.iter_mut().zip(sizes) {
            *slot = size.and_then(pack);
            dims.rank += 1;
        }
        dims
    }

    /// Sizes that are all known.
    pub fn known(sizes: &[usize]) -> Self {
        Dims::new(sizes.iter().map(|&size| Some(size)))
    }

    /// The stored form of a scalar.
    pub fn scalar() -> Self {
        Dims::known(&[1])
    }

    /// What a declaration says: constant sizes are known, the others asked of `bound`.
    pub fn of_axes(axes: &[AxisMeta], bound: impl Fn(&AxisMeta) -> Option<usize>) -> Self {
        if axes.is_empty() {
            return Dims::scalar();
        }
        Dims::new(axes.iter().map(|axis| match axis.extent {
            Extent::Fixed(size) => Some(size),
            Extent::Bound => bound(axis),
            Extent::Free => None,
        }))
    }

    /// The number of axes as stored.
    pub fn rank(&self) -> usize {
        self.rank as usize
    }

    /// The sizes.
    pub fn sizes(&self) -> Sizes {
        Sizes {
            rank: self.rank,
            sizes: self.sizes.map(|size| size.map(unpack)),
        }
    }

    /// All sizes, if all are known.
    pub fn all_known(&self) -> Option<Vec<usize>> {
        self.sizes().iter().copied().collect()
    }

    /// The number of elements, if all sizes are known and their product is a number.
    pub fn elements(&self) -> Option<usize> {
        self.sizes()
            .iter()
            .try_fold(1usize, |product, size| product.checked_mul((*size)?))
    }

    /// The size of one axis, if it is known.
    pub fn get(&self, dim: usize) -> Option<usize> {
        self.sizes[..self.rank()].get(dim).copied().flatten().map(unpack)
    }

    /// The same with one axis' size replaced.
    pub fn with(mut self, dim: usize, size: Option<usize>) -> Self {
        if dim < self.rank() {
            self.sizes[dim] = size.and_then(pack);
        }
        self
    }

    /// The same without one axis; the last axis of all leaves a scalar.
    pub fn without(&self, dim: usize) -> Self {
        if self.rank() == 1 {
            return Dims::scalar();
        }
        let sizes = self.sizes();
        let kept = sizes.iter().enumerate().filter(|(d, _)| *d != dim);
        Dims::new(kept.map(|(_, size)| *size))
    }

    /// The same with one more axis.
    pub fn insert(&self, dim: usize, size: Option<usize>) -> Self {
        let sizes = self.sizes();
        let (before, after) = sizes.split_at(dim.min(self.rank()));
        Dims::new(before.iter().copied().chain([size]).chain(after.iter().copied()))
    }

    /// Sizes that fit both, or `None` if two known sizes differ. An unknown size fits any.
    pub fn unify(&self, other: &Dims) -> Option<Dims> {
        if self.rank != other.rank {
            return None;
        }
        let mut dims = *self;
        for (mine, theirs) in dims.sizes.iter_mut().zip(other.sizes) {
            match (*mine, theirs) {
                (Some(a), Some(b)) if a != b => return None,
                (None, known) => *mine = known,
                _ => {}
            }
        }
        Some(dims)
    }
}

/// `[2, 3, ?]`
impl fmt::Display for Dims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (i, size) in self.sizes().iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            match size {
                Some(size) => write!(f, "{comma}{size}")?,
                None => write!(f, "{comma}?")?,
            }
        }
        f.write_str("]")
    }
}

impl fmt::Debug for Dims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
