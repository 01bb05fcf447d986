//! Running the nodes of a plan as soon as their inputs are there.

use crate::run::machine::Machine;
use crate::run::state::Slot;
use crate::run::stop;

use crate::error::{Error, Result};
use crate::graph::names::value_name;
use crate::graph::node::{Constant, Node, NodeId, NodeKind};
use crate::ops::real::to_device;
use crate::plan::Plan;
use crate::tensor::erased::Erased;
use std::sync::Arc;

impl Machine {
    /// The tensor of a node for one of its users: the last one takes it away.
    pub(crate) fn take(&mut self, id: NodeId) -> Option<Erased> {
        let uses = &mut self.uses[id.index()];
        *uses = uses.saturating_sub(1);
        let slot = &mut self.slots[id.index()];
        if *uses > 0 {
            return match slot {
                Slot::One(tensor) => Some(tensor.clone()),
                _ => None,
            };
        }
        match std::mem::replace(slot, Slot::Empty) {
            Slot::One(tensor) => Some(tensor),
            _ => None,
        }
    }

    /// A node has its tensor: whoever waited for nothing else is ready.
    pub(crate) fn fill(&mut self, id: NodeId, tensor: Erased) {
        let tensor = match self.tap_at(id) {
            Some(tap) => self.tapped(tensor, tap),
            None => tensor,
        };
        self.settle(id, Slot::One(tensor));
    }

    /// A module has given its tensors.
    pub(crate) fn fill_outputs(&mut self, id: NodeId, mut outputs: Vec<Erased>) {
        match outputs.len() {
            1 => outputs.pop().into_iter().for_each(|tensor| self.fill(id, tensor)),
            _ => self.settle(id, Slot::Many(outputs)),
        }
    }

    pub(crate) fn settle(&mut self, id: NodeId, slot: Slot) {
        if self.uses[id.index()] == 0 {
            return;
        }
        self.slots[id.index()] = slot;
        for user in self.plan.users_of(id) {
            let user = self.plan.users[user];
            self.waits[user.index()] -= 1;
            let waits_for_run = self.plan.graph.nodes[user.index()].kind.waits_for_run();
            if self.waits[user.index()] == 0 && !waits_for_run {
                self.ready.push(user);
            }
        }
    }

    pub(crate) fn run_ready(&mut self) -> Result<()> {
        if self.ready.is_empty() {
            return Ok(());
        }
        let plan = Arc::clone(&self.plan);
        while let Some(id) = self.ready.pop() {
            self.run(&plan, id)?;
        }
        Ok(())
    }

    /// Runs a node whose inputs are there.
    fn run(&mut self, plan: &Plan, id: NodeId) -> Result<()> {
        let at = plan.written_at(id);
        let Node {
            kind, inputs, meta, ..
        } = &plan.graph.nodes[id.index()];
        match kind {
            NodeKind::Get(_)
            | NodeKind::Set { .. }
            | NodeKind::Fill { .. }
            | NodeKind::Generated(_)
            | NodeKind::Gradient(_)
            | NodeKind::SetGradient { .. }
            | NodeKind::FillGradient { .. }
            | NodeKind::ParameterGradient { .. }
            | NodeKind::ParameterGradients { .. } => {}
            NodeKind::Backward => {
                self.tape.loss = inputs.first().and_then(|&input| self.take(input));
                self.goals_left -= 1;
            }
            NodeKind::Save | NodeKind::TrySave => {
                // A saved tensor stays in its own slot until the trace hands it out.
                let tensor = inputs.first().and_then(|&input| self.take(input));
                self.slots[id.index()] = tensor.map_or(Slot::Empty, Slot::One);
                if !self.plan.is_late(id) {
                    self.goals_left -= 1;
                }
            }
            NodeKind::Constant(number) => {
                // Data became tensors before the run.
                if let Some(Constant::Tensor(tensor)) = self.constants.get(*number as usize) {
                    let tensor = tensor.clone();
                    // Beside the model's own tensors: a result on the CPU would wait for the device.
                    let tensor = match &self.home {
                        Some(home) => to_device(home, tensor),
                        None => tensor,
                    };
                    self.fill(id, tensor);
                }
            }
            NodeKind::Parameter { .. } => {
                let tensor = self.parameters.iter().find(|(node, _)| *node == id);
                let tensor = tensor.map(|(_, tensor)| tensor.clone());
                self.fill(id, tensor.ok_or(Error::TooFewTensors)?);
            }
            NodeKind::Op(op) => {
                let mut inputs = self.take_all(id, inputs);
                let unchecked = op.guard(&mut inputs);
                let unchecked = unchecked.map_err(|source| Error::op(op, source, at))?;
                if let Some(limits) = &self.plan.graph.limits {
                    // Sizes that were not known before are known now.
                    let sized = op.check_size(&inputs, limits.elements);
                    sized.map_err(|source| Error::op(op, source, at))?;
                }
                let result = op.run(inputs).map_err(|source| Error::op(op, source, at))?;
                self.unchecked
                    .extend(unchecked.map(|unchecked| (id, op.clone(), unchecked)));
                self.fill(id, result);
            }
            #[cfg(feature = "cost")]
            NodeKind::Map(_) if self.rehearsal.is_some() => {
                drop(self.take_all(id, inputs));
                let rehearsal = self.rehearsal.as_ref();
                let result =
                    rehearsal.and_then(|rehearsal| rehearsal.result_of_closure(meta.dims, meta.kind));
                let unknown = || Error::CostUnknown {
                    why: format!("the sizes of what a closure gives are not{at}"),
                };
                self.fill(id, result.ok_or_else(unknown)?);
            }
            NodeKind::Map(number) => {
                let map = self.maps.get_mut(*number as usize).and_then(Option::take);
                let tensors = self.take_all(id, inputs);
                let map = map.ok_or(Error::TooFewTensors)?;
                let over = inputs.first().copied().unwrap_or(id);
                let over = || {
                    format!(
                        "{}{at}",
                        value_name(&self.plan.tree, &self.plan.graph.nodes, over)
                    )
                };
                let result = stop::of_closure(|| map(tensors), over)?;
                let (wanted, found) = (meta.dims, result.dims());
                if wanted.unify(&found).is_none() {
                    return Err(Error::WrongSizes {
                        site: String::from("the result of `map`"),
                        wanted,
                        found,
                        at,
                    });
                }
                self.fill(id, result);
            }
            NodeKind::Call(module) => {
                let inputs = self.take_all(id, inputs);
                let outputs = self.call_module(*module, inputs)?;
                self.fill_outputs(id, outputs);
            }
            NodeKind::Attached(call) => {
                let inputs = self.take_all(id, inputs);
                if self.tape.runs_backward {
                    // Nothing inside is a site then: the plan has seen to it.
                    let outputs = self.call_module(call.module, inputs)?;
                    self.fill_outputs(id, outputs);
                } else {
                    self.call_attached(id, *call, inputs)?;
                }
            }
            NodeKind::Part(part) => {
                let tensor = match inputs.first().map(|call| &self.slots[call.index()]) {
                    Some(Slot::Many(tensors)) => tensors.get(*part as usize).cloned(),
                    _ => None,
                };
                drop(self.take_all(id, inputs));
                self.fill(id, tensor.ok_or(Error::TooFewTensors)?);
            }
        }
        Ok(())
    }

    /// The inputs of a node, where it runs.
    fn take_all(&mut self, id: NodeId, inputs: &[NodeId]) -> Vec<Erased> {
        let runs_backward = self.tape.runs_backward;
        let mut tensors: Vec<Erased> = inputs.iter().filter_map(|&input| self.take(input)).collect();
        if runs_backward {
            // The tape is locked while it runs: what is computed meanwhile must not be recorded on it.
            tensors = tensors.into_iter().map(Erased::without_autodiff).collect();
        }
        match self.placed.as_ref().and_then(|placed| placed.nodes.of_node(id)) {
            Some(device) => tensors
                .into_iter()
                .map(|tensor| to_device(device, tensor))
                .collect(),
            None => tensors,
        }
    }
}
