//! Token ids, however they are held.

use burn::prelude::*;

/// Whatever holds token ids: an id, slices and vectors of them, integer tensors.
///
/// A tensor on another device is fetched, which waits for what computes it.
pub trait TokenIds {
    /// The ids in order, row after row.
    fn token_ids(&self) -> Vec<i64>;
}

impl<T: TokenIds + ?Sized> TokenIds for &T {
    fn token_ids(&self) -> Vec<i64> {
        (**self).token_ids()
    }
}

impl<T: TokenIds> TokenIds for [T] {
    fn token_ids(&self) -> Vec<i64> {
        self.iter().flat_map(TokenIds::token_ids).collect()
    }
}

impl<T: TokenIds> TokenIds for Vec<T> {
    fn token_ids(&self) -> Vec<i64> {
        self.as_slice().token_ids()
    }
}

impl<T: TokenIds, const N: usize> TokenIds for [T; N] {
    fn token_ids(&self) -> Vec<i64> {
        self.as_slice().token_ids()
    }
}

impl TokenIds for i64 {
    fn token_ids(&self) -> Vec<i64> {
        vec![*self]
    }
}

impl TokenIds for u32 {
    fn token_ids(&self) -> Vec<i64> {
        vec![i64::from(*self)]
    }
}

impl<const D: usize> TokenIds for Tensor<D, Int> {
    fn token_ids(&self) -> Vec<i64> {
        self.to_data().iter::<i64>().collect()
    }
}
