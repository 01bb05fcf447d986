//! Other kinds of elements.

use super::error::{self, OpError, Result};
use super::real;
use crate::shapes::axes::Axis;
use crate::shapes::kind::KindTag;
use crate::shapes::meta::TensorMeta;
use crate::shapes::shape::Shape;
use crate::tensor::erased::{Erased, with_rank};
use burn::tensor::{Bool, Float, Int, Tensor};

/// Shapes with room for one more axis at the end.
#[diagnostic::on_unimplemented(message = "`{Self}` has no room for another axis: shapes end at six")]
pub trait PushBack<A: Axis>: Shape {
    /// The shape with the axis at its end.
    type Longer: Shape;
}

macro_rules! push_back {
    ($([$($axis:ident)*];)+) => {$(
        impl<$($axis: Axis,)* New: Axis> PushBack<New> for ($($axis,)*) {
            type Longer = ($($axis,)* New,);
        }
    )+};
}

push_back! {
    [];
    [A];
    [A B];
    [A B C];
    [A B C D];
    [A B C D E];
}

pub(super) fn infer(inputs: &[TensorMeta], kind: KindTag) -> Result<TensorMeta> {
    Ok(TensorMeta {
        kind,
        ..error::one(inputs)?
    })
}

pub(super) fn run([input]: [Erased; 1], kind: KindTag) -> Erased {
    let rank = input.dims().rank();
    match (input.kind(), kind) {
        (KindTag::Float, KindTag::Int) => {
            with_rank!(rank, D => Erased::new(input.assume::<D, Float>().int()))
        }
        (KindTag::Float, KindTag::Bool) => {
            with_rank!(rank, D => Erased::new(input.assume::<D, Float>().bool()))
        }
        (KindTag::Int, KindTag::Float) => {
            with_rank!(rank, D => Erased::new(input.assume::<D, Int>().float()))
        }
        (KindTag::Int, KindTag::Bool) => with_rank!(rank, D => Erased::new(input.assume::<D, Int>().bool())),
        (KindTag::Bool, KindTag::Float) => {
            with_rank!(rank, D => Erased::new(input.assume::<D, Bool>().float()))
        }
        (KindTag::Bool, KindTag::Int) => with_rank!(rank, D => Erased::new(input.assume::<D, Bool>().int())),
        _ => input,
    }
}

pub(super) fn infer_one_hot(inputs: &[TensorMeta], size: usize, scalar: bool) -> Result<TensorMeta> {
    let input = error::one(inputs)?;
    error::of_kind(KindTag::Int, input)?;
    if scalar && input.dims.rank() != 1 {
        return Err(OpError::TooManyAxes {
            found: input.dims.rank(),
        });
    }
    let rank = input.dims.rank();
    error::rank(rank + 1)?;
    let dims = if scalar {
        input.dims.with(0, Some(size))
    } else {
        input.dims.insert(rank, Some(size))
    };
    Ok(TensorMeta {
        kind: KindTag::Float,
        dims,
    })
}

pub(super) fn run_one_hot([input]: [Erased; 1], sizes: &[usize]) -> Erased {
    let Some((&size, before)) = sizes.split_last() else {
        return input;
    };
    let column: Vec<usize> = before.iter().copied().chain([1]).collect();
    let row: Vec<usize> = before.iter().map(|_| 1).chain([size]).collect();
    let places = Tensor::<1, Int>::arange(0..size as i64, &input.device());
    let places = real::alike(&input, Erased::new(places));
    let places = real::expand(real::reshape(places, &row), sizes);
    let input = real::expand(real::reshape(input, &column), sizes);
    with_rank!(sizes.len(), D => Erased::new(input.assume::<D, Int>().equal(places.assume()).float()))
}
