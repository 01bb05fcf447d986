//! Values that take only their sizes from others: a number everywhere, seeded noise.

use crate::ops::{Law, Number, Op};
use crate::shapes::shape::{Kind, Shape};
use crate::values::value::Value;
use burn::tensor::Float;

impl<S: Shape, K: Kind> Value<S, K> {
    /// A number everywhere, over the same axes.
    #[track_caller]
    pub fn full_like(self, number: impl Number<K>) -> Self {
        Value::of(Op::Full(K::TAG, number.scalar()), [self.node()])
    }
}

impl<S: Shape> Value<S, Float> {
    /// Normally distributed noise over the same axes. A seed gives the same noise in every run and on every
    /// backend, and leaves the devices' own generators alone.
    ///
    /// # Errors
    /// A standard deviation that is negative or no number, before the run.
    #[track_caller]
    pub fn normal_like(self, seed: u64, mean: f64, std: f64) -> Self {
        Value::of(
            Op::Noise {
                seed,
                law: Law::Normal { mean, std },
            },
            [self.node()],
        )
    }

    /// Noise spread evenly over `low..high`, over the same axes; see [`Value::normal_like`].
    ///
    /// # Errors
    /// Refused before the run unless `low` is below `high`.
    #[track_caller]
    pub fn uniform_like(self, seed: u64, low: f64, high: f64) -> Self {
        Value::of(
            Op::Noise {
                seed,
                law: Law::Uniform { low, high },
            },
            [self.node()],
        )
    }
}
