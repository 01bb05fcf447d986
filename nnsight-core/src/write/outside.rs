//! Values and sites outside of a trace: a trace is over, and a handle of it is still there. Nothing can be done with
//! it then, and nobody is there to give an error to.

use crate::error::WrittenAt;
use crate::say;
use crate::write::builder::Builder;
use crate::write::open::with;

use std::panic::Location;

/// Runs `f` on the trace that is being written. Where none is, the program's log says so, or standard error where
/// the program has no log.
pub(crate) fn within<R>(at: &'static Location<'static>, f: impl FnOnce(&mut Builder) -> R) -> Option<R> {
    let done = with(f);
    if done.is_none() {
        outside(at);
    }
    done
}

#[cold]
fn outside(at: &'static Location<'static>) {
    if !say::is_first(at) {
        return;
    }
    let place = WrittenAt(Some(at));
    let text = format!(
        "a value or a site is used where no trace is being written{place}, so nothing is done: values and sites live in \
         the body of their trace; save what is wanted after it, and return it"
    );
    say::wrong(&text);
}
