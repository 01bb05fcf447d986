//! Devices of other processes, here or on other machines, through Burn's remote devices.

use super::name::{DeviceName, RemoteName};
use crate::error::{Error, Result, panic_message};
use burn::backend::DispatchDevice;
use burn::remote::{EndpointId, IrohHost, IrohRelays, RemoteHost};
use burn::tensor::Device;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Mutex, PoisonError};

/// Where the token is that a server may want.
const TOKEN: &str = "NNSIGHT_TOKEN";

/// The names by which devices were opened: Burn's own do not show.
static OPENED: Mutex<Vec<(Device, DeviceName)>> = Mutex::new(Vec::new());

pub(super) fn open(wanted: DeviceName, name: RemoteName) -> Result<Device> {
    let unreachable = |reason: String| Error::Unreachable { wanted, reason };
    let server = EndpointId::from_bytes(&name.server).map_err(|error| unreachable(error.to_string()))?;
    let host = IrohHost::new(server)
        .with_relays(IrohRelays::Disabled)
        .with_address(name.address);
    let mut host = RemoteHost::iroh(host);
    if let Ok(token) = std::env::var(TOKEN) {
        host = host.with_credential(token);
    }
    let device = Device::remote_options(&host)
        .device_index(name.number)
        .init()
        .map_err(|error| unreachable(error.to_string()))?;
    let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    if !opened.iter().any(|(known, _)| *known == device) {
        opened.push((device.clone(), wanted));
    }
    Ok(device)
}

/// See [`super::watched`].
pub(super) fn watched<T>(devices: &[Device], f: impl FnOnce() -> Result<T>) -> Result<T> {
    let is_remote = |device: &&Device| matches!(device.as_dispatch(), DispatchDevice::Remote(_));
    let remote: Vec<&Device> = devices.iter().filter(is_remote).collect();
    if remote.is_empty() {
        return f();
    }
    // Burn panics where a device is gone whose answer it needs.
    let outcome = catch_unwind(AssertUnwindSafe(f));
    for device in remote {
        if let Some(reason) = why_lost(device) {
            return Err(Error::DeviceLost {
                device: name_of(device),
                reason,
            });
        }
    }
    outcome.unwrap_or_else(|panic| resume_unwind(panic))
}

/// What a device says that does not answer any more.
fn why_lost(device: &Device) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(|| device.sync())) {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(panic) => Some(panic_message(panic.as_ref())),
    }
}

fn name_of(device: &Device) -> String {
    let opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = opened.iter().find(|(known, _)| known == device);
    known.map_or_else(|| format!("{device:?}"), |(_, name)| format!("`{name}`"))
}
