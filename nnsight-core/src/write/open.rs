//! The traces whose bodies run on this thread.

use crate::error::{Error, Result, WrittenAt};
use crate::tree::Tree;
use crate::tree::handle::Handle;
use crate::write::builder::Builder;
use crate::write::owner;
use std::cell::RefCell;
use std::sync::Arc;

thread_local! {
    /// Traces whose bodies are running, innermost last.
    static OPEN: RefCell<Vec<Builder>> = const { RefCell::new(Vec::new()) };
}

impl Builder {
    /// Runs the body of a trace with this builder as the thread's current one.
    ///
    /// # Errors
    /// The first thing in the body that cannot work.
    pub(crate) fn run<R>(self, body: impl FnOnce() -> R) -> Result<(Builder, R)> {
        /// Closes the trace however the body ends.
        struct Open;
        impl Drop for Open {
            fn drop(&mut self) {
                OPEN.with_borrow_mut(Vec::pop);
            }
        }
        owner::remember(&self);
        OPEN.with_borrow_mut(|open| open.push(self));
        let guard = Open;
        let kept = body();
        std::mem::forget(guard);
        match OPEN.with_borrow_mut(Vec::pop) {
            Some(mut builder) => match builder.take_error() {
                Some(error) => Err(error),
                None => Ok((builder, kept)),
            },
            None => Err(Error::ForeignValue { at: WrittenAt(None) }),
        }
    }
}

/// The tree of the model that a handle belongs to, if its trace is being written.
pub(crate) fn open_tree(at: Handle) -> Option<Arc<Tree>> {
    OPEN.with_borrow(|open| {
        let owner = open.iter().rev().find(|builder| builder.trace == at.trace);
        owner.map(|owner| Arc::clone(&owner.tree))
    })
}

/// What `edits` writes into the trace that is being written is that of edits that last.
pub(crate) fn lasting(edits: impl FnOnce()) {
    let nodes = || with(|builder| builder.nodes().len() as u32).unwrap_or(0);
    let first = nodes();
    edits();
    with(|builder| builder.lasting.push(first..builder.nodes().len() as u32));
}

/// Runs `f` on the trace that is being written, if there is one.
pub(crate) fn with<R>(f: impl FnOnce(&mut Builder) -> R) -> Option<R> {
    OPEN.with_borrow_mut(|open| open.last_mut().map(f))
}
