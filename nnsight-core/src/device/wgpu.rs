//! GPUs through wgpu.

use super::devices as all_devices;
use super::name::{DeviceName, FoundDevice};
use crate::error::{Error, Result};
use burn::backend::wgpu::graphics::AutoGraphicsApi;
use burn::backend::wgpu::{RuntimeOptions, WgpuDevice, WgpuInitError, try_init_setup};
use burn::backend::{CubeDevice, DispatchDevice, WgpuDeviceKind};
use burn::tensor::{Device, DeviceType};

const HINT: &str = "wgpu needs a driver for Vulkan, Metal or DirectX 12: on Linux install the GPU's own, or Mesa's \
                    (`mesa-vulkan-drivers` and `libvulkan1` on Debian and Ubuntu), which also has one that runs \
                    on the CPU";

pub(super) fn open(name: DeviceName, number: Option<usize>) -> Result<Device> {
    let missing = || Error::NoDevice {
        wanted: name,
        found: all_devices(),
        hint: HINT,
    };
    let device = match number {
        Some(number) => adapters().nth(number).ok_or_else(missing)?,
        None => WgpuDevice::default(),
    };
    // Burn opens a device at its first use, where there is nobody to give an error to.
    let opened =
        RuntimeOptions::try_default().and_then(|options| try_init_setup::<AutoGraphicsApi>(&device, options));
    match opened {
        // It is open already.
        Ok(_) | Err(WgpuInitError::Registration { .. }) => Ok(Device::new(device)),
        Err(WgpuInitError::AdapterUnavailable { .. } | WgpuInitError::UnsupportedGraphicsApi { .. }) => {
            Err(missing())
        }
        Err(error) => Err(Error::DeviceFailed {
            wanted: name,
            reason: error.to_string(),
        }),
    }
}

pub(super) fn devices() -> impl Iterator<Item = FoundDevice> {
    adapters().enumerate().map(|(number, adapter)| FoundDevice {
        name: DeviceName::Wgpu(Some(number)),
        what: what(&adapter.kind).to_owned(),
    })
}

fn what(kind: &WgpuDeviceKind) -> &'static str {
    match kind {
        WgpuDeviceKind::DiscreteGpu(_) => "a discrete GPU",
        WgpuDeviceKind::IntegratedGpu(_) => "an integrated GPU",
        WgpuDeviceKind::VirtualGpu(_) => "a virtual GPU",
        WgpuDeviceKind::Cpu => "a driver that runs on the CPU",
        _ => "a GPU",
    }
}

/// What the graphics API lists, in its order.
fn adapters() -> impl Iterator<Item = WgpuDevice> {
    let devices = Device::enumerate(DeviceType::Wgpu).into_iter();
    devices.filter_map(|device| match device.as_dispatch() {
        DispatchDevice::Cube(CubeDevice::Wgpu(device)) => Some(device.clone()),
        _ => None,
    })
}
