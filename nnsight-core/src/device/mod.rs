//! The device that a model runs on, chosen by name at run time.

#[cfg(feature = "cuda")]
pub(crate) mod cuda;
#[cfg(feature = "remote")]
pub(crate) mod remote;
#[cfg(feature = "wgpu")]
pub(crate) mod wgpu;

use crate::error::{Error, Result};
use burn::tensor::Device;
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

/// The name of a device: `cpu`, `wgpu`, `wgpu:1`, `cuda`, `cuda:0`, or that of another process's or machine's,
/// `remote:ID@IP:PORT`.
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
    /// A device that another process serves, here or on another machine. Wants the feature `remote`.
    Remote(RemoteName),
}

/// The name of a device that `nnsight host` serves, as it prints it: `remote:ID@IP:PORT`, and `/1` after it for the
/// second of several. Connections are encrypted, and the server proves that it is the one of that id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RemoteName {
    /// The server's id, its public key.
    pub server: [u8; 32],
    /// Where it listens.
    pub address: SocketAddr,
    /// Which of its devices, counted from 0.
    pub number: usize,
}

impl fmt::Display for RemoteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.server {
            write!(f, "{byte:02x}")?;
        }
        write!(f, "@{}", self.address)?;
        match self.number {
            0 => Ok(()),
            number => write!(f, "/{number}"),
        }
    }
}

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

    /// What it is a device of, which is also the feature that it wants.
    pub fn backend(self) -> &'static str {
        match self {
            DeviceName::Cpu => "cpu",
            DeviceName::Wgpu(_) => "wgpu",
            DeviceName::Cuda(_) => "cuda",
            DeviceName::Remote(_) => "remote",
        }
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.backend())?;
        match self {
            DeviceName::Wgpu(Some(number)) | DeviceName::Cuda(Some(number)) => write!(f, ":{number}"),
            DeviceName::Remote(name) => write!(f, ":{name}"),
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
