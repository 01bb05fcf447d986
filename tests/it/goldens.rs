//! PyTorch's numbers, and how near ours must be.

use crate::support::{Tolerance, device};
use burn::tensor::{Int, Tensor, TensorData};
use safetensors::SafeTensors;

pub struct Goldens {
    bytes: Vec<u8>,
}

impl Goldens {
    pub const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/gpt2-tiny");

    pub fn read() -> Self {
        let file = format!("{}/goldens.safetensors", Self::DIRECTORY);
        Goldens {
            bytes: std::fs::read(file).expect("the fixture is there"),
        }
    }

    fn bytes_of(&self, name: &str) -> (Vec<usize>, Vec<u8>) {
        let file = SafeTensors::deserialize(&self.bytes).expect("a safetensors file");
        let tensor = file
            .tensor(name)
            .unwrap_or_else(|_| panic!("there is no golden {name}"));
        (tensor.shape().to_vec(), tensor.data().to_vec())
    }

    fn floats(&self, name: &str) -> Vec<f32> {
        let (_, bytes) = self.bytes_of(name);
        bytes
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect()
    }

    pub fn ints(&self, name: &str) -> Vec<i64> {
        let (_, bytes) = self.bytes_of(name);
        bytes
            .chunks_exact(8)
            .filter_map(|b| b.try_into().ok())
            .map(i64::from_le_bytes)
            .collect()
    }

    /// The names that begin with `prefix`, without it.
    pub fn names(&self, prefix: &str) -> Vec<String> {
        let file = SafeTensors::deserialize(&self.bytes).expect("a safetensors file");
        let names = file.names().into_iter();
        names
            .filter_map(|name| name.strip_prefix(prefix).map(str::to_owned))
            .collect()
    }

    /// How many axes a golden has.
    pub fn rank(&self, name: &str) -> usize {
        self.bytes_of(name).0.len()
    }

    /// Token ids, (Batch, Seq).
    pub fn ids(&self, name: &str) -> Tensor<2, Int> {
        let (shape, _) = self.bytes_of(name);
        Tensor::from_data(TensorData::new(self.ints(name), shape), &device())
    }

    /// The whole golden.
    pub fn check<const D: usize>(&self, name: &str, found: Tensor<D>) {
        self.check_within(name, found, |largest| Tolerance::GOLDEN.here() * largest.max(1.0));
    }

    /// The whole golden, where no number below 1 may pass for a small one: gradients.
    pub fn check_relative<const D: usize>(&self, name: &str, found: Tensor<D>) {
        self.check_within(name, found, |largest| Tolerance::GOLDEN.here() * largest);
    }

    fn check_within<const D: usize>(&self, name: &str, found: Tensor<D>, allowed: impl Fn(f32) -> f32) {
        let (shape, _) = self.bytes_of(name);
        assert_eq!(found.dims().to_vec(), shape, "{name}");
        near(name, &self.floats(name), found, allowed);
    }

    /// The `part`th of the equal parts that the golden stacks.
    pub fn check_part<const D: usize>(&self, name: &str, part: usize, found: Tensor<D>) {
        let wanted = self.floats(name);
        let size = found.shape().num_elements();
        let wanted = &wanted[part * size..(part + 1) * size];
        near(name, wanted, found, |largest| {
            Tolerance::GOLDEN.here() * largest.max(1.0)
        });
    }
}

/// `allowed` is by how much, where the golden's largest element is given.
fn near<const D: usize>(name: &str, wanted: &[f32], found: Tensor<D>, allowed: impl Fn(f32) -> f32) {
    let found = crate::support::rows(found);
    let largest = wanted.iter().fold(0.0f32, |largest, x| largest.max(x.abs()));
    let allowed = allowed(largest);
    let (at, worst) = wanted
        .iter()
        .zip(&found)
        .map(|(a, b)| (a - b).abs())
        .enumerate()
        .fold((0, 0.0f32), |worst, (i, x)| {
            if x > worst.1 || x.is_nan() { (i, x) } else { worst }
        });
    assert!(
        worst <= allowed,
        "{name}: {} is {worst:e} from PyTorch's {}, allowed {allowed:e}",
        found[at],
        wanted[at],
    );
}
