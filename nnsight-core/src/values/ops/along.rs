//! Operations along a named axis that leave all sizes as they are.

use crate::ops::{Along, Op};
use crate::shapes::axes::Axis;
use crate::shapes::shape::{Kind, NumericKind, Remove, Shape};
use crate::values::value::Value;
use burn::tensor::{Float, Int};

macro_rules! along {
    ($([$($generics:tt)*] $kind:ty: $($(#[$doc:meta])+ $name:ident $variant:ident -> $result:ty;)+)+) => {$(
        /// Along one axis; the shape stays.
        impl<S: Shape, $($generics)*> Value<S, $kind> {$(
            $(#[$doc])+
            #[track_caller]
            pub fn $name<A: Axis, P>(self, _axis: A) -> Value<S, $result>
            where
                S: Remove<A, P>,
            {
                Value::of(Op::Along(Along::$variant, S::DIM), [self.node()])
            }
        )+}
    )+};
}

along! {
    [] Float:
        /// Probabilities along an axis: exponentials divided by their sum.
        softmax Softmax -> Float;
        /// The logarithms of probabilities along an axis.
        log_softmax LogSoftmax -> Float;
    [K: NumericKind] K:
        /// Each element plus all before it along an axis.
        cumsum CumSum -> K;
        /// The elements in ascending order along an axis.
        sort Sort -> K;
        /// The elements in descending order along an axis.
        sort_descending SortDescending -> K;
        /// Where the elements in ascending order along an axis came from.
        argsort ArgSort -> Int;
        /// Where the elements in descending order along an axis came from.
        argsort_descending ArgSortDescending -> Int;
    [K: Kind] K:
        /// Last to first along an axis.
        flip Flip -> K;
}
