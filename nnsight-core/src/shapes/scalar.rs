//! Numbers in a graph.

use crate::shapes::kind::Kind;
use burn::tensor::{Bool, Float, Int};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A number in a graph.
///
/// Two are equal if their bits are: 0 and -0 give different results.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Scalar {
    /// For float tensors. Written as bits: JSON has no infinity, which masks are filled with.
    Float(#[serde(with = "bits")] f64),
    /// For int tensors, and 0 or 1 for truth values.
    Int(i64),
}

mod bits {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        number.to_bits().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        u64::deserialize(deserializer).map(f64::from_bits)
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Float(number) => write!(f, "{number}"),
            Scalar::Int(number) => write!(f, "{number}"),
        }
    }
}

impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Scalar::Float(number), Scalar::Float(other)) => number.to_bits() == other.to_bits(),
            (Scalar::Int(number), Scalar::Int(other)) => number == other,
            _ => false,
        }
    }
}

impl Scalar {
    /// As a float.
    pub fn as_f64(self) -> f64 {
        match self {
            Scalar::Float(number) => number,
            Scalar::Int(number) => number as f64,
        }
    }

    /// As an integer: towards zero.
    pub fn as_i64(self) -> i64 {
        match self {
            Scalar::Float(number) => number as i64,
            Scalar::Int(number) => number,
        }
    }
}

/// A number that tensors of kind `K` can hold.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no number for a tensor of kind `{K}`",
    note = "float tensors take `f32`, `f64` and `i32`; int tensors `i32` and `i64`; bool tensors `bool`"
)]
pub trait Number<K: Kind>: Copy {
    /// The number as data.
    fn scalar(self) -> Scalar;
}

macro_rules! numbers {
    ($($kind:ty: $($number:ty)+ => $scalar:ident;)+) => {$($(
        impl Number<$kind> for $number {
            fn scalar(self) -> Scalar {
                Scalar::$scalar(self.into())
            }
        }
    )+)+};
}
numbers! {
    Float: f32 f64 i32 => Float;
    Int: i32 i64 => Int;
    Bool: bool => Int;
}
