//! Several values as one: end to end along an axis, or side by side along a new one.

use crate::graph::node::NodeKind;
use crate::ops::Op;
use crate::shapes::axes::{Axis, Part};
use crate::shapes::dims::Dims;
use crate::shapes::shape::{Kind, Replace, Shape};
use crate::values::value::Value;
use crate::write::append;
use crate::write::builder::ValueRef;

impl<S: Shape, K: Kind> Value<S, K> {
    /// Values end to end along an axis: `Value::cat(Seq, [before, after])`. The other sizes are the same.
    ///
    /// # Errors
    /// No values at all, or other sizes that differ, before the run.
    #[track_caller]
    pub fn cat<A: Axis, P>(_axis: A, values: impl IntoIterator<Item = Self>) -> Value<S::Output, K>
    where
        S: Replace<A, Part<A>, P>,
    {
        let values: Vec<ValueRef> = values.into_iter().map(|value| value.node()).collect();
        Value::new(append::apply(NodeKind::Op(Op::Cat(S::DIM)), &values))
    }

    /// Values side by side along a new first axis: `Value::stack(Layer, layers)`.
    ///
    /// # Errors
    /// No values at all, another number of them than the new axis' size, or sizes that differ, before the run.
    #[track_caller]
    pub fn stack<A: Axis>(_axis: A, values: impl IntoIterator<Item = Self>) -> Value<S::PushFront<A>, K> {
        let values: Vec<ValueRef> = values.into_iter().map(|value| value.node()).collect();
        let size = Dims::of_axes(&[A::META], |axis| append::bound(values.first().copied(), axis)).get(0);
        let scalars = S::AXES.is_empty();
        Value::new(append::apply(NodeKind::Op(Op::Stack { size, scalars }), &values))
    }
}
