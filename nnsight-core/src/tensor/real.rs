//! Real tensors, whose rank and kind are types.

use crate::error::Result;
use crate::shapes::kind::Kind;
use crate::tensor::carrier::Carrier;
use crate::tensor::erased::Erased;
use burn::tensor::Tensor;

/// A Burn tensor of some rank and kind, as [`Shape::Tensor`](crate::Shape::Tensor) names it.
pub trait RealTensor: Sized + Clone + Carrier {
    /// The kind of its elements.
    type Kind: Kind;
    /// Erases rank and kind.
    fn erase(self) -> Erased;
    /// The opposite of [`RealTensor::erase`].
    ///
    /// # Errors
    /// [`Error::RankOrKind`](crate::Error::RankOrKind) when the tensor is of another rank or kind.
    fn restore(erased: Erased) -> Result<Self>;
}

impl<const D: usize, K: Kind> RealTensor for Tensor<D, K> {
    type Kind = K;
    fn erase(self) -> Erased {
        Erased::new(self)
    }
    fn restore(erased: Erased) -> Result<Self> {
        erased.into_tensor()
    }
}
