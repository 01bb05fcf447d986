//! Other kinds of elements.

use crate::ops::{Op, PushBack};
use crate::shapes::axes::{Axis, Extent};
use crate::shapes::shape::{Kind, Shape};
use crate::values::value::Value;
use burn::tensor::{Float, Int};

impl<S: Shape, K: Kind> Value<S, K> {
    /// The same as numbers or truth values: `mask.cast::<Float>()`. Floats lose what is behind the point,
    /// numbers other than 0 are true, true is 1. The shape stays.
    #[track_caller]
    pub fn cast<L: Kind>(self) -> Value<S, L> {
        Value::of(Op::Cast(L::TAG), [self.node()])
    }
}

impl<S: Shape> Value<S, Int> {
    /// 1 at each element's position along a new last axis, 0 elsewhere: `tokens.one_hot(Vocab)`. A position
    /// outside of the axis gives zeros.
    ///
    /// The axis must be of constant size; anything else does not compile.
    #[track_caller]
    pub fn one_hot<A: Axis>(self, _axis: A) -> Value<S::Longer, Float>
    where
        S: PushBack<A>,
    {
        let size = const {
            match A::EXTENT {
                Extent::Fixed(size) => size,
                _ => const_panic::concat_panic!(
                    display: "`one_hot` wants an axis of constant size, and the size of ",
                    display: A::NAME,
                    display: " comes with the input"
                ),
            }
        };
        Value::of(
            Op::OneHot {
                size,
                scalar: S::AXES.is_empty(),
            },
            [self.node()],
        )
    }
}
