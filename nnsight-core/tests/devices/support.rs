//! What tests on any device work with, the workspace's too: the device, the tiny network there, comparing numbers.

#[path = "support/device.rs"]
mod device;
#[path = "support/tiny_net.rs"]
mod tiny_net;
#[path = "support/tolerance.rs"]
mod tolerance;
// The tests of the core alone wait for what could hang.
#[allow(dead_code)]
#[path = "support/watchdog.rs"]
pub mod watchdog;

// The tests of the core use a part, those of the language models another.
#[allow(unused_imports)]
pub use device::{device, device_name};
#[allow(unused_imports)]
pub use tiny_net::*;
#[allow(unused_imports)]
pub use tolerance::{Tolerance, near, same};

use burn::tensor::Tensor;
use nnsight::NnSight;

/// [`tiny_net_on`] the device that is tested.
pub fn tiny_net() -> NnSight<TinyNet> {
    tiny_net_on(&device())
}

/// [`input_on`] the device that is tested.
pub fn input() -> Tensor<2> {
    input_on(&device())
}

pub fn ints<const D: usize>(tensor: Tensor<D, burn::tensor::Int>) -> Vec<i64> {
    tensor
        .into_data()
        .convert::<i64>()
        .try_to_vec::<i64>()
        .expect("an int tensor")
}
