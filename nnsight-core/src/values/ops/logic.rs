//! Truth values: `and`, `or`, `not`, and choosing elements by a mask.

use super::operand::Operand;
use crate::ops::{Logic, Number, Op};
use crate::shapes::shape::{Kind, Shape};
use crate::values::site::Site;
use crate::values::value::Value;
use crate::write::place::Written;
use burn::tensor::Bool;
use std::ops::{BitAnd, BitOr, BitXor, Not};

impl<S: Shape, K: Kind> Value<S, K> {
    /// This value, with the elements of `other` (a value or a number) where `mask` is true; the shape stays.
    #[track_caller]
    pub fn mask_where(self, mask: impl Operand<S, Bool>, other: impl Operand<S, K>) -> Self {
        let input = self.node();
        let mask = mask.operand().value::<Bool>(input);
        match other.operand().0 {
            Written::Value(other) | Written::Last(other) => Value::of(Op::MaskWhere, [input, mask, other]),
            Written::Number(number) => Value::of(Op::MaskFill(number), [input, mask]),
        }
    }

    /// This value, with `number` where `mask` is true; the shape stays.
    #[track_caller]
    pub fn mask_fill(self, mask: impl Operand<S, Bool>, number: impl Number<K>) -> Self {
        let input = self.node();
        let mask = mask.operand().value::<Bool>(input);
        Value::of(Op::MaskFill(number.scalar()), [input, mask])
    }
}

macro_rules! logic {
    ($($(#[$doc:meta])+ $name:ident $operator:ident $method:ident $variant:ident;)+) => {
        /// Logic, element by element; the shape stays.
        impl<S: Shape> Value<S, Bool> {$(
            $(#[$doc])+
            #[track_caller]
            pub fn $name(self, other: impl Operand<S, Bool>) -> Self {
                let left = self.node();
                Value::of(Op::Logic(Logic::$variant), [left, other.operand().value::<Bool>(left)])
            }
        )+}

        $(impl<S: Shape, R: Operand<S, Bool>> $operator<R> for Value<S, Bool> {
            type Output = Self;
            #[track_caller]
            fn $method(self, other: R) -> Self {
                self.$name(other)
            }
        }

        impl<S: Shape, R: Operand<S, Bool>> $operator<R> for Site<S, Bool> {
            type Output = Value<S, Bool>;
            #[track_caller]
            fn $method(self, other: R) -> Value<S, Bool> {
                self.$name(other)
            }
        })+
    };
}

logic! {
    /// Where both are true; also written `a & b`.
    and BitAnd bitand And;
    /// Where one of both is true; also written `a | b`.
    or BitOr bitor Or;
    /// Where one of both is true and the other is not; also written `a ^ b`.
    xor BitXor bitxor Xor;
}

impl<S: Shape> Not for Site<S, Bool> {
    type Output = Value<S, Bool>;
    /// Where this is false.
    #[track_caller]
    fn not(self) -> Value<S, Bool> {
        !*self
    }
}

impl<S: Shape> Not for Value<S, Bool> {
    type Output = Self;
    /// Where this is false.
    #[track_caller]
    fn not(self) -> Self {
        Value::of(Op::Not, [self.node()])
    }
}
