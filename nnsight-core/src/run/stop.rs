//! Leaving the forward pass early: when nothing more is needed, or nothing more can work.

use crate::error::Error;
use crate::say;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Why the forward pass is left. Travels as a panic payload that no one prints.
pub(crate) enum Stop {
    /// Everything saved is there.
    Done,
    /// An error of the trace.
    Failed(Error),
}

impl Stop {
    /// Leaves the forward pass.
    pub(crate) fn leave(self) -> ! {
        resume_unwind(Box::new(self))
    }
}

/// Runs a closure of the trace. A panic of it goes on as it is; what it ran on is said beside it.
pub(crate) fn of_closure<R>(closure: impl FnOnce() -> R, over: impl FnOnce() -> String) -> R {
    catch_unwind(AssertUnwindSafe(closure)).unwrap_or_else(|payload| {
        say::wrong(&format!("that panic is of the closure over {}", over()));
        resume_unwind(payload)
    })
}

/// Runs the forward pass. `None` if it was left because everything was there. Real panics go through.
pub(crate) fn catch<R>(forward: impl FnOnce() -> R) -> Result<Option<R>, Error> {
    match catch_unwind(AssertUnwindSafe(forward)) {
        Ok(result) => Ok(Some(result)),
        Err(payload) => match payload.downcast::<Stop>() {
            Ok(stop) => match *stop {
                Stop::Done => Ok(None),
                Stop::Failed(error) => Err(error),
            },
            Err(payload) => resume_unwind(payload),
        },
    }
}
