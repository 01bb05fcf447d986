//! Why an operation cannot work.

use crate::shapes::dims::Dims;
use crate::shapes::kind::{KindTag, MAX_RANK};
use crate::shapes::scalar::Scalar;
use nnsight_macros::DebugAsDisplay;

/// Why an operation cannot work on its inputs.
#[derive(Clone, DebugAsDisplay, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OpError {
    /// Two tensors that must be of the same sizes are not.
    #[error("sizes {left} and {right} differ: both must be the same")]
    SizesDiffer {
        /// The first one's sizes.
        left: Dims,
        /// The second one's sizes.
        right: Dims,
    },
    /// Two tensors that cannot be multiplied as matrices.
    #[error(
        "sizes {left} and {right} do not fit: the last axis of the left must be the second last of the right"
    )]
    MatmulSizes {
        /// The first one's sizes.
        left: Dims,
        /// The second one's sizes.
        right: Dims,
    },
    /// A tensor is not of the sizes that its new axes have.
    #[error("wants a tensor of sizes {wanted}, found {found}")]
    WrongSizes {
        /// What the axes say.
        wanted: Dims,
        /// What the tensor has.
        found: Dims,
    },
    /// A new shape has another number of elements.
    #[error("sizes {found} do not fit into {wanted}: the number of elements must stay the same")]
    ElementCount {
        /// The sizes asked for.
        wanted: Dims,
        /// The sizes there are.
        found: Dims,
    },
    /// A size that neither the declaration of the axes nor the inputs tell.
    #[error("the size of axis {dim} of {sizes} is not known; give the axis a constant size")]
    UnknownSize {
        /// The axis, counted from 0.
        dim: usize,
        /// What is known.
        sizes: Dims,
    },
    /// A position outside of an axis.
    #[error("index {index} is out of bounds for axis {dim}, which has size {size}")]
    OutOfBounds {
        /// The axis, counted from 0.
        dim: usize,
        /// The position that is not there.
        index: i64,
        /// The axis' size.
        size: usize,
    },
    /// More of an axis is wanted than there is.
    #[error("wants {wanted} elements of axis {dim}, which has size {size}")]
    TooFew {
        /// The axis, counted from 0.
        dim: usize,
        /// How many are wanted.
        wanted: usize,
        /// The axis' size.
        size: usize,
    },
    /// Nothing to reduce: the greatest of no elements does not exist.
    #[error("found no elements: the sizes are {sizes}")]
    Empty {
        /// The sizes.
        sizes: Dims,
    },
    /// A new axis of constant size is made of another number of values.
    #[error("the new axis has size {wanted}, found {found} values")]
    StackCount {
        /// The axis' size.
        wanted: usize,
        /// How many values there are.
        found: usize,
    },
    /// An integer division by the number 0.
    #[error("divides integers by 0")]
    DivisionByZero,
    /// A number that tensors of a kind cannot hold.
    #[error("{number} does not fit a tensor of kind {kind:?}: {wanted}", wanted = match .kind {
        KindTag::Bool => "wanted 0 or 1",
        _ => "wanted a whole number of 32 bits",
    })]
    NumberMisfit {
        /// The number.
        number: Scalar,
        /// The kind of the tensor.
        kind: KindTag,
    },
    /// A number that the type of the elements cannot hold, among which it is to stand.
    #[error("{number} does not fit a tensor of {dtype}: wanted a number from {low} to {high}")]
    NumberOutOfRange {
        /// The number.
        number: Scalar,
        /// The type of the elements.
        dtype: &'static str,
        /// The smallest that it holds.
        low: f64,
        /// The greatest.
        high: f64,
    },
    /// A power that is no number, or hardly one.
    #[error("cannot compute a power of {exponent}: wanted a number between -2^63 and 2^63")]
    PowerTooLarge {
        /// The exponent.
        exponent: f64,
    },
    /// A size that no axis has.
    #[error("an axis of size {size} is too large: sizes have 32 bits")]
    SizeTooLarge {
        /// The size.
        size: usize,
    },
    /// More elements than there may be.
    #[error(
        "the result would have {found} elements, and at most {most} may be there: raise `Limits::elements`"
    )]
    TooManyElements {
        /// How many there would be.
        found: usize,
        /// How many may be.
        most: usize,
    },
    /// A lower bound that is not below the upper one.
    #[error("the lower bound {low} is not below the upper bound {high}")]
    EmptyRange {
        /// The lower bound.
        low: f64,
        /// The upper bound.
        high: f64,
    },
    /// A graph from elsewhere gives an operation tensors of another kind.
    #[error("wants a tensor of kind {wanted:?}, found {found:?}")]
    WrongKind {
        /// The kind it takes.
        wanted: KindTag,
        /// The kind it was given.
        found: KindTag,
    },
    /// A graph from elsewhere does arithmetic on truth values.
    #[error("wants numbers, found a tensor of truth values")]
    NotNumeric,
    /// A graph from elsewhere names an axis that is not there.
    #[error("there is no axis {dim} in {sizes}")]
    NoSuchAxis {
        /// The axis, counted from 0.
        dim: usize,
        /// The sizes.
        sizes: Dims,
    },
    /// A graph from elsewhere orders axes such that one is missing or there twice.
    #[error("the axes of {sizes} cannot be put in the order {order:?}")]
    NotAnOrder {
        /// The order asked for.
        order: Vec<usize>,
        /// The sizes.
        sizes: Dims,
    },
    /// A result would have more axes than a shape can have.
    #[error("the result would have {found} axes: shapes have 1 to {MAX_RANK}")]
    TooManyAxes {
        /// How many it would have.
        found: usize,
    },
    /// A graph from elsewhere gives an operation the wrong number of inputs.
    #[error("wants {wanted} inputs, found {found}")]
    InputCount {
        /// How many the operation takes.
        wanted: usize,
        /// How many it was given.
        found: usize,
    },
}
