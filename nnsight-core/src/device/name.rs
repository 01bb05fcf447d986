//! Names of devices, as data: errors speak of them, and opening is apart.

use std::fmt;
use std::net::SocketAddr;

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
    /// A GPU through wgpu (Vulkan, Metal, DirectX 12), by its number in [`devices`](crate::devices); without one, that which the
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

impl DeviceName {
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
