//! Axes in another order.

use super::error::{self, OpError, Result};
use crate::shapes::axes::Axis;
use crate::shapes::dims::Dims;
use crate::shapes::meta::TensorMeta;
use crate::shapes::shape::Shape;
use crate::tensor::erased::{Erased, with_kind, with_rank};
use burn::tensor::{Bool, Float, Int};

/// Shapes of two and more axes.
#[diagnostic::on_unimplemented(
    message = "a value over `{Self}` cannot be transposed",
    label = "transposing swaps the last two axes"
)]
pub trait Transpose: Shape {
    /// The shape with its last two axes swapped.
    type Transposed: Shape;
}

macro_rules! transpose {
    ($([$($before:ident)*];)+) => {$(
        impl<$($before: Axis,)* M: Axis, N: Axis> Transpose for ($($before,)* M, N) {
            type Transposed = ($($before,)* N, M);
        }
    )+};
}

transpose! {
    [];
    [A];
    [A B];
    [A B C];
    [A B C D];
}

pub(super) fn infer(inputs: &[TensorMeta], order: &[usize]) -> Result<TensorMeta> {
    let input = error::one(inputs)?;
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    if !sorted.into_iter().eq(0..input.dims.rank()) {
        return Err(OpError::NotAnOrder {
            order: order.to_vec(),
            sizes: input.dims,
        });
    }
    Ok(TensorMeta {
        dims: Dims::new(order.iter().map(|&dim| input.dims.get(dim))),
        ..input
    })
}

pub(super) fn run([input]: [Erased; 1], order: &[usize]) -> Erased {
    with_kind!(input.kind(), K => with_rank!(order.len(), D => {
        let axes: [isize; D] = std::array::from_fn(|i| order[i] as isize);
        Erased::new(input.assume::<D, K>().permute(axes))
    }))
}
