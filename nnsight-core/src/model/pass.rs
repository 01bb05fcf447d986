//! The passes of a trace, and forward passes without one.

use super::NnSight;
use crate::device::watched;
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::graph::constants::place_constants;
use crate::graph::node::{AttachedCall, Constant, Node, NodeKind};
use crate::model::parameters;
use crate::model::pinned::Pinned;
use crate::plan::Plan;
#[cfg(feature = "cost")]
use crate::plan::cost::recording::Note;
use crate::plan::placement::NodeDevices;
use crate::run::attached_runs::CallModule;
use crate::run::facts::Facts;
use crate::run::hook::{Installed, call, call_caught, caught, start, with_tensors};
use crate::run::machine::{Given, Machine, Placed};
#[cfg(feature = "cost")]
use crate::run::rehearsal::Rehearsal;
use crate::run::stop::catch;
use crate::tensor::erased::Erased;
use crate::tree::ModuleId;
use crate::tree::module::{Forward, Inspectable};
use std::rc::Rc;
use std::sync::Arc;

impl<M: Inspectable + Forward> NnSight<M> {
    /// Whether modules of this model draw random numbers and learn statistics, as in training. Of a model without
    /// parameters only its input would tell.
    fn trains(&self) -> bool {
        let tree = &self.pinned.tree;
        let mut roots = std::iter::once(ModuleId::ROOT).chain(tree.attached());
        roots.any(|root| tree.has_effect(root, true))
            && (self.devices().is_empty() || self.instances.facts(&self.pinned).trains)
    }

    /// Whether the forward pass does more than give tensors, by the model itself or by what a trace calls.
    pub(super) fn has_effects(&self, nodes: &[Node]) -> bool {
        let tree = &self.pinned.tree;
        let calls_effect = nodes.iter().any(|node| match node.kind {
            NodeKind::Call(module) | NodeKind::Attached(AttachedCall { module, .. }) => {
                tree.has_effect(module, false)
            }
            _ => false,
        });
        calls_effect
            || tree.has_effect(ModuleId::ROOT, true) && tree.has_effect(ModuleId::ROOT, self.trains())
    }

    /// The forward pass (those of a generation), and the backward pass if there is a loss.
    pub(super) fn pass(
        &self,
        plan: Arc<Plan>,
        given: Given,
        has_effects: bool,
        drive: impl FnOnce(&mut dyn FnMut(M::Args) -> M::Result) -> Result<()>,
    ) -> Result<Machine> {
        watched(self.devices(), || {
            #[cfg(feature = "cost")]
            return self.pass_unwatched(plan, given, has_effects, None, drive);
            #[cfg(not(feature = "cost"))]
            self.pass_unwatched(plan, given, has_effects, drive)
        })
    }

    pub(super) fn pass_unwatched(
        &self,
        plan: Arc<Plan>,
        mut given: Given,
        has_effects: bool,
        #[cfg(feature = "cost")] rehearsal: Option<Rehearsal>,
        drive: impl FnOnce(&mut dyn FnMut(M::Args) -> M::Result) -> Result<()>,
    ) -> Result<Machine> {
        #[cfg(feature = "cost")]
        let is_rehearsal = rehearsal.is_some();
        #[cfg(not(feature = "cost"))]
        let is_rehearsal = false;
        let (tracked, leaves, mut facts);
        let pinned = match &plan.gradients {
            Some(gradients) => {
                let wanted = &gradients.wanted;
                (tracked, leaves) = self.instances.for_pass(&self.pinned, wanted, is_rehearsal)?;
                facts = self.instances.facts(&self.pinned);
                &tracked
            }
            None => {
                (leaves, facts) = (Vec::new(), Facts::default());
                facts.trains = self.trains();
                &self.pinned
            }
        };
        let parameters = parameters::read(&plan, |finder| {
            pinned.model.visit(finder);
            pinned.attached.find(finder);
        })?;
        let home = self.devices().first().cloned();
        place_constants(&mut given.0, home.as_ref())?;
        let has_backward = plan.gradients.is_some();
        if has_backward {
            for constant in &mut given.0 {
                if let Constant::Tensor(tensor) = constant {
                    *tensor = tensor.clone().untracked();
                }
            }
        }
        let placed = match &pinned.placement {
            Some(placement) => Some(Placed {
                modules: Arc::clone(placement),
                nodes: NodeDevices::of(&plan, placement, |number| pinned.attached.device(number))?,
            }),
            None => None,
        };
        let from_elsewhere = plan.graph.limits.is_some();
        let call_module = |own: Pinned<M>| -> CallModule {
            Rc::new(move |module, tensors| match from_elsewhere {
                true => caught(|| own.call(module, tensors), Error::of_model)?,
                false => own.call(module, tensors),
            })
        };
        let calls_modules = plan.calls_modules.then(|| call_module(pinned.clone()));
        let tree = Arc::clone(&pinned.tree);
        let mut machine = Machine::new(plan, tree, given, calls_modules, home, placed, facts);
        if has_backward {
            machine.tape.call_module = Some(call_module(self.pinned.clone()));
        }
        machine.parameters = parameters;
        #[cfg(feature = "cost")]
        if let Some(rehearsal) = rehearsal {
            let tensors: Vec<Erased> = leaves.iter().map(|leaf| leaf.tensor.clone()).collect();
            rehearsal.note(Note::Leaves, &tensors);
            machine.rehearsal = Some(rehearsal);
        }
        // A goal that no site meets: what has effects is run to its end.
        machine.goals_left += usize::from(has_effects);
        let installed = Installed::new(machine);
        let model = pinned.model.as_ref();
        // What the user's inputs were computed from is on a tape that this pass has no part in.
        let untracked = |args| match has_backward {
            true => with_tensors(args, |rest| rest, Erased::untracked),
            false => args,
        };
        let error = match (from_elsewhere, &pinned.placement) {
            (true, _) => Some(Error::of_model as fn(String) -> Error),
            (false, Some(_)) => Some(Error::of_spread as fn(String) -> Error),
            (false, None) => None,
        };
        let run = || match (start(), error) {
            (true, None) => {
                drive(&mut |args| call(model, None, untracked(args), |args| model.forward_args(args)))
            }
            (true, Some(error)) => {
                drive(&mut |args| call_caught(model, untracked(args), |args| model.forward_args(args), error))
            }
            (false, _) => Ok(()),
        };
        catch(run)?.transpose()?;
        let mut machine = *installed.finish().ok_or(Error::PanicCaught)?;
        machine.goals_left -= usize::from(has_effects);
        machine.check_complete()?;
        let machine = match machine.pass() {
            Some(_) => machine.backward(leaves)?,
            None => machine,
        };
        machine.check_numbers()?;
        Ok(machine)
    }

    /// Runs the model without interventions: `passes` is given its forward. This is how a model runs that is on several
    /// devices; one that is on one device may as well be called.
    ///
    /// ```standalone_crate
    /// # extern crate nnsight_core as nnsight;
    /// use burn::module::Module;
    /// use burn::nn::{Linear, LinearConfig};
    /// use burn::tensor::{Device, Tensor};
    /// use nnsight::{DeviceMap, Inspectable, NnSight, axes, inspectable};
    ///
    /// axes! { Batch; Features = 3; Hidden = 4; Classes = 2; }
    ///
    /// #[derive(Module, Debug, Inspectable)]
    /// #[inspect((Batch, Features) -> (Batch, Classes))]
    /// struct Net {
    ///     #[inspect((Batch, Features) -> (Batch, Hidden))]
    ///     first: Linear,
    ///     #[inspect((Batch, Hidden) -> (Batch, Classes))]
    ///     second: Linear,
    /// }
    ///
    /// #[inspectable]
    /// impl Net {
    ///     fn forward(&self, x: Tensor<2>) -> Tensor<2> {
    ///         self.second.forward(self.first.forward(x))
    ///     }
    /// }
    ///
    /// # fn main() -> nnsight::Result<()> {
    /// let (near, far) = (Device::flex(), Device::flex()); // or device("cuda:0")?, device("cuda:1")?
    /// let (first, second) = (LinearConfig::new(3, 4).init(&near), LinearConfig::new(4, 2).init(&near));
    /// let map = DeviceMap::by_path([("", near.clone()), ("second", far)]);
    /// let net = NnSight::new(Net { first, second }).with_device_map(&map)?;
    /// let twice = net.forward_passes(|forward| {
    ///     let once = forward(Tensor::ones([1, 3], &near));
    ///     once * 2.0
    /// })?;
    /// assert_eq!(twice.dims(), [1, 2]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::NoHooks`] for a model on several devices if they are compiled out; [`Error::DeviceLost`].
    pub fn forward_passes<T>(
        &self,
        passes: impl FnOnce(&mut dyn FnMut(M::Args) -> M::Result) -> T,
    ) -> Result<T> {
        let model = self.model();
        let Some(placement) = &self.pinned.placement else {
            return watched(self.devices(), || {
                Ok(passes(&mut |args| model.forward_args(args)))
            });
        };
        if cfg!(not(feature = "hooks")) {
            return Err(Error::NoHooks);
        }
        let tree = Arc::clone(&self.pinned.tree);
        let plan = Plan::new(Graph::default(), Arc::clone(&tree))?;
        let placed = Placed {
            modules: Arc::clone(placement),
            nodes: NodeDevices::default(),
        };
        let (plan, given) = (Arc::new(plan), Given::default());
        let mut machine = Machine::new(plan, tree, given, None, None, Some(placed), Facts::default());
        // Nothing is saved, and all of it is wanted.
        machine.goals_left = 1;
        watched(self.devices(), || {
            let _installed = Installed::new(machine);
            let forward = |args| call_caught(model, args, |args| model.forward_args(args), Error::of_spread);
            let run = || passes(&mut |args| forward(args));
            catch(run)?.ok_or(Error::PanicCaught)
        })
    }
}
