//! How a tensor lies in its memory: what is a view of it, and what has to be a copy.

use burn::tensor::Slice;

/// Sizes, and steps in memory from one entry of an axis to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    sizes: Vec<usize>,
    strides: Vec<isize>,
    start: isize,
}

impl Layout {
    /// Row after row.
    pub(crate) fn contiguous(sizes: &[usize]) -> Self {
        let mut strides = vec![1isize; sizes.len()];
        for axis in (1..sizes.len()).rev() {
            strides[axis - 1] = strides[axis].saturating_mul(sizes[axis] as isize);
        }
        Layout {
            sizes: sizes.to_vec(),
            strides,
            start: 0,
        }
    }

    pub(crate) fn elements(&self) -> u64 {
        self.sizes
            .iter()
            .fold(1, |all: u64, &size| all.saturating_mul(size as u64))
    }

    pub(crate) fn is_contiguous(&self) -> bool {
        let mut expected = 1isize;
        let axes = self.sizes.iter().zip(&self.strides).rev();
        for (&size, &stride) in axes.filter(|(size, _)| **size != 1) {
            if stride != expected {
                return self.elements() == 0;
            }
            expected = expected.saturating_mul(size as isize);
        }
        true
    }

    /// Whether it can be written where it lies.
    pub(crate) fn is_whole(&self) -> bool {
        self.start == 0 && self.is_contiguous()
    }

    /// Whether all entries are one number.
    pub(crate) fn is_one_number(&self) -> bool {
        self.strides.iter().all(|&stride| stride == 0)
    }

    /// `None` where a copy is needed.
    pub(crate) fn reshaped(&self, sizes: &[usize]) -> Option<Self> {
        self.is_contiguous().then(|| Layout {
            start: self.start,
            ..Layout::contiguous(sizes)
        })
    }

    pub(crate) fn swapped(&self, one: usize, other: usize) -> Self {
        let mut swapped = self.clone();
        swapped.sizes.swap(one, other);
        swapped.strides.swap(one, other);
        swapped
    }

    pub(crate) fn permuted(&self, axes: &[usize]) -> Self {
        Layout {
            sizes: axes.iter().map(|&axis| self.sizes[axis]).collect(),
            strides: axes.iter().map(|&axis| self.strides[axis]).collect(),
            start: self.start,
        }
    }

    pub(crate) fn flipped(&self, axes: &[usize]) -> Self {
        let mut flipped = self.clone();
        for &axis in axes.iter().filter(|axis| self.sizes[**axis] > 1) {
            flipped.start += (self.sizes[axis] as isize - 1) * self.strides[axis];
            flipped.strides[axis] = -self.strides[axis];
        }
        flipped
    }

    pub(crate) fn expanded(&self, sizes: &[usize]) -> Self {
        let added = sizes.len().saturating_sub(self.sizes.len());
        let stride = |(axis, &size): (usize, &usize)| match axis.checked_sub(added) {
            Some(own) if self.sizes[own] == size => self.strides[own],
            _ => 0,
        };
        Layout {
            sizes: sizes.to_vec(),
            strides: sizes.iter().enumerate().map(stride).collect(),
            start: self.start,
        }
    }

    /// A part, whose sizes are known.
    pub(crate) fn sliced(&self, slices: &[Slice], sizes: &[usize]) -> Self {
        let mut part = self.clone();
        part.sizes = sizes.to_vec();
        for (axis, slice) in slices.iter().enumerate().take(self.sizes.len()) {
            let size = self.sizes[axis] as isize;
            let at = |place: isize| {
                if place < 0 {
                    (size + place).max(0)
                } else {
                    place.min(size)
                }
            };
            let (start, end) = (at(slice.start), slice.end.map_or(size, at));
            let first = if slice.step > 0 { start } else { end - 1 };
            if sizes[axis] > 0 {
                part.start += first * self.strides[axis];
            }
            part.strides[axis] *= slice.step;
        }
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_are_contiguous_where_rows_follow_each_other() {
        let rows = Layout::contiguous(&[4, 6]);
        let part = |axis: usize, size| {
            let mut slices = vec![Slice::new(0, None, 1); 2];
            slices[axis] = Slice::new(1, Some(1 + size as isize), 1);
            let mut sizes = [4, 6];
            sizes[axis] = size;
            rows.sliced(&slices, &sizes)
        };
        assert!(part(0, 2).is_contiguous() && !part(0, 2).is_whole());
        assert!(!part(1, 2).is_contiguous());
        assert!(!rows.swapped(0, 1).is_contiguous());
        assert!(rows.swapped(0, 1).reshaped(&[24]).is_none());
        assert!(rows.swapped(0, 1).swapped(0, 1).reshaped(&[24]).is_some());
        assert!(!rows.flipped(&[1]).is_contiguous());
        assert!(Layout::contiguous(&[1]).expanded(&[4, 6]).is_one_number());
        // An axis of size 1 lies anywhere.
        assert!(Layout::contiguous(&[3, 1, 5]).swapped(0, 1).is_contiguous());
    }
}
