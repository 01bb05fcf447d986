//! The device that a model runs on, chosen by name at run time.

#[cfg(feature = "cuda")]
pub(crate) mod cuda;
pub(crate) mod name;
#[cfg(feature = "remote")]
pub(crate) mod remote;
#[cfg(feature = "wgpu")]
pub(crate) mod wgpu;

pub use name::{DeviceName, FoundDevice, RemoteName};

use crate::error::{Error, Result};
use burn::tensor::Device;
use std::str::FromStr;

impl RemoteName {
    fn parse(name: &str) -> Option<Self> {
        let (server, place) = name.split_once('@')?;
        let (address, number) = match place.rsplit_once('/') {
            Some((address, number)) => (address, number.parse().ok()?),
            None => (place, 0),
        };
        let mut bytes = [0; 32];
        if server.len() != 64 || !server.is_ascii() {
            return None;
        }
        for (byte, digits) in bytes.iter_mut().zip(server.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        Some(RemoteName {
            server: bytes,
            address: address.parse().ok()?,
            number,
        })
    }
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
    /// such device here, [`Error::DeviceFailed`] if there is one that does not start, [`Error::Unreachable`] if
    /// another process's cannot be reached.
    pub fn open(self) -> Result<Device> {
        match self {
            DeviceName::Cpu => Ok(Device::flex()),
            #[cfg(feature = "wgpu")]
            DeviceName::Wgpu(number) => wgpu::open(self, number),
            #[cfg(feature = "cuda")]
            DeviceName::Cuda(number) => cuda::open(self, number),
            #[cfg(feature = "remote")]
            DeviceName::Remote(name) => remote::open(self, name),
            #[cfg(not(all(feature = "wgpu", feature = "cuda", feature = "remote")))]
            _ => Err(Error::DeviceNotBuilt { wanted: self }),
        }
    }
}

impl FromStr for DeviceName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let unknown = || Error::DeviceName {
            found: name.to_owned(),
        };
        if let Some(remote) = name.strip_prefix("remote:") {
            return RemoteName::parse(remote)
                .map(DeviceName::Remote)
                .ok_or_else(unknown);
        }
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

/// Runs `f`, and then asks those devices that can be lost whether they are still there: what they compute is not waited
/// for otherwise. A panic of `f` is that of a lost device if one is.
pub(crate) fn watched<T>(devices: &[Device], f: impl FnOnce() -> Result<T>) -> Result<T> {
    #[cfg(feature = "remote")]
    return remote::watched(devices, f);
    #[cfg(not(feature = "remote"))]
    {
        let _ = devices;
        f()
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
