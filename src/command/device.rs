//! The devices, by their names on a command line.

use super::{Error, Result};
use burn::tensor::Device;
use clap::Args;

/// `--device`, for every command.
#[derive(Args, Clone, Debug)]
pub struct DeviceArgument {
    /// Where the model runs: `cpu`, `wgpu` or `cuda`, the last two also with a number, or the name of a device that
    /// `nnsight host` serves; several, with commas between, share the model. See `nnsight devices`
    #[arg(
        long = "device",
        value_name = "NAME",
        default_value = "cpu",
        value_delimiter = ',',
        global = true
    )]
    pub names: Vec<String>,
}

impl DeviceArgument {
    /// Opens the devices.
    ///
    /// # Errors
    ///
    /// Those of [`nnsight::device`](crate::device()).
    pub fn open(&self) -> Result<Vec<Device>> {
        let devices = self.names.iter().map(|name| Ok(crate::device(name)?));
        devices.collect()
    }
}

/// The device that the inputs of a model go to that is on these.
pub(super) fn first(devices: &[Device]) -> Result<&Device> {
    devices.first().ok_or(Error::NoDeviceNamed)
}
