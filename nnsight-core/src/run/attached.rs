//! Attached modules while a plan runs: which are ready, and which run is going on.

use crate::error::{Error, Result};
use crate::graph::node::{AttachedCall, NodeId, SiteId};
use crate::plan::Actions;
use crate::run::machine::{CallModule, Machine, Visit};
use crate::tensor::erased::Erased;
use crate::tree::ModuleId;

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
    ready: Vec<AttachedRun>,
    /// Those that are going on, innermost last, and the modules that each has come to.
    open: Vec<(AttachedCall, Vec<ModuleId>)>,
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

impl Machine {
    /// The inputs of an attached module are there.
    pub(crate) fn call_attached(
        &mut self,
        node: NodeId,
        call: AttachedCall,
        inputs: Vec<Erased>,
    ) -> Result<()> {
        let call_module = self.call_module.clone().ok_or(Error::NotCallable)?;
        self.attached.ready.push(AttachedRun {
            node,
            call,
            inputs,
            call_module,
        });
        Ok(())
    }

    /// The next attached module to run.
    pub(crate) fn next_attached(&mut self) -> Option<AttachedRun> {
        self.attached.ready.pop()
    }

    /// An attached module is about to run.
    pub(crate) fn enter_attached(&mut self, call: AttachedCall) -> Visit {
        self.attached.open.push((call, Vec::new()));
        self.enter(call.module)
            .unwrap_or_else(|| self.visit_of(call.module, &Actions::NONE))
    }

    /// It has run.
    pub(crate) fn leave_attached(&mut self, node: NodeId, outputs: Vec<Erased>) -> Result<()> {
        self.attached.open.pop();
        self.fill_outputs(node, outputs);
        self.run_ready()
    }
}
