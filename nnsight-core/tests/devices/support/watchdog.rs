//! A test that waits for ever fails instead, and says so.

use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// More than any of these tests takes, on any machine and device.
const LIMIT: Duration = Duration::from_secs(120);

/// Runs `test` on a thread of its own. One that hangs cannot be ended: its thread stays until the process ends.
///
/// # Panics
/// If it does not come to its end, and as it does.
pub fn watched<R: Send + 'static>(name: &str, test: impl FnOnce() -> R + Send + 'static) -> R {
    let (done, ended) = channel();
    let running = thread::spawn(move || {
        let result = test();
        // Nobody waits any more where it took too long.
        done.send(()).ok();
        result
    });
    let waited = ended.recv_timeout(LIMIT);
    assert_ne!(waited, Err(RecvTimeoutError::Timeout), "{name} hangs");
    running.join().unwrap_or_else(|panic| resume_unwind(panic))
}
