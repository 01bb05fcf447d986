//! What is known of a tensor before there is one.

use crate::shapes::dims::Dims;
use crate::shapes::kind::KindTag;

/// Kind and sizes of a tensor, before the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TensorMeta {
    /// Kind of the elements.
    pub kind: KindTag,
    /// Sizes, as far as they are known before the run.
    pub dims: Dims,
}
