//! The machine where attached modules run.

use crate::error::{Error, Result};
use crate::graph::node::{AttachedCall, NodeId};
use crate::plan::Actions;
use crate::run::attached_runs::AttachedRun;
use crate::run::machine::{Machine, Visit};
use crate::tensor::erased::Erased;

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
