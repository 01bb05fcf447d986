//! Lists of modules.

use crate::tree::Tree;
use crate::tree::handle::Handle;
use crate::tree::module::SiteTree;
use crate::write::handles;
use std::marker::PhantomData;
use std::ops::{Bound, Range, RangeBounds};

/// The length of a list whose type does not say it.
pub const ANY_LENGTH: usize = usize::MAX;

/// The handle to a list of modules: index it, iterate over it. An array's says its length `N`.
pub struct List<T, const N: usize = ANY_LENGTH> {
    pub(crate) at: Handle,
    len: Option<usize>,
    marker: PhantomData<fn() -> T>,
}

impl<T, const N: usize> Clone for List<T, N> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T, const N: usize> Copy for List<T, N> {}

impl<T: SiteTree, const N: usize> List<T, N> {
    #[doc(hidden)]
    pub const fn constant(len: Option<usize>) -> Self {
        List {
            at: Handle::NOWHERE,
            len,
            marker: PhantomData,
        }
    }

    #[doc(hidden)]
    pub fn new(at: Handle, tree: &Tree) -> Self {
        List {
            at,
            len: Some(tree.children(at.module).len()),
            marker: PhantomData,
        }
    }

    /// The number of modules, as far as it is known.
    #[doc(hidden)]
    pub const fn known_len(&self) -> Option<usize> {
        self.len
    }

    /// The number of modules.
    pub fn len(&self) -> usize {
        self.len.unwrap_or(0)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The module at a position; negative ones count from the end. A position outside is an error of the
    /// trace, reported before the model runs.
    #[track_caller]
    pub fn at(self, index: impl TryInto<i64>) -> T {
        handles::item(self.at, self.len(), index.try_into().unwrap_or(i64::MAX))
    }

    /// Some of the modules, `m.h[2..6]` in `trace!`; negative bounds count from the end. A bound outside is an error of
    /// the trace, reported before the model runs.
    #[track_caller]
    pub fn range<B: TryInto<i64> + Copy>(self, range: impl RangeBounds<B>) -> Vec<T> {
        let len = self.len() as i64;
        let position = |bound: B| match bound.try_into().unwrap_or(i64::MAX) {
            index if index < 0 => index.saturating_add(len),
            index => index,
        };
        let start = match range.start_bound() {
            Bound::Included(&first) => position(first),
            Bound::Excluded(&before) => position(before).saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(&last) => position(last).saturating_add(1),
            Bound::Excluded(&end) => position(end),
            Bound::Unbounded => len,
        };
        // The first position outside says so.
        let (first, last) = (start.max(-1), end.min(len.saturating_add(1)));
        (first..last)
            .map(|index| if index < 0 { self.at(len) } else { self.at(index) })
            .collect()
    }

    /// The first module.
    pub fn first(self) -> Option<T> {
        self.iter().next()
    }

    /// The last module.
    pub fn last(self) -> Option<T> {
        self.iter().next_back()
    }

    /// All modules, first to last.
    pub fn iter(self) -> impl ExactSizeIterator<Item = T> + DoubleEndedIterator {
        (0..self.len()).map(move |i| self.at(i as i64))
    }
}

impl<T: SiteTree, const N: usize> IntoIterator for List<T, N> {
    type Item = T;
    type IntoIter = Items<T, N>;
    fn into_iter(self) -> Self::IntoIter {
        Items {
            list: self,
            left: 0..self.len(),
        }
    }
}

/// The modules of a list, one after another.
pub struct Items<T, const N: usize> {
    list: List<T, N>,
    left: Range<usize>,
}

impl<T: SiteTree, const N: usize> Iterator for Items<T, N> {
    type Item = T;
    fn next(&mut self) -> Option<T> {
        self.left.next().map(|i| self.list.at(i as i64))
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }
}
impl<T: SiteTree, const N: usize> DoubleEndedIterator for Items<T, N> {
    fn next_back(&mut self) -> Option<T> {
        self.left.next_back().map(|i| self.list.at(i as i64))
    }
}
impl<T: SiteTree, const N: usize> ExactSizeIterator for Items<T, N> {}
