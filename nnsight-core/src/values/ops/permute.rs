//! Axes in another order.

use crate::error::{Error, WrittenAt};
use crate::graph::names::axes_name;
use crate::ops::{Op, Transpose};
use crate::shapes::axes::{AxisMeta, Extent, same_name};
use crate::shapes::shape::{Kind, MAX_RANK, Shape};
use crate::values::value::Value;
use crate::write::append;

/// Whether two axes are the same as far as a constant can know: types cannot be compared in one.
pub(super) const fn same(a: AxisMeta, b: AxisMeta) -> bool {
    let sizes = match (a.extent, b.extent) {
        (Extent::Fixed(a), Extent::Fixed(b)) => a == b,
        (Extent::Bound, Extent::Bound) | (Extent::Free, Extent::Free) => true,
        _ => false,
    };
    sizes && same_name(a.name, b.name)
}

/// Where each axis of `to` stands in `from`, or nothing if they are not the same axes.
const fn order(from: &[AxisMeta], to: &[AxisMeta]) -> Option<[usize; MAX_RANK]> {
    let mut order = [0; MAX_RANK];
    let mut taken = [false; MAX_RANK];
    if from.len() != to.len() {
        return None;
    }
    let mut i = 0;
    while i < to.len() {
        let mut j = 0;
        while j < from.len() && (taken[j] || !same(from[j], to[i])) {
            j += 1;
        }
        if j == from.len() {
            return None;
        }
        taken[j] = true;
        order[i] = j;
        i += 1;
    }
    Some(order)
}

/// Where each axis of `to` stands in `from`, by their types.
fn places_of(from: &[AxisMeta], to: &[AxisMeta]) -> Option<Vec<usize>> {
    let mut taken = [false; MAX_RANK];
    let place = |wanted: &AxisMeta| {
        let found = (0..from.len()).find(|&i| !taken[i] && from[i].id == wanted.id)?;
        taken[found] = true;
        Some(found)
    };
    to.iter().map(place).collect()
}

impl<S: Shape, K: Kind> Value<S, K> {
    /// The last two axes swapped: `(.., M, N)` becomes `(.., N, M)`.
    #[track_caller]
    pub fn transpose(self) -> Value<S::Transposed, K>
    where
        S: Transpose,
    {
        let mut order: Vec<usize> = (0..S::AXES.len()).collect();
        order[S::AXES.len() - 2..].reverse();
        Value::of(Op::Permute(order), [self.node()])
    }

    /// The same axes in another order: `pattern.permute::<(Heads, Batch, Query, Key)>()`. Axes of one name
    /// keep their order.
    ///
    /// # Errors
    /// Other axes are an error of the compiler (`cargo build`; `cargo check` does not look); axes of the same names
    /// that are other types are an error before the run.
    #[track_caller]
    pub fn permute<T: Shape>(self) -> Value<T, K> {
        const {
            assert!(
                order(S::AXES, T::AXES).is_some(),
                "`permute` wants the same axes in another order"
            );
        }
        let Some(order) = places_of(S::AXES, T::AXES) else {
            append::fail(Error::OtherAxes {
                operation: "permute",
                found: axes_name(S::AXES),
                wanted: axes_name(T::AXES),
                at: WrittenAt(Some(std::panic::Location::caller())),
            });
            return Value::new(self.node());
        };
        match T::AXES.len() {
            0 => Value::new(self.node()),
            _ => Value::of(Op::Permute(order), [self.node()]),
        }
    }
}
