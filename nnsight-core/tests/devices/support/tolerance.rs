//! How near a result must be: one table for all backends.

// The tests of the models use one part of it, those of the traces the other.
#![allow(dead_code)]

use super::device::device_name;
use burn::tensor::TensorData;
use nnsight::DeviceName;

/// How far a result may be from the expected one, on each backend, as a part of the largest number; 0 is equality
/// to the bit.
#[derive(Clone, Copy, Debug)]
pub struct Tolerance {
    cpu: f32,
    wgpu: f32,
    cuda: f32,
}

/// The table. On a GPU a product is summed in blocks, in an order that its sizes decide, and the compiler joins
/// multiplications and additions, so that two ways to the same number differ in the last bits of f32 (6e-8 each).
#[rustfmt::skip]
impl Tolerance {
    /// PyTorch's numbers for the tiny GPT-2, and for its gradients. PyTorch's f32 is itself up to 1.5e-6 from f64
    /// there.
    pub const GOLDEN: Self = Self { cpu: 1e-5, wgpu: 2e-5, cuda: 2e-5 };
    /// The same as a distance: PyTorch's f32 is up to 1.2e-5 from f64 inside of that model, whose values reach 14.
    pub const GPT2: Self = Self { cpu: 2e-5, wgpu: 4e-5, cuda: 4e-5 };
    /// PyTorch's numbers for the tiny Llamas and GPT-NeoX, five times what its f32 is from f64.
    pub const LLAMA: Self = Self { cpu: 5e-6, wgpu: 2e-5, cuda: 2e-5 };
    /// PyTorch's gradients of GPT-NeoX, through the exact gelu. Everywhere but on the CPU Burn 0.22 differentiates
    /// its tanh form instead, whose derivative is up to 8.7e-4 away.
    pub const GELU_GRADIENT: Self = Self { cpu: 5e-6, wgpu: 1e-3, cuda: 1e-3 };
    /// PyTorch's numbers for SmolLM2-135M: thirty layers instead of three.
    pub const SMOLLM2: Self = Self { cpu: 2e-5, wgpu: 5e-5, cuda: 5e-5 };
    /// The same numbers in f16, which keeps 11 bits, and in bf16, which keeps 8: twice what becomes of them if the
    /// computation is rounded at each step, which is 2.1e-3 and 1.5e-2 for GPT-2,
    pub const GPT2_HALF: [Self; 2] = [
        Self { cpu: 4e-3, wgpu: 4e-3, cuda: 4e-3 },
        Self { cpu: 3e-2, wgpu: 3e-2, cuda: 3e-2 },
    ];
    /// and 4.0e-3 and 3.6e-2 for Llama.
    pub const LLAMA_HALF: [Self; 2] = [
        Self { cpu: 8e-3, wgpu: 8e-3, cuda: 8e-3 },
        Self { cpu: 7e-2, wgpu: 7e-2, cuda: 7e-2 },
    ];
    /// Sums of other lengths: a prompt in a padded batch and alone, a cache and recomputation.
    pub const REORDERED: Self = Self { cpu: 1e-5, wgpu: 2e-5, cuda: 2e-5 };
    /// Functions of one number: `exp`, `tanh`, `erf`. Vulkan allows their last few bits to be wrong.
    pub const FUNCTION: Self = Self { cpu: 1e-5, wgpu: 2e-5, cuda: 1e-5 };
    /// The same operations on the same numbers. `flex` does them in one order; a GPU's kernels are fused
    /// differently where a value is kept or edited.
    pub const SAME: Self = Self { cpu: 0.0, wgpu: 2e-6, cuda: 2e-6 };
    /// What the CPU gives for the same graph: one f32 computation against another, as for [`Tolerance::GOLDEN`].
    pub const CPU: Self = Self { cpu: 0.0, wgpu: 2e-5, cuda: 2e-5 };
}

impl Tolerance {
    /// That of the backend that the tests run on.
    pub fn here(self) -> f32 {
        match device_name() {
            DeviceName::Cpu => self.cpu,
            // Another process's may be any.
            DeviceName::Wgpu(_) | DeviceName::Remote(_) => self.wgpu,
            DeviceName::Cuda(_) => self.cuda,
        }
    }
}

/// Whether two tensors are the same by [`Tolerance::SAME`]; what differs if not.
pub fn same(left: TensorData, right: TensorData) -> Result<(), String> {
    near(left, right, Tolerance::SAME)
}

/// Whether two tensors differ by no more than `tolerance`; what differs if they do.
pub fn near(left: TensorData, right: TensorData, tolerance: Tolerance) -> Result<(), String> {
    let allowed = tolerance.here();
    let differ = || format!("{left} is not {right}");
    if allowed == 0.0 || left.shape() != right.shape() || left.dtype() != right.dtype() {
        return (left == right).then_some(()).ok_or_else(differ);
    }
    let largest = right
        .iter::<f32>()
        .fold(1.0f32, |largest, x| largest.max(x.abs()));
    let mut pairs = left.iter::<f32>().zip(right.iter::<f32>());
    let near = pairs.all(|(a, b)| (a - b).abs() <= allowed * largest);
    near.then_some(()).ok_or_else(differ)
}
