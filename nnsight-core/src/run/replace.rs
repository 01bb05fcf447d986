//! Modules that do not run, because all of what they give is replaced.

use crate::graph::node::NodeKind;
use crate::ops::real::{alike, to_device};
use crate::plan::Actions;
use crate::run::edit;
use crate::run::machine::{Machine, Visit};
use crate::run::state::Slot;
use crate::shapes::shape::KindTag;
use crate::tensor::erased::Erased;
use crate::tree::ModuleId;

impl Machine {
    /// Whether a module need not run if its output is replaced: it has no effect beyond its tensors, nor has anything
    /// below it; nothing is done inside, and the first thing done to its output may be to replace it whole.
    pub(crate) fn may_replace(&self, module: ModuleId, actions: &Actions) -> bool {
        let writes_whole =
            |position: usize| match &self.plan.graph.nodes[self.plan.action(position).index()].kind {
                NodeKind::Set { site, takes } | NodeKind::Fill { site, takes, .. } => {
                    takes.is_empty() && site.invoke == 0
                }
                _ => false,
            };
        actions.output.at.clone().next().is_some_and(writes_whole)
            && !self.tree.has_effect(module, self.trains)
            && !self.plan.is_touched_inside(module)
    }

    /// What stands in for a module's output when everything about it is replaced, so that it need not run. `takes_effect`
    /// says that what it is given may be changed by it, `gives` how many tensors it gives if it gives nothing else.
    pub(crate) fn replacement(
        &self,
        visit: &Visit,
        inputs: &[Erased],
        takes_effect: bool,
        gives: Option<usize>,
    ) -> Option<Vec<Erased>> {
        if !visit.may_replace {
            return None;
        }
        let module = self.tree.get(visit.module)?;
        let ports = &module.outputs;
        if (takes_effect && !module.is_pure) || gives != Some(ports.len()) {
            return None;
        }
        // A module gives floats of the type that it takes; where it takes none, only a run shows which.
        let like = inputs.iter().find(|tensor| tensor.kind() == KindTag::Float);
        let mut tensors = Vec::with_capacity(ports.len());
        for port in 0..ports.len() {
            let mut actions = visit
                .actions
                .output
                .at
                .clone()
                .map(|position| self.plan.action(position));
            let first = actions.find(|id| {
                matches!(self.plan.graph.nodes[id.index()].kind,
                    NodeKind::Get(site) | NodeKind::Set { site, .. } | NodeKind::Fill { site, .. }
                        if site.port as usize == port)
            })?;
            let node = &self.plan.graph.nodes[first.index()];
            tensors.push(match &node.kind {
                NodeKind::Set { takes, .. } if takes.is_empty() => {
                    match &self.slots[node.inputs[0].index()] {
                        // What does not fit is an error where the module's own output is written, and of a size that
                        // nobody declared only that output tells.
                        Slot::One(tensor) if node.meta.dims == tensor.dims() => {
                            let tensor = self.at_module(visit.module, tensor.clone());
                            match tensor.kind() {
                                KindTag::Float => alike(like?, tensor),
                                KindTag::Int | KindTag::Bool => return None,
                            }
                        }
                        _ => return None,
                    }
                }
                NodeKind::Fill { takes, number, .. }
                    if takes.is_empty() && node.meta.kind == KindTag::Float =>
                {
                    // A number that does not fit is an error where the module's own output is filled.
                    number.check_type(like?.dtype()).ok()?;
                    edit::full(&node.meta.dims.all_known()?, *number, like?)
                }
                _ => return None,
            });
        }
        Some(tensors)
    }

    /// A tensor where a module is, of a model on several devices.
    fn at_module(&self, module: ModuleId, tensor: Erased) -> Erased {
        let placed = self.placed.as_ref();
        match placed.and_then(|placed| placed.modules.device(module)) {
            Some(device) => to_device(device, tensor),
            None => tensor,
        }
    }

    /// A replacement stood in for a module.
    pub(crate) fn skip(&mut self, visit: &Visit) {
        self.skipped.push(visit.module);
    }
}
