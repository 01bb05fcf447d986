//! The same elements over other axes.

use crate::ops::Op;
use crate::shapes::axes::{Axis, AxisMeta, Extent};
use crate::shapes::dims::Dims;
use crate::shapes::shape::{Kind, Replace, Shape};
use crate::values::value::Value;
use crate::write::append;
use crate::write::builder::ValueRef;

/// Sizes, where an axis of the input decides them if the declaration does not.
fn sizes_of(like: ValueRef, axes: &[AxisMeta]) -> Vec<Option<usize>> {
    Dims::of_axes(axes, |axis| append::bound(Some(like), axis))
        .sizes()
        .to_vec()
}

/// The number of elements of a shape, if all of its axes are of constant size.
const fn elements(axes: &[AxisMeta]) -> Option<usize> {
    let mut product = 1;
    let mut i = 0;
    while i < axes.len() {
        match axes[i].extent {
            Extent::Fixed(size) => product *= size,
            _ => return None,
        }
        i += 1;
    }
    Some(product)
}

const fn check_elements(from: &[AxisMeta], to: &[AxisMeta]) {
    if let (Some(found), Some(wanted)) = (elements(from), elements(to))
        && found != wanted
    {
        const_panic::concat_panic!(
            display: "cannot reshape ", display: found, display: " elements into ", display: wanted
        );
    }
}

const fn check_sizes(from: AxisMeta, to: AxisMeta) {
    if let (Extent::Fixed(found), Extent::Fixed(wanted)) = (from.extent, to.extent)
        && found != wanted
    {
        const_panic::concat_panic!(
            display: "axis ", display: from.name, display: " has size ", display: found,
            display: " and cannot be renamed to ", display: to.name, display: ", which has size ", display: wanted
        );
    }
}

const fn check_all_sizes(from: &[AxisMeta], to: &[AxisMeta]) {
    if from.len() != to.len() {
        const_panic::concat_panic!(
            display: "cannot rename ", display: from.len(), display: " axes to ", display: to.len()
        );
    }
    let mut i = 0;
    while i < from.len() {
        check_sizes(from[i], to[i]);
        i += 1;
    }
}

impl<S: Shape, K: Kind> Value<S, K> {
    /// The same elements, in the same order, over other axes.
    ///
    /// The size of a run-time axis is the input's; one axis whose size nothing tells is worked out.
    ///
    /// # Errors
    /// Another number of elements: at compile time if all axes are of constant size, before the run otherwise.
    #[track_caller]
    pub fn reshape<T: Shape>(self) -> Value<T, K> {
        const { check_elements(S::AXES, T::AXES) };
        let input = self.node();
        let mut sizes = sizes_of(input, T::AXES);
        if sizes.iter().filter(|size| size.is_none()).count() > 1 {
            // Several sizes that nothing tells: axes that stay keep theirs.
            let own = append::meta(input).map(|meta| meta.dims);
            for (size, axis) in sizes.iter_mut().zip(T::AXES) {
                let before = S::AXES.iter().position(|old| old.id == axis.id);
                *size = size.or_else(|| own?.get(before?));
            }
        }
        Value::of(Op::Reshape(sizes), [input])
    }

    /// The same over axes of other names: `x.rename::<(Batch, Classes)>()`. The sizes stay and must fit them.
    ///
    /// # Errors
    /// Another number of axes, or another size where both are constant: at compile time. Other sizes that do
    /// not fit: before the run.
    #[track_caller]
    pub fn rename<T: Shape>(self) -> Value<T, K> {
        const { check_all_sizes(S::AXES, T::AXES) };
        let input = self.node();
        Value::of(Op::Rename(sizes_of(input, T::AXES)), [input])
    }

    /// The same with one axis by another name; its size must fit the new axis.
    ///
    /// # Errors
    /// Another size: at compile time if both are constant, before the run otherwise.
    #[track_caller]
    pub fn rename_axis<A: Axis, B: Axis, P>(self, _from: A, _to: B) -> Value<S::Output, K>
    where
        S: Replace<A, B, P>,
    {
        const { check_sizes(A::META, B::META) };
        let input = self.node();
        let mut sizes = vec![None; S::AXES.len()];
        sizes[S::DIM] = sizes_of(input, &[B::META])[0];
        Value::of(Op::Rename(sizes), [input])
    }
}
