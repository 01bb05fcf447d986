//! Operations on values, a file each family: the typed methods of [`Value`](crate::Value), and the same
//! as data ([`Op`]) with its shape rule and what it does to real tensors.

mod binary;
mod error;

pub use binary::{Binary, Scalar};
pub use error::OpError;

use crate::graph::TensorMeta;
use crate::tensor::Erased;
use serde::{Deserialize, Serialize};

/// An operation as data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Op {
    /// Element by element, two values.
    Binary(Binary),
    /// Element by element, a value and a number.
    Scalar(Binary, Scalar),
}

impl Op {
    /// Kind and sizes of the result.
    ///
    /// # Errors
    /// Sizes that do not fit, an index out of bounds, a wrong number of inputs (a graph from elsewhere).
    pub fn infer(&self, inputs: &[TensorMeta]) -> Result<TensorMeta, OpError> {
        match self {
            Op::Binary(op) => op.infer(inputs),
            Op::Scalar(_, _) => error::one(inputs),
        }
    }

    /// Runs the operation. The inputs are those that [`Op::infer`] accepted.
    pub(crate) fn run(&self, inputs: Vec<Erased>) -> Result<Erased, OpError> {
        match self {
            Op::Binary(op) => op.run(error::take(inputs)?),
            Op::Scalar(op, number) => op.run_scalar(error::take(inputs)?, *number),
        }
    }
}
