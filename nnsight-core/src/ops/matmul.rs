//! Matrix products.

use super::error::{self, OpError, Result};
use super::real;
use crate::shapes::axes::Axis;
use crate::shapes::dims::Dims;
use crate::shapes::kind::KindTag;
use crate::shapes::meta::TensorMeta;
use crate::shapes::shape::Shape;
use crate::tensor::erased::{Erased, with_rank};
use burn::tensor::{Float, Int};

/// The shapes that fit on the right of a matrix product: `(.., M, K)` and `(.., K, N)` give `(.., M, N)`;
/// a matrix `(K, N)` or a vector `(K,)` on the right serves all axes before `K`.
#[diagnostic::on_unimplemented(
    message = "a value over `{Self}` cannot be multiplied with one over `{Right}` as matrices",
    label = "`(.., M, K)` takes `(.., K, N)`, `(K, N)` or `(K,)`",
    note = "the last axis of the left must be the second last of the right; see `transpose` and `permute`"
)]
pub trait Matmul<Right: Shape>: Shape {
    /// The shape of the product.
    type Product: Shape;
}

macro_rules! products {
    ($([$($axis:ident)+] $left:ty, $right:ty => $product:ty;)+) => {$(
        impl<$($axis: Axis),+> Matmul<$right> for $left {
            type Product = $product;
        }
    )+};
}

products! {
    [K] (K,), (K,) => ();
    [M K] (M, K), (K,) => (M,);
    [A M K] (A, M, K), (K,) => (A, M);
    [A B M K] (A, B, M, K), (K,) => (A, B, M);
    [K N] (K,), (K, N) => (N,);
    [M K N] (M, K), (K, N) => (M, N);
    [A M K N] (A, M, K), (K, N) => (A, M, N);
    [A B M K N] (A, B, M, K), (K, N) => (A, B, M, N);
    [A M K N] (A, M, K), (A, K, N) => (A, M, N);
    [A B M K N] (A, B, M, K), (A, B, K, N) => (A, B, M, N);
    [A B C M K N] (A, B, C, M, K), (A, B, C, K, N) => (A, B, C, M, N);
}

pub(super) fn infer(inputs: &[TensorMeta]) -> Result<TensorMeta> {
    let [left, right] = error::metas(inputs)?;
    error::numeric(left)?;
    error::of_kind(left.kind, right)?;
    let misfit = OpError::MatmulSizes {
        left: left.dims,
        right: right.dims,
    };
    let fits = |a: Option<usize>, b: Option<usize>| match (a, b) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    let (l, r) = (&*left.dims.sizes(), &*right.dims.sizes());
    let Some((inner, before)) = l.split_last() else {
        return Err(misfit);
    };
    let sizes: Vec<Option<usize>> = match r {
        [k] if fits(*inner, *k) => before.to_vec(),
        [k, n] if fits(*inner, *k) => before.iter().chain([n]).copied().collect(),
        [batch @ .., k, n] if !batch.is_empty() && l.len() == r.len() && fits(*inner, *k) => {
            let (m, outer) = before.split_last().ok_or(misfit.clone())?;
            let outer = Dims::new(outer.iter().copied())
                .unify(&Dims::new(batch.iter().copied()))
                .ok_or(misfit)?;
            outer.sizes().iter().chain([m, n]).copied().collect()
        }
        _ => return Err(misfit),
    };
    let dims = if sizes.is_empty() {
        Dims::scalar()
    } else {
        Dims::new(sizes)
    };
    Ok(TensorMeta { dims, ..left })
}

pub(super) fn run([left, right]: [Erased; 2], sizes: &[usize]) -> Erased {
    let mut right = real::alike(&left, right);
    let mut left = left;
    if right.dims().rank() <= 2 {
        // One large product instead of many small ones.
        let inner = right.dims().get(0).unwrap_or(1);
        let columns = right.dims().get(1).unwrap_or(1);
        let rows = left.dims().sizes().iter().rev().skip(1).flatten().product();
        left = real::reshape(left, &[rows, inner]);
        right = real::reshape(right, &[inner, columns]);
    }
    let product = match left.kind() {
        KindTag::Float => {
            with_rank!(left.dims().rank(), D => Erased::new(left.assume::<D, Float>().matmul(right.assume())))
        }
        _ => with_rank!(left.dims().rank(), D => Erased::new(left.assume::<D, Int>().matmul(right.assume()))),
    };
    real::reshape(product, sizes)
}
