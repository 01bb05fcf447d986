//! The machine in the backward pass.

use crate::error::{Error, Result};
use crate::graph::node::{NodeId, NodeKind, SiteId};
use crate::results::parameter_grads::{Leaf, ParameterGrads};
use crate::run::edit;
use crate::run::edit::Edit;
use crate::run::hook::Installed;
use crate::run::machine::Machine;
use crate::run::state::Slot;
use crate::tensor::erased::{Erased, with_rank};
use crate::tensor::tap::{TapId, insert};
use crate::tree::ModuleId;
use burn::tensor::Float;
use std::sync::Arc;

impl Machine {
    /// The number of the pass, if it has a backward pass.
    pub(crate) fn pass(&self) -> Option<u64> {
        self.tape.pass
    }

    pub(crate) fn tap_at(&self, id: NodeId) -> Option<TapId> {
        let gradients = self.plan.gradients.as_ref()?;
        let tap = gradients.tap_at(id)?;
        Some(TapId {
            pass: self.tape.pass?,
            tap,
        })
    }

    pub(crate) fn tapped(&self, tensor: Erased, tap: TapId) -> Erased {
        #[cfg(feature = "cost")]
        if let Some(rehearsal) = &self.rehearsal {
            rehearsal.tap(tap.tap, &tensor);
            return tensor;
        }
        match self.tape.on_gradient {
            Some(on_gradient) => insert(tensor, tap, on_gradient, self.tape.strategy),
            None => unreachable!("a tap is inserted while the machine is installed"),
        }
    }

    /// Runs a module on values: in the forward pass that of the pass, later that of the user's own model.
    pub(crate) fn call_module(&self, module: ModuleId, inputs: Vec<Erased>) -> Result<Vec<Erased>> {
        match self.tape.call_module.as_ref().filter(|_| self.tape.runs_backward) {
            Some(call) => {
                let outputs = call(module, inputs)?;
                Ok(outputs.into_iter().map(Erased::without_autodiff).collect())
            }
            None => match &self.call_module {
                Some(call) => call(module, inputs),
                None => Err(Error::NotCallable),
            },
        }
    }

    /// Runs the backward pass of the loss.
    ///
    /// # Errors
    /// [`Error::NoGradient`] for a saved gradient that the loss does not depend on, and what is wrong with
    /// an edit.
    pub(crate) fn backward(mut self, leaves: Vec<Leaf>) -> Result<Machine> {
        self.tape.runs_backward = true;
        let loss = self.tape.loss.take();
        #[cfg(feature = "cost")]
        if let Some(rehearsal) = self.rehearsal.clone() {
            return self.rehearse_backward(&rehearsal, leaves, loss);
        }
        let installed = Installed::for_backward(self);
        let gradients = loss.and_then(|loss| {
            with_rank!(loss.dims().rank(), D => {
                let loss = loss.assume::<D, Float>();
                loss.is_tracked().then(|| loss.backward())
            })
        });
        let mut machine = installed.finish().ok_or(Error::PanicCaught)?;
        machine.end_backward(leaves, |tensor| {
            with_rank!(tensor.dims().rank(), D => {
                let found = gradients.as_ref().and_then(|found| tensor.clone().assume::<D, Float>().grad(found));
                found.map(Erased::new)
            })
        })?;
        Ok(*machine)
    }

    /// The gradient has reached a tap: does what there is to do with it.
    pub(crate) fn at_tap(&mut self, tap: u32, mut gradient: Erased) -> Erased {
        let plan = Arc::clone(&self.plan);
        let Some(gradients) = &plan.gradients else {
            return gradient;
        };
        // A tap is reached once.
        if std::mem::replace(&mut self.tape.reached[tap as usize], true) {
            return gradient;
        }
        for &id in &gradients.actions[tap as usize] {
            if self.tape.error.is_some() {
                break;
            }
            match self.act_on_gradient(id, &gradient) {
                Ok(Some(edited)) => gradient = edited,
                Ok(None) => {}
                Err(error) => self.tape.error = Some(error),
            }
        }
        gradient
    }

    fn act_on_gradient(&mut self, id: NodeId, gradient: &Erased) -> Result<Option<Erased>> {
        let node = &self.plan.graph.nodes[id.index()];
        let edit = match (&node.kind, node.inputs.first().copied()) {
            (NodeKind::Gradient(of), _) => {
                let mine = match self.read_site(of.of) {
                    Some(site) => self.in_window(site, gradient.clone())?,
                    None => gradient.clone(),
                };
                self.tape.arrived.push(id);
                self.settle(id, Slot::One(mine));
                self.run_ready()?;
                return Ok(None);
            }
            (NodeKind::FillGradient { number, .. }, _) => Edit::Number(*number),
            (NodeKind::SetGradient { .. }, Some(value)) => match self.take(value) {
                Some(value) => Edit::Tensor(value.without_autodiff()),
                None => return Err(self.gradient_too_late(id, value)),
            },
            _ => return Ok(None),
        };
        let (NodeKind::SetGradient { gradient: of, takes }
        | NodeKind::FillGradient {
            gradient: of, takes, ..
        }) = &self.plan.graph.nodes[id.index()].kind
        else {
            return Ok(None);
        };
        let window = self.read_site(of.of).map_or(Vec::new(), |site| self.window(site));
        let written = edit::write_in(&window, gradient.clone(), takes, edit).map_err(|misfit| {
            let name = self.plan.gradient_name(id);
            misfit.at(name, &[], self.plan.written_at(id))
        })?;
        self.applied.push(id);
        Ok(Some(written))
    }

    /// The site that a node reads.
    fn read_site(&self, id: NodeId) -> Option<SiteId> {
        match self.plan.graph.nodes[id.index()].kind {
            NodeKind::Get(site) => Some(site),
            _ => None,
        }
    }

    /// A value that an edit of a gradient needs is not there.
    fn gradient_too_late(&self, edit: NodeId, value: NodeId) -> Error {
        let is_of_backward = |id: &NodeId| self.plan.graph.nodes[id.index()].kind.is_of_backward();
        let needed = self.plan.graph.cone([value]).find(is_of_backward);
        let needed = needed.map_or(String::from("a value"), |id| self.plan.gradient_name(id));
        Error::GradientOrder {
            written: self.plan.gradient_name(edit),
            needed,
            at: self.plan.written_at(edit),
        }
    }

    /// After the backward pass: hands out the parameters' gradients, and every gradient must be there.
    pub(super) fn end_backward(
        &mut self,
        leaves: Vec<Leaf>,
        mut gradient_of: impl FnMut(&Erased) -> Option<Erased>,
    ) -> Result<()> {
        if let Some(error) = self.tape.error.take() {
            return Err(error);
        }
        let mut entries = Vec::with_capacity(leaves.len());
        for Leaf { path, id, tensor } in leaves {
            let gradient = gradient_of(&tensor);
            entries.extend(gradient.map(|gradient| (path, id, gradient)));
        }
        let reads = self.plan.ids().filter(|id| self.plan.needed[id.index()]);
        for id in reads.collect::<Vec<_>>() {
            let node = &self.plan.graph.nodes[id.index()];
            let NodeKind::ParameterGradient { module, name, .. } = &node.kind else {
                continue;
            };
            let path = self.plan.parameter_path(*module, name);
            if let Some((.., gradient)) = entries.iter().find(|(known, ..)| *known == path) {
                let (wanted, found) = (node.meta.dims, gradient.dims());
                if wanted.unify(&found).is_none() {
                    let (site, at) = (self.plan.gradient_name(id), self.plan.written_at(id));
                    return Err(Error::WrongSizes {
                        site,
                        wanted,
                        found,
                        at,
                    });
                }
                let gradient = gradient.clone();
                self.tape.arrived.push(id);
                self.settle(id, Slot::One(gradient));
            }
        }
        self.tape.parameters = Some(ParameterGrads::new(entries));
        self.run_ready()?;
        self.check_gradients()
    }

    /// Every saved value that needs a gradient must be there.
    fn check_gradients(&self) -> Result<()> {
        let is_missing = |id: &NodeId| {
            let kind = &self.plan.graph.nodes[id.index()].kind;
            self.waits[id.index()] > 0 && self.plan.needed[id.index()] && matches!(kind, NodeKind::Save)
        };
        for id in self.plan.graph.cone(self.plan.ids().find(is_missing)) {
            let kind = &self.plan.graph.nodes[id.index()].kind;
            if !kind.is_of_backward() || self.tape.arrived.contains(&id) {
                continue;
            }
            if let Some(unreached) = self.unreached(kind.gradient().map(|gradient| gradient.of)) {
                return Err(unreached);
            }
            return Err(Error::NoGradient {
                gradient: self.plan.gradient_name(id),
                at: self.plan.written_at(id),
            });
        }
        Ok(())
    }

    /// The gradients of the parameters, if this plan keeps them.
    pub(crate) fn parameters(&self, kept: NodeId) -> Option<ParameterGrads> {
        let is_mine = self.plan.needed[kept.index()];
        self.tape.parameters.clone().filter(|_| is_mine)
    }
}
