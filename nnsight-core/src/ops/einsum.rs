//! Sums of products over axes by name, Einstein's way of writing them.

use super::error::{self, OpError, Result};
use super::{Reduce, permute, real};
use crate::shapes::dims::Dims;
use crate::shapes::meta::TensorMeta;
use crate::shapes::shape::{KindTag, NumericKind};
use crate::tensor::erased::{Erased, with_rank};
use burn::tensor::{Float, Int, Tensor};
use serde::{Deserialize, Serialize};

/// Which axes are the same: each is a number, wherever it stands. An axis that is not in the output is summed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Einsum {
    /// The axes of the first tensor; none for a scalar.
    pub left: Vec<u8>,
    /// Those of the second.
    pub right: Vec<u8>,
    /// Those of the result.
    pub output: Vec<u8>,
}

fn is_set(axes: &[u8]) -> bool {
    (1..axes.len()).all(|i| !axes[..i].contains(&axes[i]))
}

/// Refuses axes that are not those of a tensor, each once.
fn check(axes: &[u8], dims: &Dims) -> Result<()> {
    let is_scalar = axes.is_empty() && *dims == Dims::scalar();
    match is_set(axes) && (is_scalar || axes.len() == dims.rank()) {
        true => Ok(()),
        false => Err(OpError::NotAnOrder {
            order: axes.iter().map(|&axis| axis.into()).collect(),
            sizes: *dims,
        }),
    }
}

/// Where an axis stands.
fn place(axes: &[u8], axis: u8) -> Option<usize> {
    axes.iter().position(|&known| known == axis)
}

impl Einsum {
    /// The size of an axis, if one of both tensors tells.
    fn size(&self, axis: u8, [left, right]: [&Dims; 2]) -> Option<usize> {
        let of = |axes: &[u8], dims: &Dims| place(axes, axis).and_then(|dim| dims.get(dim));
        of(&self.left, left).or_else(|| of(&self.right, right))
    }

    pub(super) fn infer(&self, inputs: &[TensorMeta]) -> Result<TensorMeta> {
        let [left, right] = error::metas(inputs)?;
        error::numeric(left)?;
        error::of_kind(left.kind, right)?;
        check(&self.left, &left.dims)?;
        check(&self.right, &right.dims)?;
        for (dim, &axis) in self.left.iter().enumerate() {
            let (one, other) = (left.dims.get(dim), place(&self.right, axis));
            if let (Some(one), Some(other)) = (one, other.and_then(|other| right.dims.get(other)))
                && one != other
            {
                let (left, right) = (left.dims, right.dims);
                return Err(OpError::SizesDiffer { left, right });
            }
        }
        let is_known = |axis: &u8| self.left.contains(axis) || self.right.contains(axis);
        if !is_set(&self.output) || !self.output.iter().all(is_known) {
            return Err(OpError::NotAnOrder {
                order: self.output.iter().map(|&axis| axis.into()).collect(),
                sizes: left.dims,
            });
        }
        let dims = match self.output.is_empty() {
            true => Dims::scalar(),
            false => {
                error::rank(self.output.len())?;
                let sizes = self.output.iter();
                Dims::new(sizes.map(|&axis| self.size(axis, [&left.dims, &right.dims])))
            }
        };
        Ok(TensorMeta { dims, ..left })
    }

    /// How many products are summed for each element of the result, as far as sizes are known.
    pub(super) fn terms(&self, left: &Dims, right: &Dims) -> usize {
        let shared = self.left.iter().filter(|axis| self.right.contains(axis));
        let summed = shared.filter(|axis| !self.output.contains(axis));
        let sizes = summed.filter_map(|&axis| self.size(axis, [left, right]));
        sizes.fold(1, usize::saturating_mul)
    }

    pub(super) fn run(&self, [left, right]: [Erased; 2], sizes: &[usize]) -> Erased {
        let right = real::alike(&left, right);
        let dims = [left.dims(), right.dims()];
        let size = |axis: &u8| self.size(*axis, [&dims[0], &dims[1]]).unwrap_or(1);
        let of = |wanted: &dyn Fn(&u8) -> bool, axes: &[u8]| -> Vec<u8> {
            axes.iter().copied().filter(|axis| wanted(axis)).collect()
        };
        let both = |axis: &u8| self.left.contains(axis) && self.right.contains(axis);
        let batch = of(&both, &self.output);
        let rows = of(&|axis| !self.right.contains(axis), &self.output);
        let columns = of(&|axis| !self.left.contains(axis), &self.output);
        let summed = of(&|axis| both(axis) && !self.output.contains(axis), &self.left);
        let count = |axes: &[u8]| axes.iter().map(size).product::<usize>();
        let [b, m, k, n] = [&batch, &rows, &summed, &columns].map(|axes| count(axes));
        if [b, m, k, n].contains(&0) {
            // Sums of nothing. Burn has no such product.
            return zeros(&left, sizes);
        }
        let left = arranged(left, &self.left, &[&batch, &rows, &summed]);
        let right = arranged(right, &self.right, &[&batch, &summed, &columns]);
        let product = match left.kind() {
            KindTag::Float => product::<Float>(left, right, [b, m, k, n]),
            _ => product::<Int>(left, right, [b, m, k, n]),
        };
        let found = [batch, rows, columns].concat();
        if found.is_empty() {
            return real::reshape(product, sizes);
        }
        let product = real::reshape(product, &found.iter().map(size).collect::<Vec<_>>());
        let order = self.output.iter().filter_map(|&axis| place(&found, axis));
        permute::run([product], &order.collect::<Vec<_>>())
    }
}

/// The tensor summed over the axes that are in no group, and the others in the order of the groups.
fn arranged(tensor: Erased, axes: &[u8], groups: &[&[u8]]) -> Erased {
    let groups = groups.concat();
    let (mut tensor, mut axes) = (tensor, axes.to_vec());
    while let Some(dim) = axes.iter().position(|axis| !groups.contains(axis)) {
        axes.remove(dim);
        let sizes = tensor.dims().without(dim).all_known().unwrap_or_default();
        tensor = Reduce::Sum.run([tensor], Some(dim), &sizes);
    }
    let order = groups.iter().filter_map(|&axis| place(&axes, axis));
    match axes.len() {
        0 | 1 => tensor,
        _ => permute::run([tensor], &order.collect::<Vec<_>>()),
    }
}

fn product<K: NumericKind>(left: Erased, right: Erased, [b, m, k, n]: [usize; 4]) -> Erased {
    if b == 1 {
        // One product of matrices, without an axis in front.
        let left = real::reshape(left, &[m, k]).assume::<2, K>();
        return Erased::new(left.matmul(real::reshape(right, &[k, n]).assume()));
    }
    let left = real::reshape(left, &[b, m, k]).assume::<3, K>();
    Erased::new(left.matmul(real::reshape(right, &[b, k, n]).assume()))
}

fn zeros(like: &Erased, sizes: &[usize]) -> Erased {
    let options = (&like.device(), like.dtype());
    match like.kind() {
        KindTag::Float => {
            with_rank!(sizes.len(), D => Erased::new(Tensor::<D>::zeros(sizes.to_vec(), options)))
        }
        _ => with_rank!(sizes.len(), D => Erased::new(Tensor::<D, Int>::zeros(sizes.to_vec(), options))),
    }
}
