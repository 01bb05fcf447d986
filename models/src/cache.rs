//! Keys and values of attentions, from one forward pass to the next.

use burn::prelude::*;
use std::sync::{Arc, Mutex, PoisonError};

/// Keys and values of all layers, from one forward pass to the next.
#[derive(Clone, Debug, Default)]
pub struct KeyValueCache {
    layers: Arc<Mutex<Vec<Option<KeysAndValues>>>>,
}

/// (Batch, KvHead, Key, HeadDim) each.
type KeysAndValues = (Tensor<4>, Tensor<4>);

impl KeyValueCache {
    /// An empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many positions it holds.
    pub fn len(&self) -> usize {
        let layers = self.layers.lock().unwrap_or_else(PoisonError::into_inner);
        let first = layers.iter().flatten().next();
        first.map_or(0, |(keys, _)| keys.dims()[2])
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds what a layer has computed for the new positions, and gives it for all.
    pub(crate) fn extend(&self, layer: usize, keys: Tensor<4>, values: Tensor<4>) -> KeysAndValues {
        let mut layers = self.layers.lock().unwrap_or_else(PoisonError::into_inner);
        if layers.len() <= layer {
            layers.resize(layer + 1, None);
        }
        let all = match layers[layer].take() {
            Some((old_keys, old_values)) => (
                Tensor::cat(vec![old_keys, keys], 2),
                Tensor::cat(vec![old_values, values], 2),
            ),
            None => (keys, values),
        };
        layers[layer] = Some(all.clone());
        all
    }
}
