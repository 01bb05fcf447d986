//! Comparisons, element by element.

use super::operand::Operand;
use crate::ops::{Compare, Op};
use crate::shapes::shape::{Kind, NumericKind, Shape};
use crate::values::value::Value;
use burn::tensor::Bool;

macro_rules! comparisons {
    ($($kind:ident: $($(#[$doc:meta])+ $name:ident $variant:ident;)+)+) => {$(
        /// Comparisons, element by element, with a value or a number; the shape stays.
        impl<S: Shape, K: $kind> Value<S, K> {$(
            $(#[$doc])+
            #[track_caller]
            pub fn $name(self, other: impl Operand<S, K>) -> Value<S, Bool> {
                let op = Compare::$variant;
                other.operand().apply(self.node(), Op::Compare(op), |number| Op::CompareScalar(op, number))
            }
        )+}
    )+};
}

comparisons! {
    NumericKind:
        /// Where this is greater.
        gt Gt;
        /// Where this is greater or equal.
        ge Ge;
        /// Where this is less.
        lt Lt;
        /// Where this is less or equal.
        le Le;
    Kind:
        /// Where both are equal.
        equal Equal;
        /// Where both differ.
        not_equal NotEqual;
}
