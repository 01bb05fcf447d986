//! The device that the tests run on: the one that `NNSIGHT_DEVICE` names, the CPU if it names none.

use burn::tensor::Device;
use nnsight::DeviceName;
use std::sync::OnceLock;

/// Its name.
pub fn device_name() -> DeviceName {
    match std::env::var("NNSIGHT_DEVICE") {
        Ok(name) => name
            .parse()
            .unwrap_or_else(|error| panic!("NNSIGHT_DEVICE: {error}")),
        Err(_) => DeviceName::Cpu,
    }
}

/// The device.
pub fn device() -> Device {
    static DEVICE: OnceLock<Device> = OnceLock::new();
    let open = || device_name().open().unwrap_or_else(|error| panic!("{error}"));
    DEVICE.get_or_init(open).clone()
}
