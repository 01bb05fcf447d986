//! Kinds of elements, and how many axes there can be.

use burn::tensor::kind::Basic;
use burn::tensor::{Bool, Float, Int};
use serde::{Deserialize, Serialize};

/// The greatest number of axes a shape can have.
pub const MAX_RANK: usize = 6;

/// The kind of a value's elements: [`Float`], [`Int`] or [`Bool`].
pub trait Kind: Basic + 'static {
    /// The kind as data.
    const TAG: KindTag;
}

/// [`Kind`] as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KindTag {
    /// Floating point.
    Float,
    /// Integers: token ids, positions, the result of `argmax`.
    Int,
    /// Truth values: masks, the result of comparisons.
    Bool,
}

impl Kind for Float {
    const TAG: KindTag = KindTag::Float;
}
impl Kind for Int {
    const TAG: KindTag = KindTag::Int;
}
impl Kind for Bool {
    const TAG: KindTag = KindTag::Bool;
}

/// Kinds with arithmetic: `Float` and `Int`.
pub trait NumericKind: Kind + burn::tensor::kind::Numeric + burn::tensor::kind::Ordered {}
impl NumericKind for Float {}
impl NumericKind for Int {}
