//! PyTorch's numbers, out of a `goldens.safetensors`.

use crate::device::device;
use burn::prelude::*;
use burn::tensor::activation;
use safetensors::SafeTensors;
use std::path::Path;

pub struct Goldens {
    bytes: Vec<u8>,
    /// Of a golden's largest element, or of 1 if that is less.
    tolerance: f32,
}

impl Goldens {
    pub fn read(file: &Path, tolerance: f32) -> Self {
        let bytes = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Self { bytes, tolerance }
    }

    fn raw(&self, name: &str) -> (Vec<usize>, Vec<u8>) {
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        let tensor = file
            .tensor(name)
            .unwrap_or_else(|_| panic!("there is no golden `{name}`"));
        (tensor.shape().to_vec(), tensor.data().to_vec())
    }

    pub fn floats(&self, name: &str) -> Vec<f32> {
        crate::common::floats(&self.raw(name).1)
    }

    pub fn ints(&self, name: &str) -> Vec<i64> {
        let (_, bytes) = self.raw(name);
        let (chunks, _) = bytes.as_chunks::<8>();
        chunks.iter().map(|chunk| i64::from_le_bytes(*chunk)).collect()
    }

    /// Token ids, (Batch, Seq).
    pub fn ids(&self, name: &str) -> Tensor<2, Int> {
        let (shape, _) = self.raw(name);
        Tensor::from_data(TensorData::new(self.ints(name), shape), &device())
    }

    /// Holds a tensor against the whole golden, shape and all.
    pub fn check<const D: usize>(&self, name: &str, found: Tensor<D>) {
        assert_eq!(found.dims().to_vec(), self.raw(name).0, "{name}");
        self.near(name, &self.floats(name), found, 1.0);
    }

    /// The same for a gradient, whose small numbers are not small beside 1.
    pub fn check_gradient<const D: usize>(&self, name: &str, found: Tensor<D>) {
        assert_eq!(found.dims().to_vec(), self.raw(name).0, "{name}");
        self.near(name, &self.floats(name), found, 0.0);
    }

    /// Holds a tensor against the `part`th of the equal parts that the golden stacks.
    pub fn check_part<const D: usize>(&self, name: &str, part: usize, found: Tensor<D>) {
        let wanted = self.floats(name);
        let size = found.shape().num_elements();
        self.near(name, &wanted[part * size..(part + 1) * size], found, 1.0);
    }

    fn near<const D: usize>(&self, name: &str, wanted: &[f32], found: Tensor<D>, least: f32) {
        let found = found.into_data().try_to_vec::<f32>().unwrap();
        assert_eq!(found.len(), wanted.len(), "{name}");
        let largest = wanted.iter().fold(least, |largest, x| largest.max(x.abs()));
        let mut worst = 0.0f32;
        for (found, wanted) in found.iter().zip(wanted) {
            let difference = (found - wanted).abs() / largest;
            assert!(
                difference <= self.tolerance,
                "{name}: {found} is not {wanted} ({difference:e})"
            );
            worst = worst.max(difference);
        }
        println!("{name}: {worst:.1e} of {largest:.3}");
    }
}

/// What a model should have been told of the positions: the mask, by hand.
pub fn causal_pattern(scores: Tensor<4>) -> Tensor<4> {
    let sizes @ [.., seq, keys] = scores.dims();
    let hidden = Tensor::<2, Bool>::tril_mask([seq, keys], 0, &scores.device());
    let seen = scores.mask_fill(hidden.unsqueeze::<4>().expand(sizes), f32::NEG_INFINITY);
    activation::softmax(seen, 3)
}
