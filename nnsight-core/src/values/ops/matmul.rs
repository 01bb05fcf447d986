//! Matrix products.

use crate::ops::{Matmul, Op};
use crate::shapes::shape::{NumericKind, Shape};
use crate::values::value::Value;

impl<S: Shape, K: NumericKind> Value<S, K> {
    /// The matrix product: the last axis of this value is summed over.
    ///
    /// # Shapes
    /// `(.., M, K)` with `(.., K, N)` or `(K, N)` gives `(.., M, N)`; with a vector `(K,)` it gives `(.., M)`.
    #[track_caller]
    pub fn matmul<R: Shape>(self, right: Value<R, K>) -> Value<S::Product, K>
    where
        S: Matmul<R>,
    {
        Value::of(Op::Matmul, [self.node(), right.node()])
    }
}
