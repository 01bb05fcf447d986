//! Functions of one value, element by element: mathematics and activations.

use crate::ops::unary::functions;
use crate::ops::{Function, Number, Numeric, Op};
use crate::shapes::shape::{NumericKind, Shape};
use crate::values::site::Site;
use crate::values::value::Value;
use burn::tensor::Float;
use std::ops::Neg;

/// Writes the functions of floats as methods.
macro_rules! methods {
    ($x:ident: $($(#[$doc:meta])+ $name:ident $variant:ident ($($parameter:ident: $type:ty),*) => $body:expr;)+) => {
        /// Functions element by element; the shape stays.
        impl<S: Shape> Value<S, Float> {
            $(
                $(#[$doc])+
                #[track_caller]
                pub fn $name(self $(, $parameter: $type)*) -> Self {
                    Value::of(Op::Function(Function::$variant { $($parameter),* }), [self.node()])
                }
            )+
        }
    };
}
functions!(methods);

/// Functions element by element; shape and kind stay.
impl<S: Shape, K: NumericKind> Value<S, K> {
    #[track_caller]
    fn numeric(self, op: Numeric) -> Self {
        Value::of(Op::Numeric(op), [self.node()])
    }

    /// The absolute value.
    #[track_caller]
    pub fn abs(self) -> Self {
        self.numeric(Numeric::Abs)
    }

    /// -1, 0 or 1.
    #[track_caller]
    pub fn sign(self) -> Self {
        self.numeric(Numeric::Sign)
    }

    /// Each element to a whole power.
    #[track_caller]
    pub fn powi(self, power: u32) -> Self {
        self.numeric(Numeric::Powi(power))
    }

    /// Limits each element to `low..=high`.
    ///
    /// # Errors
    /// Refused before the run if `low` is above `high`.
    #[track_caller]
    pub fn clamp(self, low: impl Number<K>, high: impl Number<K>) -> Self {
        self.numeric(Numeric::Clamp {
            low: Some(low.scalar()),
            high: Some(high.scalar()),
        })
    }

    /// Raises what is below `low` to it.
    #[track_caller]
    pub fn clamp_min(self, low: impl Number<K>) -> Self {
        self.numeric(Numeric::Clamp {
            low: Some(low.scalar()),
            high: None,
        })
    }

    /// Lowers what is above `high` to it.
    #[track_caller]
    pub fn clamp_max(self, high: impl Number<K>) -> Self {
        self.numeric(Numeric::Clamp {
            low: None,
            high: Some(high.scalar()),
        })
    }
}

impl<S: Shape, K: NumericKind> Neg for Value<S, K> {
    type Output = Self;
    #[track_caller]
    fn neg(self) -> Self {
        self.numeric(Numeric::Neg)
    }
}

impl<S: Shape, K: NumericKind> Neg for Site<S, K> {
    type Output = Value<S, K>;
    #[track_caller]
    fn neg(self) -> Value<S, K> {
        self.numeric(Numeric::Neg)
    }
}
