//! Later steps of a generation: which call of a module is meant.

use crate::shapes::shape::{Kind, Shape};
use crate::tree::module::SiteTree;
use crate::values::site::Site;
use crate::write::append;
use crate::write::handles;
use std::ops::{Bound, RangeBounds};

/// The same module or site at other steps of a generation. Inside `trace!` its methods are there where a
/// generation is traced.
pub trait Steps: Copy {
    /// At one call further: `m.lm_head.next().output` is the second step's. It changes nothing.
    fn next(self) -> Self;

    /// At one step, counted from 0.
    fn at_step(self, step: u32) -> Self;

    /// At each step, first to last: `m.transformer.h[5].output.every_step() += steer` in `trace!`.
    fn every_step(self) -> std::vec::IntoIter<Self> {
        self.steps(..)
    }

    /// At some steps: `m.lm_head.output.steps(1..3)`. Steps after the last one that there can be are left out.
    fn steps(self, steps: impl RangeBounds<usize>) -> std::vec::IntoIter<Self> {
        let most = append::steps() as usize;
        let first = match steps.start_bound() {
            Bound::Included(&first) => first,
            Bound::Excluded(&before) => before + 1,
            Bound::Unbounded => 0,
        };
        let end = match steps.end_bound() {
            Bound::Included(&last) => last + 1,
            Bound::Excluded(&end) => end,
            Bound::Unbounded => most,
        };
        let steps: Vec<Self> = (first..end.min(most))
            .map(|step| self.at_step(step as u32))
            .collect();
        steps.into_iter()
    }
}

impl<T: SiteTree> Steps for T {
    fn next(self) -> Self {
        let at = self.handle();
        handles::with_tree(at.at_call(at.call + 1), self)
    }
    fn at_step(self, step: u32) -> Self {
        handles::with_tree(self.handle().at_call(step), self)
    }
}

impl<S: Shape, K: Kind> Steps for Site<S, K> {
    fn next(self) -> Self {
        self.call_idx(self.call() + 1)
    }
    fn at_step(self, step: u32) -> Self {
        self.call_idx(step)
    }
}
