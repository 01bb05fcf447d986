//! `f(h) >= 3.0`, of which the text does not say whether it compares values. Method resolution decides, as in
//! [`found`](super::found).

use crate::shapes::shape::{Kind, NumericKind, Shape};
use crate::values::ops::operand::Operand;
use crate::values::value::Value;
use burn::tensor::Bool;

/// The two sides of a comparison.
#[derive(Debug)]
pub struct Compared<'a, T: ?Sized, R: ?Sized>(pub (&'a T, &'a R));

macro_rules! comparisons {
    ($($name:ident $ours:ident $plain:tt;)+) => {
        /// A comparison whose left side is a value: it gives truth values.
        pub trait CompareValues {
            /// The shape of the left side.
            type Shape: Shape;
            /// The kind of both.
            type Kind: Kind;
            /// The right side.
            type Right;
            $(
                /// The comparison.
                #[track_caller]
                fn $name(self) -> Value<Self::Shape, Bool>
                where
                    Self::Kind: NumericKind,
                    Self::Right: Operand<Self::Shape, Self::Kind> + Clone;
            )+
        }
        impl<S: Shape, K: Kind, R> CompareValues for &&Compared<'_, Value<S, K>, R> {
            type Shape = S;
            type Kind = K;
            type Right = R;
            $(
                #[track_caller]
                fn $name(self) -> Value<S, Bool>
                where
                    K: NumericKind,
                    R: Operand<S, K> + Clone,
                {
                    let (left, right) = self.0;
                    left.$ours(right.clone())
                }
            )+
        }

        /// Any other comparison.
        pub trait ComparePlain {
            /// The left side.
            type Left: ?Sized;
            /// The right side.
            type Right: ?Sized;
            $(
                /// The comparison.
                fn $name(self) -> bool
                where
                    Self::Left: PartialOrd<Self::Right>;
            )+
        }
        impl<T: ?Sized, R: ?Sized> ComparePlain for &Compared<'_, T, R> {
            type Left = T;
            type Right = R;
            $(
                fn $name(self) -> bool
                where
                    T: PartialOrd<R>,
                {
                    let (left, right) = self.0;
                    *left $plain *right
                }
            )+
        }
    };
}
comparisons! {
    __nnsight_gt gt >;
    __nnsight_ge ge >=;
    __nnsight_lt lt <;
    __nnsight_le le <=;
}
