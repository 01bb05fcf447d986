//! Keys and values of attentions, from one forward pass to the next.

use burn::prelude::*;
use nnsight_core::Erased;
use std::sync::{Arc, Mutex, PoisonError};

/// Keys and values of all layers, from one forward pass to the next.
///
/// A clone is a cache of its own: two branches of a text that begin alike go on without each other.
#[derive(Debug, Default)]
pub struct KeyValueCache {
    layers: Layers,
}

type Layers = Arc<Mutex<Vec<Option<KeysAndValues>>>>;

impl Clone for KeyValueCache {
    fn clone(&self) -> Self {
        let layers = self.layers.lock().unwrap_or_else(PoisonError::into_inner);
        Self {
            layers: Arc::new(Mutex::new(layers.clone())),
        }
    }
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

    /// What it holds.
    pub(crate) fn tensors(&self) -> Vec<Erased> {
        let layers = self.layers.lock().unwrap_or_else(PoisonError::into_inner);
        let held = layers.iter().flatten();
        held.flat_map(|(keys, values)| [keys, values].map(|tensor| Erased::new(tensor.clone())))
            .collect()
    }

    /// The same cache, which a context fills.
    pub(crate) fn share(&self) -> Self {
        Self {
            layers: Arc::clone(&self.layers),
        }
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
