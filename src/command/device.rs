//! The device, by its name on a command line.

use super::{Error, Result};
use burn::tensor::Device;
use clap::Args;

/// `--device`, for every command.
#[derive(Args, Clone, Debug)]
pub struct DeviceArgument {
    /// Where the model runs: see `nnsight devices`
    #[arg(long = "device", value_name = "NAME", default_value = "cpu", global = true)]
    pub name: String,
}

impl DeviceArgument {
    /// Opens the device.
    ///
    /// # Errors
    ///
    /// [`Error::Device`] for a name that this build does not know.
    pub fn open(&self) -> Result<Device> {
        match self.name.as_str() {
            "cpu" | "flex" => Ok(Device::flex()),
            _ => Err(Error::Device {
                name: self.name.clone(),
                known: String::from("`cpu`"),
            }),
        }
    }
}

/// The devices that this build can open, each a line.
pub fn list_devices() -> Vec<String> {
    vec![String::from("cpu (the CPU, through flex)")]
}
