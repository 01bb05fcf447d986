//! The greatest elements along an axis.

use crate::ops::Op;
use crate::shapes::axes::{Axis, Part};
use crate::shapes::shape::{NumericKind, Replace, Shape};
use crate::values::value::Value;
use burn::tensor::Int;

impl<S: Shape, K: NumericKind> Value<S, K> {
    /// The `k` greatest elements along an axis, greatest first, and their positions:
    /// `let (values, tokens) = probabilities.topk(Vocab, 5)`.
    ///
    /// # Errors
    /// An axis of fewer than `k` elements, before the run.
    #[track_caller]
    pub fn topk<A: Axis, P>(self, _axis: A, k: usize) -> (Value<S::Output, K>, Value<S::Output, Int>)
    where
        S: Replace<A, Part<A>, P>,
    {
        let op = |positions| Op::TopK {
            dim: S::DIM,
            k,
            positions,
        };
        let input = self.node();
        (Value::of(op(false), [input]), Value::of(op(true), [input]))
    }
}
