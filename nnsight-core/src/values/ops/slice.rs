//! Parts of a value, by position: reading them and replacing them.

use crate::graph::node::NodeKind;
use crate::ops::Op;
use crate::shapes::axes::{Axis, Part};
use crate::shapes::index::{AxisIndex, Index};
use crate::shapes::shape::{Kind, Remove, Replace, Shape};
use crate::shapes::take::Take;
use crate::values::value::{IntoValue, Value};
use crate::write::append;
use crate::write::place::Written;

impl<S: Shape, K: Kind> Value<S, K> {
    /// A part, by position: `logits.at((.., -1))`. An integer takes its axis away, a range leaves a
    /// [`Part`] of it, and axes that are not named are taken whole.
    ///
    /// # Errors
    /// A position outside of its axis, before the run.
    #[track_caller]
    pub fn at<I: Index<S>>(self, index: I) -> Value<I::Output, K> {
        Value::of(Op::Slice(index.takes()), [self.node()])
    }

    /// This value with a part replaced: `h.with_at((.., 0), 0.0)`.
    ///
    /// # Errors
    /// A position outside of its axis, or a part of other sizes, before the run.
    #[track_caller]
    pub fn with_at<I: Index<S>>(self, index: I, part: impl IntoValue<I::Output, K>) -> Self {
        let (input, takes) = (self.node(), index.takes());
        let part = match part.written().0 {
            Written::Number(number) => return Value::of(Op::Fill(takes, number), [input]),
            Written::Value(part) => part,
            Written::Last(last) => {
                let whole = append::apply(NodeKind::Op(Op::Slice(takes.clone())), &[input]);
                let rank = I::Output::AXES.len();
                let before = rank - append::meta(last).map_or(rank, |meta| meta.dims.rank().min(rank));
                append::apply(
                    NodeKind::Op(Op::ExpandAs((before..rank).collect())),
                    &[last, whole],
                )
            }
        };
        Value::of(Op::Assign(takes), [input, part])
    }

    /// Replaces a part of the value that this variable holds; `trace!` writes it for `h[.., 0] = 0.0`. Neither
    /// the site that the value was read from nor other variables change.
    ///
    /// # Errors
    /// As for [`Value::with_at`].
    #[track_caller]
    pub fn set_at<I: Index<S>>(&mut self, index: I, part: impl IntoValue<I::Output, K>) {
        *self = self.with_at(index, part);
    }

    /// One element along an axis, which goes away; negative positions count from the end.
    ///
    /// # Errors
    /// A position outside of the axis, before the run.
    #[track_caller]
    pub fn index<A: Axis, P>(self, _axis: A, position: i64) -> Value<S::Rest, K>
    where
        S: Remove<A, P>,
    {
        let mut takes = vec![Take::All; S::DIM];
        takes.push(Take::One(position));
        Value::of(Op::Slice(takes), [self.node()])
    }

    /// A range of an axis: `h.slice(Seq, 1..-1)`, `h.slice(Seq, 2..)`; negative positions count from the end.
    ///
    /// # Errors
    /// A range that ends outside of the axis, before the run.
    #[track_caller]
    pub fn slice<A: Axis, P, R>(self, _axis: A, range: R) -> Value<S::Output, K>
    where
        S: Replace<A, Part<A>, P>,
        R: AxisIndex<Onto<A, ()> = (Part<A>,)>,
    {
        let mut takes = vec![Take::All; S::DIM];
        takes.push(range.take());
        Value::of(Op::Slice(takes), [self.node()])
    }
}
