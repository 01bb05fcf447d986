//! The device, by its name on a command line.

use super::Result;
use burn::tensor::Device;
use clap::Args;

/// `--device`, for every command.
#[derive(Args, Clone, Debug)]
pub struct DeviceArgument {
    /// Where the model runs: `cpu`, `wgpu` or `cuda`, the last two also with a number; see `nnsight devices`
    #[arg(long = "device", value_name = "NAME", default_value = "cpu", global = true)]
    pub name: String,
}

impl DeviceArgument {
    /// Opens the device.
    ///
    /// # Errors
    ///
    /// Those of [`nnsight::device`](crate::device()).
    pub fn open(&self) -> Result<Device> {
        Ok(crate::device(&self.name)?)
    }
}
