//! The runs of attached modules: which are ready, and which is going on.

use crate::error::Result;
use crate::graph::node::{AttachedCall, NodeId, SiteId};
use crate::tensor::erased::Erased;
use crate::tree::ModuleId;
use std::rc::Rc;

/// Runs one of the modules of the model's tree.
pub(crate) type CallModule = Rc<dyn Fn(ModuleId, Vec<Erased>) -> Result<Vec<Erased>>>;

/// An attached module that is to run, outside of the machine: its hooks look at the machine themselves.
pub(crate) struct AttachedRun {
    pub(crate) node: NodeId,
    pub(crate) call: AttachedCall,
    pub(crate) inputs: Vec<Erased>,
    pub(crate) call_module: CallModule,
}

/// The runs of attached modules.
#[derive(Default)]
pub(crate) struct AttachedRuns {
    /// Those whose inputs are there.
    pub(super) ready: Vec<AttachedRun>,
    /// Those that are going on, innermost last, and the modules that each has come to.
    pub(super) open: Vec<(AttachedCall, Vec<ModuleId>)>,
}

/// The call of a module that no site has.
const NO_CALL: u32 = u32::MAX;

impl AttachedRuns {
    /// The innermost run comes to a module: which call of it that is, as sites count.
    pub(crate) fn enter(&mut self, module: ModuleId) -> u32 {
        let Some((call, entered)) = self.open.last_mut() else {
            return NO_CALL;
        };
        if entered.contains(&module) {
            return NO_CALL;
        }
        entered.push(module);
        call.call
    }

    /// Whether a site belongs to an attached module, but to its run for another invoke.
    pub(crate) fn is_of_other_run(&self, site: SiteId) -> bool {
        let Some((call, entered)) = self.open.last() else {
            return false;
        };
        entered.contains(&site.module) && site.invoke != call.invoke
    }
}
