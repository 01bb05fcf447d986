//! A trace does not keep a GPU waiting: nothing is read back inside of a forward pass, and where no site is touched
//! the kernels are those of plain Burn. A binary of its own, because what it watches is the whole process.

mod fusion;
mod nets;
#[path = "../../nnsight-core/tests/devices/support/device.rs"]
mod support;
mod waits;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// One test at a time: fusion's observer and the log are the process' own.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
