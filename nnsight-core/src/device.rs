//! The device that a model runs on, chosen by name at run time.

#[cfg(feature = "cuda")]
mod cuda;
#[cfg(feature = "wgpu")]
mod wgpu;

use crate::error::{Error, Result};
use burn::tensor::Device;
use std::fmt;
use std::str::FromStr;

/// The name of a device: `cpu`, `wgpu`, `wgpu:1`, `cuda` or `cuda:0`.
///
/// Fit for a command line: with clap, `#[arg(long, default_value = "cpu")] device: DeviceName`, and then
/// `device.open()?`.
///
/// ```
/// use nnsight_core::DeviceName;
///
/// let name: DeviceName = "wgpu:1".parse()?;
/// assert_eq!(name, DeviceName::Wgpu(Some(1)));
/// let device = DeviceName::Cpu.open()?;
/// # Ok::<(), nnsight_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DeviceName {
    /// The CPU, through Burn's backend `flex`; also spelt `flex`.
    #[default]
    Cpu,
    /// A GPU through wgpu (Vulkan, Metal, DirectX 12), by its number in [`devices`]; without one, that which the
    /// system prefers. Wants the feature `wgpu`.
    Wgpu(Option<usize>),
    /// An NVIDIA GPU, by its number; without one, the first. Wants the feature `cuda`.
    Cuda(Option<usize>),
}

/// Opens a device by its name: `let device = nnsight::device("wgpu")?;`.
///
/// # Errors
/// [`Error::DeviceName`] for a name that is none, and those of [`DeviceName::open`].
pub fn device(name: &str) -> Result<Device> {
    name.parse::<DeviceName>()?.open()
}

impl DeviceName {
    /// Opens the device.
    ///
    /// # Errors
    /// [`Error::DeviceNotBuilt`] if this program was built without the feature, [`Error::NoDevice`] if there is no
    /// such device here, [`Error::DeviceFailed`] if there is one that does not start.
    pub fn open(self) -> Result<Device> {
        match self {
            DeviceName::Cpu => Ok(Device::flex()),
            #[cfg(feature = "wgpu")]
            DeviceName::Wgpu(number) => wgpu::open(self, number),
            #[cfg(feature = "cuda")]
            DeviceName::Cuda(number) => cuda::open(self, number),
            #[cfg(not(all(feature = "wgpu", feature = "cuda")))]
            _ => Err(Error::DeviceNotBuilt { wanted: self }),
        }
    }

    /// What it is a device of, which is also the feature that it wants.
    pub fn backend(self) -> &'static str {
        match self {
            DeviceName::Cpu => "cpu",
            DeviceName::Wgpu(_) => "wgpu",
            DeviceName::Cuda(_) => "cuda",
        }
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.backend())?;
        match self {
            DeviceName::Wgpu(Some(number)) | DeviceName::Cuda(Some(number)) => write!(f, ":{number}"),
            _ => Ok(()),
        }
    }
}

impl FromStr for DeviceName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let unknown = || Error::DeviceName {
            found: name.to_owned(),
        };
        let (backend, number) = match name.split_once(':') {
            Some((backend, number)) => (backend, Some(number.parse().map_err(|_| unknown())?)),
            None => (name, None),
        };
        match (backend, number) {
            ("cpu" | "flex", None) => Ok(DeviceName::Cpu),
            ("wgpu", number) => Ok(DeviceName::Wgpu(number)),
            ("cuda", number) => Ok(DeviceName::Cuda(number)),
            _ => Err(unknown()),
        }
    }
}

/// A device that this program can open on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundDevice {
    /// Its name.
    pub name: DeviceName,
    /// What it is, in words.
    pub what: String,
}

impl fmt::Display for FoundDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.what)
    }
}

/// The devices that this program can open on this machine. None is opened.
pub fn devices() -> Vec<FoundDevice> {
    let cpu = FoundDevice {
        name: DeviceName::Cpu,
        what: String::from("the CPU, through flex"),
    };
    #[allow(unused_mut)]
    let mut found = vec![cpu];
    #[cfg(feature = "wgpu")]
    found.extend(wgpu::devices());
    #[cfg(feature = "cuda")]
    found.extend(cuda::devices());
    found
}
