//! A trace does not keep a GPU waiting: nothing is read back inside of a forward pass, and where no site is touched
//! the kernels are those of plain Burn. A binary of its own, because what it watches is the whole process.

mod fusion;
mod nets;
#[path = "../../nnsight-core/tests/devices/support/device.rs"]
mod support;
mod waits;

use nnsight::DeviceName;
use std::io::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One test at a time: fusion's observer and the log are the process' own. None where `NNSIGHT_DEVICE` does not name
/// wgpu, which is what both of them watch.
fn alone(test: &str) -> Option<MutexGuard<'static, ()>> {
    static ALONE: Mutex<()> = Mutex::new(());
    if matches!(support::device_name(), DeviceName::Wgpu(_)) {
        return Some(ALONE.lock().unwrap_or_else(PoisonError::into_inner));
    }
    // Past the test harness, which keeps what passing tests print to itself.
    let line = format!("SKIPPED {test}: it wants NNSIGHT_DEVICE to name wgpu\n");
    std::io::stderr()
        .write_all(line.as_bytes())
        .expect("stderr is open");
    None
}
