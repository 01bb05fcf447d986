//! NVIDIA GPUs.

use super::devices as all_devices;
use super::name::{DeviceName, FoundDevice};
use crate::error::{Error, Result};
use burn::tensor::{Device, DeviceType};

const HINT: &str = "CUDA needs an NVIDIA GPU and its driver, which brings `libcuda`: `nvidia-smi` lists what the \
                    driver sees";

pub(super) fn open(name: DeviceName, number: Option<usize>) -> Result<Device> {
    // Burn opens a device at its first use and panics if it is not there, so it is looked for first.
    let mut gpus = Device::enumerate(DeviceType::Cuda).into_iter();
    gpus.nth(number.unwrap_or(0)).ok_or_else(|| Error::NoDevice {
        wanted: name,
        found: all_devices(),
        hint: HINT,
    })
}

pub(super) fn devices() -> impl Iterator<Item = FoundDevice> {
    let gpus = Device::enumerate(DeviceType::Cuda).into_iter();
    gpus.enumerate().map(|(number, _)| FoundDevice {
        name: DeviceName::Cuda(Some(number)),
        what: String::from("an NVIDIA GPU"),
    })
}
