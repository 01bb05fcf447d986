//! What can be done to tensors, a file each family: an operation as data ([`Op`]), its shape rule, and its kernel.
//!
//! How a trace writes it, as a typed method of [`Value`](crate::Value), is its other half, in the file of the same name
//! in `values/ops`. The halves are apart because data is below graphs and methods are above them; a test finds an
//! operation that has no method.

pub(crate) mod along;
pub(crate) mod binary;
pub(crate) mod cast;
pub(crate) mod compare;
pub(crate) mod create;
pub(crate) mod einsum;
pub(crate) mod error;
pub(crate) mod expand;
pub(crate) mod fits;
pub(crate) mod guard;
pub(crate) mod join;
pub(crate) mod logic;
pub(crate) mod matmul;
pub(crate) mod permute;
pub(crate) mod real;
pub(crate) mod reduce;
pub(crate) mod reshape;
pub(crate) mod select;
pub(crate) mod slice;
pub(crate) mod topk;
pub(crate) mod unary;

pub use crate::shapes::scalar::{Number, Scalar};
pub use along::Along;
pub use binary::Binary;
pub use cast::PushBack;
pub use compare::Compare;
pub use create::Law;
pub use einsum::Einsum;
pub use error::OpError;
pub use logic::Logic;
pub use matmul::Matmul;
pub use permute::Transpose;
pub use reduce::Reduce;
pub use unary::{Function, Numeric};

use crate::error::{Error, WrittenAt};
use crate::shapes::kind::{KindTag, MAX_RANK};
use crate::shapes::meta::TensorMeta;
use crate::shapes::take::Take;
use crate::tensor::erased::Erased;
use error::take;
use serde::{Deserialize, Serialize};

/// An operation as data. Axes are counted from 0; a size of `None` is the input's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub enum Op {
    /// Arithmetic on two tensors,
    Binary(Binary),
    /// or on a tensor and a number.
    Scalar(Binary, Scalar),
    /// A comparison of two tensors,
    Compare(Compare),
    /// or of a tensor and a number.
    CompareScalar(Compare, Scalar),
    /// Logic on two tensors of truth values.
    Logic(Logic),
    /// The opposite truth values.
    Not,
    /// A tensor, a mask, and what stands where the mask is true.
    MaskWhere,
    /// The same with a number.
    MaskFill(Scalar),
    /// A function of floats.
    Function(Function),
    /// A function of numbers of either kind.
    Numeric(Numeric),
    /// Fewer elements, over one axis or all.
    Reduce(Reduce, Option<usize>),
    /// As many elements, along one axis.
    Along(Along, usize),
    /// The matrix product.
    Matmul,
    /// Products of two tensors, summed over axes.
    Einsum(Einsum),
    /// The same elements at other sizes.
    Reshape(Vec<Option<usize>>),
    /// The same sizes by other names.
    Rename(Vec<Option<usize>>),
    /// The axes in another order.
    Permute(Vec<usize>),
    /// More axes: the input's go to `places`.
    Expand {
        /// Where the input's axes are in the result.
        places: Vec<usize>,
        /// The sizes of the result.
        sizes: Vec<Option<usize>>,
    },
    /// The same, to the sizes of a second tensor.
    ExpandAs(Vec<usize>),
    /// A part, by position.
    Slice(Vec<Take>),
    /// A part replaced by a second tensor,
    Assign(Vec<Take>),
    /// or by a number.
    Fill(Vec<Take>, Scalar),
    /// Some positions of an axis, known before the run.
    Take {
        /// The axis.
        dim: usize,
        /// Negative ones count from the end.
        positions: Vec<i64>,
    },
    /// Some positions of an axis, from a second tensor.
    Select(usize),
    /// For each place of the other axes one position of this one, from a second tensor,
    Pick(usize),
    /// or several.
    Gather(usize),
    /// The greatest elements of an axis.
    TopK {
        /// The axis.
        dim: usize,
        /// How many.
        k: usize,
        /// Their positions instead of themselves.
        positions: bool,
    },
    /// Tensors end to end along an axis.
    Cat(usize),
    /// Tensors side by side along a new first axis.
    Stack {
        /// How many the axis takes.
        size: Option<usize>,
        /// Scalars, which have no axis of their own.
        scalars: bool,
    },
    /// Another kind of elements.
    Cast(KindTag),
    /// 1 at each position along a new last axis.
    OneHot {
        /// The new axis' size.
        size: usize,
        /// The input is a scalar, which has no axis of its own.
        scalar: bool,
    },
    /// A number everywhere, at the input's sizes.
    Full(KindTag, Scalar),
    /// Seeded noise, at the input's sizes.
    Noise {
        /// The same seed gives the same noise.
        seed: u64,
        /// How it is distributed.
        law: Law,
    },
}

impl Op {
    /// The operation's name, as its method or operator is called.
    pub fn name(&self) -> &'static str {
        match self {
            Op::Binary(op) | Op::Scalar(op, _) => op.name(),
            Op::Compare(op) | Op::CompareScalar(op, _) => op.name(),
            Op::Logic(op) => op.name(),
            Op::Not => "not",
            Op::MaskWhere => "mask_where",
            Op::MaskFill(_) => "mask_fill",
            Op::Function(op) => op.name(),
            Op::Numeric(op) => op.name(),
            Op::Reduce(op, _) => op.name(),
            Op::Along(op, _) => op.name(),
            Op::Matmul => "matmul",
            Op::Einsum(_) => "einsum",
            Op::Reshape(_) => "reshape",
            Op::Rename(_) => "rename",
            Op::Permute(_) => "permute",
            Op::Expand { .. } => "expand",
            Op::ExpandAs(_) => "expand_as",
            Op::Slice(_) => "indexing",
            Op::Assign(_) | Op::Fill(..) => "set_at",
            Op::Take { .. } | Op::Select(_) => "select",
            Op::Pick(_) => "pick",
            Op::Gather(_) => "gather",
            Op::TopK { .. } => "topk",
            Op::Cat(_) => "cat",
            Op::Stack { .. } => "stack",
            Op::Cast(_) => "cast",
            Op::OneHot { .. } => "one_hot",
            Op::Full(..) => "full_like",
            Op::Noise {
                law: Law::Normal { .. },
                ..
            } => "normal_like",
            Op::Noise {
                law: Law::Uniform { .. },
                ..
            } => "uniform_like",
        }
    }

    /// Kind and sizes of the result.
    ///
    /// # Errors
    /// Sizes that do not fit, an index out of bounds; and, in a graph from elsewhere, a wrong number of
    /// inputs, a wrong kind, an axis that is not there.
    pub fn infer(&self, inputs: &[TensorMeta]) -> Result<TensorMeta, OpError> {
        self.check_held(inputs)?;
        match self {
            Op::Binary(op) => op.infer(inputs),
            Op::Scalar(op, number) => op.infer_scalar(inputs, *number),
            Op::Compare(op) => op.infer(inputs),
            Op::CompareScalar(op, _) => op.infer_scalar(inputs),
            Op::Logic(op) => op.infer(inputs),
            Op::Not => logic::infer_not(inputs),
            Op::MaskWhere => logic::infer_where(inputs),
            Op::MaskFill(_) => logic::infer_fill(inputs),
            Op::Function(op) => op.infer(inputs),
            Op::Numeric(op) => op.infer(inputs),
            Op::Reduce(op, dim) => op.infer(inputs, *dim),
            Op::Along(op, dim) => op.infer(inputs, *dim),
            Op::Matmul => matmul::infer(inputs),
            Op::Einsum(op) => op.infer(inputs),
            Op::Reshape(sizes) => reshape::infer(inputs, sizes),
            Op::Rename(sizes) => reshape::infer_rename(inputs, sizes),
            Op::Permute(order) => permute::infer(inputs, order),
            Op::Expand { places, sizes } => expand::infer(inputs, places, sizes),
            Op::ExpandAs(places) => expand::infer_as(inputs, places),
            Op::Slice(takes) => slice::infer(inputs, takes),
            Op::Assign(takes) => slice::infer_assign(inputs, takes),
            Op::Fill(takes, _) => slice::infer_fill(inputs, takes),
            Op::Take { dim, positions } => select::infer_take(inputs, *dim, positions),
            Op::Select(dim) => select::infer_select(inputs, *dim),
            Op::Pick(dim) => select::infer_pick(inputs, *dim),
            Op::Gather(dim) => select::infer_gather(inputs, *dim),
            Op::TopK { dim, k, positions } => topk::infer(inputs, *dim, *k, *positions),
            Op::Cat(dim) => join::infer_cat(inputs, *dim),
            Op::Stack { size, scalars } => join::infer_stack(inputs, *size, *scalars),
            Op::Cast(kind) => cast::infer(inputs, *kind),
            Op::OneHot { size, scalar } => cast::infer_one_hot(inputs, *size, *scalar),
            Op::Full(kind, _) => create::infer_full(inputs, *kind),
            Op::Noise { law, .. } => create::infer_noise(inputs, *law),
        }
    }

    /// Refuses a result of more than `most` elements.
    pub(crate) fn check_size(&self, inputs: &[Erased], most: usize) -> Result<(), OpError> {
        let metas: Vec<TensorMeta> = inputs.iter().map(real::meta).collect();
        self.check_elements(&metas, most).map(drop)
    }

    /// Runs the operation.
    ///
    /// # Errors
    /// Those of [`Op::infer`], now that all sizes are known. What [`Op::guard`] refuses must not come here.
    pub(crate) fn run(&self, inputs: Vec<Erased>) -> Result<Erased, OpError> {
        let dims = match &inputs[..] {
            [input] => self.infer(&[real::meta(input)])?.dims,
            [one, other] => self.infer(&[real::meta(one), real::meta(other)])?.dims,
            inputs => {
                let metas: Vec<TensorMeta> = inputs.iter().map(real::meta).collect();
                self.infer(&metas)?.dims
            }
        };
        self.check_filled(&inputs)?;
        let mut sizes = [1; MAX_RANK];
        for (known, size) in sizes.iter_mut().zip(dims.sizes().iter()) {
            *known = size.unwrap_or(1);
        }
        let sizes = &sizes[..dims.rank()];
        Ok(match self {
            Op::Binary(op) => op.run(take(inputs)?),
            Op::Scalar(op, number) => op.run_scalar(take(inputs)?, *number),
            Op::Compare(op) => op.run(take(inputs)?, sizes),
            Op::CompareScalar(op, number) => op.run_scalar(take(inputs)?, *number),
            Op::Logic(op) => op.run(take(inputs)?, sizes),
            Op::Not => logic::run_not(take(inputs)?),
            Op::MaskWhere => logic::run_where(take(inputs)?, sizes),
            Op::MaskFill(number) => logic::run_fill(take(inputs)?, *number, sizes),
            Op::Function(op) => op.run(take(inputs)?),
            Op::Numeric(op) => op.run(take(inputs)?),
            Op::Reduce(op, dim) => op.run(take(inputs)?, *dim, sizes),
            Op::Along(op, dim) => op.run(take(inputs)?, *dim),
            Op::Matmul => matmul::run(take(inputs)?, sizes),
            Op::Einsum(op) => op.run(take(inputs)?, sizes),
            Op::Reshape(_) => reshape::run(take(inputs)?, sizes),
            Op::Rename(_) => take::<1>(inputs).map(|[input]| input)?,
            Op::Permute(order) => permute::run(take(inputs)?, order),
            Op::Expand { places, .. } => {
                take::<1>(inputs).map(|[input]| expand::run(input, places, sizes))?
            }
            Op::ExpandAs(places) => take::<2>(inputs).map(|[input, _]| expand::run(input, places, sizes))?,
            Op::Slice(takes) => slice::run(take(inputs)?, takes, sizes),
            Op::Assign(takes) => slice::run_assign(take(inputs)?, takes)?,
            Op::Fill(takes, number) => slice::run_fill(take(inputs)?, takes, *number),
            Op::Take { dim, positions } => select::run_take(take(inputs)?, *dim, positions)?,
            Op::Select(dim) => select::run_select(take(inputs)?, *dim),
            Op::Pick(dim) => select::run_pick(take(inputs)?, *dim, sizes),
            Op::Gather(dim) => select::run_gather(take(inputs)?, *dim),
            Op::TopK { dim, k, positions } => topk::run(take(inputs)?, *dim, *k, *positions),
            Op::Cat(dim) => join::run_cat(inputs, *dim)?,
            Op::Stack { .. } => join::run_stack(inputs, sizes)?,
            Op::Cast(kind) => cast::run(take(inputs)?, *kind),
            Op::OneHot { .. } => cast::run_one_hot(take(inputs)?, sizes),
            Op::Full(kind, number) => create::run_full(take(inputs)?, *kind, *number, sizes),
            Op::Noise { seed, law } => create::run_noise(take(inputs)?, *seed, *law, sizes),
        })
    }
}

impl Error {
    pub(crate) fn op(operation: &Op, source: OpError, at: WrittenAt) -> Self {
        Error::Op {
            operation: operation.name().to_owned(),
            source,
            at,
        }
    }
}
