//! Where a trace is in a model: a module at one of its calls, and which end of it.

use crate::tree::Tree;
use crate::tree::meta::ModuleId;

pub use crate::tree::end::End;

/// A module of the traced model, at one of its calls. It belongs to the trace that handed it out, and so does every
/// site below it: used in another trace it is [`Error::ForeignSite`](crate::error::Error::ForeignSite), whatever the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handle {
    pub(crate) module: ModuleId,
    pub(crate) call: u32,
    /// Whose rows of the batch; 0 is the whole.
    pub(crate) invoke: u16,
    /// The trace that handed it out; 0 is none.
    pub(crate) trace: u32,
}

impl Handle {
    /// A handle to no module: what the constant tree of sites holds.
    pub const NOWHERE: Handle = Handle {
        module: ModuleId::NOWHERE,
        call: 0,
        invoke: 0,
        trace: 0,
    };

    /// The model itself, as an invoke of a trace sees it.
    pub(crate) const fn root(trace: u32, invoke: u16) -> Handle {
        Handle {
            module: ModuleId::ROOT,
            call: 0,
            invoke,
            trace,
        }
    }

    /// The same module at another call.
    pub const fn at_call(self, call: u32) -> Handle {
        Handle { call, ..self }
    }

    /// A child, by the position of its field; nowhere if there is none.
    pub fn child(self, tree: &Tree, position: usize) -> Handle {
        Handle {
            module: tree.child(self.module, position),
            ..self
        }
    }
}
