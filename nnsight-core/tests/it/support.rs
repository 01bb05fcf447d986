//! The tiny network that the tests trace, on the CPU, and what they want in scope.

pub use burn::module::Module;
// What `nnsight::prelude` holds, but for the language models, whether a test here needs it or not.
#[allow(unused_imports)]
pub use burn::tensor::{Bool, Device, Float, Int, Tensor};
#[allow(unused_imports)]
pub use nnsight::{
    Attach, Attached, Cache, Carrier, Collect, Error, Inspectable, IntoValue, List, NnSight, Part, Probe,
    Saved, Site, Sites, Value, axes, edit, inspectable, trace,
};

pub use burn::nn::Linear;

#[path = "../devices/support/tiny_net.rs"]
mod tiny_net;
#[allow(unused_imports)]
pub use tiny_net::{Batch, Classes, Features, Hidden, TinyNet, rows};

/// A linear layer without bias, by its weight `[in, out]`.
pub fn linear<const I: usize, const O: usize>(weight: [[f32; O]; I]) -> Linear {
    tiny_net::linear(weight, &Device::flex())
}

/// The tiny network on the CPU.
pub fn tiny_net() -> NnSight<TinyNet> {
    tiny_net::tiny_net_on(&Device::flex())
}

/// Its input.
pub fn input() -> Tensor<2> {
    tiny_net::input_on(&Device::flex())
}
