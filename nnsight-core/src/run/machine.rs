//! The state of a running plan.

use crate::error::{Error, Result};
use crate::graph::names::{axes_name, site_name};
use crate::graph::node::{Constant, NodeId, NodeKind, SiteId};
use crate::ops::Op;
use crate::ops::guard::Unchecked;
use crate::plan::order::is_last;
use crate::plan::placement::{NodeDevices, Placement};
use crate::plan::{Actions, Plan};
use crate::run::attached_runs::{AttachedRun, AttachedRuns, CallModule};
use crate::run::edit;
use crate::run::edit::Edit;
use crate::run::facts::Facts;
#[cfg(feature = "cost")]
use crate::run::rehearsal::Rehearsal;
use crate::run::state::{Slot, State};
use crate::run::stop::Stop;
use crate::run::tape::Tape;
use crate::shapes::axes::AxisMeta;
use crate::shapes::meta::TensorMeta;
use crate::shapes::take::Take;
use crate::tensor::erased::Erased;
use crate::tree::handle::End;
use crate::tree::{InSteps, ModuleId, Tree};
use crate::write::builder::MapFn;
use burn::tensor::Device;
use std::sync::Arc;

/// One call of a module, and what there is to do at it.
pub(crate) struct Visit {
    pub(crate) module: ModuleId,
    pub(crate) actions: Actions,
    pub(crate) may_replace: bool,
    /// Where what goes in has to be moved, of a model on several devices.
    border: Option<Device>,
    /// Where what comes out has to be moved then.
    back: Option<Device>,
}

impl Visit {
    /// The device that what goes in has to be moved to, if it can come from another one.
    pub(crate) fn border(&self) -> Option<&Device> {
        self.border.as_ref()
    }

    /// The device that what comes out has to be moved to, if to any.
    pub(crate) fn back(&self) -> Option<&Device> {
        self.back.as_ref()
    }

    /// Whether the first tensor at an end is read, and nothing else is done there.
    pub(crate) fn reads_first(&self, end: End) -> bool {
        self.actions.end(end).reads_first && !(end == End::Input && self.may_replace)
    }

    /// Whether what is read there is only kept.
    pub(crate) fn keeps_first(&self, end: End) -> bool {
        self.actions.end(end).keeps_first
    }

    /// Whether the tensors that go in are wanted.
    pub(crate) fn wants_input(&self) -> bool {
        !self.actions.input.at.is_empty() || self.may_replace
    }

    /// Whether the tensors that come out are wanted.
    pub(crate) fn wants_output(&self) -> bool {
        !self.actions.output.at.is_empty()
    }
}

/// A model on several devices, and a plan on it.
pub(crate) struct Placed {
    pub(crate) modules: Arc<Placement>,
    pub(crate) nodes: NodeDevices,
}

/// What a trace brings along beside its graph: tensors and closures, by their numbers.
pub(crate) type Given = (Vec<Constant>, Vec<Option<MapFn>>);

/// A plan while it runs.
pub(crate) struct Machine {
    /// What to do and when. A run changes nothing of it, so that the next equal trace has it too.
    pub(crate) plan: Arc<Plan>,
    /// The modules that run: those of a pass with gradients may be copies, at addresses of their own.
    pub(crate) tree: Arc<Tree>,
    /// The tensors that the trace brings along.
    pub(crate) constants: Vec<Constant>,
    pub(crate) maps: Vec<Option<MapFn>>,
    /// The parameters that the plan reads, of the modules that run.
    pub(crate) parameters: Vec<(NodeId, Erased)>,
    /// Of a plan that runs modules on values.
    pub(crate) call_module: Option<CallModule>,
    pub(crate) slots: Vec<Slot>,
    /// How many inputs a node still waits for.
    pub(crate) waits: Vec<u32>,
    /// How many users a node's tensor still has.
    pub(crate) uses: Vec<u32>,
    pub(crate) ready: Vec<NodeId>,
    /// Where the model lives, if it has parameters: constants go there.
    pub(crate) home: Option<Device>,
    /// Whether the model draws random numbers and learns statistics, as in training.
    pub(crate) trains: bool,
    /// Where its modules and the nodes are, if they are on several devices.
    pub(crate) placed: Option<Placed>,
    /// Numbers on a GPU that are looked at when the run is over.
    pub(crate) unchecked: Vec<(NodeId, Op, Unchecked)>,
    /// How often the modules were called that there is something to do at.
    calls: Vec<u32>,
    /// How much is left that the forward pass is run for.
    pub(crate) goals_left: usize,
    /// Edits that were made.
    pub(crate) applied: Vec<NodeId>,
    pub(crate) skipped: Vec<ModuleId>,
    /// Invokes whose prompts have ended, in a generation.
    pub(crate) ended: Vec<u16>,
    pub(crate) stopped_at: Option<ModuleId>,
    pub(crate) tape: Tape,
    pub(crate) attached: AttachedRuns,
    /// Set where nothing is computed.
    #[cfg(feature = "cost")]
    pub(crate) rehearsal: Option<Rehearsal>,
}

impl Machine {
    pub(crate) fn new(
        plan: Arc<Plan>,
        tree: Arc<Tree>,
        (constants, maps): Given,
        call_module: Option<CallModule>,
        home: Option<Device>,
        placed: Option<Placed>,
        facts: Facts,
    ) -> Self {
        let State {
            mut slots,
            mut waits,
            mut uses,
            mut calls,
            ready,
            applied,
        } = State::take();
        slots.resize(plan.graph.nodes.len(), Slot::Empty);
        waits.extend_from_slice(&plan.waits);
        uses.extend_from_slice(&plan.uses);
        calls.resize(plan.touched().len(), 0);
        Machine {
            slots,
            waits,
            uses,
            ready,
            home,
            placed,
            unchecked: Vec::new(),
            calls,
            goals_left: plan.goals,
            applied,
            skipped: Vec::new(),
            ended: Vec::new(),
            stopped_at: None,
            trains: facts.trains,
            tape: Tape::new(facts.strategy, plan.gradients.as_deref()),
            attached: AttachedRuns::default(),
            #[cfg(feature = "cost")]
            rehearsal: None,
            plan,
            tree,
            constants,
            maps,
            parameters: Vec::new(),
            call_module,
        }
    }

    /// The run is over, and what it kept is handed out.
    pub(crate) fn retire(&mut self) {
        let state = State {
            slots: std::mem::take(&mut self.slots),
            waits: std::mem::take(&mut self.waits),
            uses: std::mem::take(&mut self.uses),
            calls: std::mem::take(&mut self.calls),
            ready: std::mem::take(&mut self.ready),
            applied: std::mem::take(&mut self.applied),
        };
        state.give_back();
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Runs what needs no site.
    pub(crate) fn start(&mut self) -> Result<()> {
        self.ready.extend_from_slice(&self.plan.first);
        self.run_ready()
    }

    /// A module is about to be called: which call this is, and what there is to do.
    pub(crate) fn enter(&mut self, module: ModuleId) -> Option<Visit> {
        let Some(place) = self.plan.place_of(module) else {
            // It still has to be fed where it is.
            return self
                .placed
                .is_some()
                .then(|| self.visit_of(module, &Actions::NONE));
        };
        let call = match self.plan.tree.attachment(module) {
            None => self.calls[place],
            Some(_) => self.attached.enter(module),
        };
        self.calls[place] += 1;
        match self.plan.actions_at(module, call) {
            Some(actions) => Some(self.visit_of(module, actions)),
            None => self
                .placed
                .is_some()
                .then(|| self.visit_of(module, &Actions::NONE)),
        }
    }

    /// How often a module was called; 0 for one that there is nothing to do at.
    pub(crate) fn calls_of(&self, module: ModuleId) -> u32 {
        self.plan.place_of(module).map_or(0, |place| self.calls[place])
    }

    pub(crate) fn visit_of(&self, module: ModuleId, actions: &Actions) -> Visit {
        let may_replace = self.may_replace(module, actions);
        let placed = self.placed.as_ref();
        Visit {
            module,
            actions: actions.clone(),
            may_replace,
            border: placed.and_then(|placed| placed.modules.border(module).cloned()),
            back: placed.and_then(|placed| placed.modules.back(module).cloned()),
        }
    }

    /// Does what there is to do with the tensors at one end of a call, `done` actions being done already.
    ///
    /// Gives an attached module that has to run before the rest: call this again afterwards.
    pub(crate) fn visit(
        &mut self,
        visit: &Visit,
        end: End,
        done: &mut usize,
        tensors: &mut Vec<Erased>,
    ) -> Result<Option<AttachedRun>, Stop> {
        for position in visit.actions.end(end).at.clone().skip(*done) {
            if self.goals_left == 0 {
                break;
            }
            let id = self.plan.action(position);
            // All reads first, so that what an attached module's own edits need is there when it runs.
            if self.plan.written_site(id).is_some()
                && let Some(run) = self.next_attached()
            {
                return Ok(Some(run));
            }
            self.act(id, tensors).map_err(Stop::Failed)?;
            *done += 1;
        }
        if self.goals_left > 0
            && let Some(run) = self.next_attached()
        {
            return Ok(Some(run));
        }
        self.stay(visit.module, end).map(|()| None)
    }

    /// Leaves the forward pass if nothing more is needed of it.
    fn stay(&mut self, module: ModuleId, end: End) -> Result<(), Stop> {
        // Leaving costs an unwinding: not where only returns follow, nor where a panic would end the process.
        if self.goals_left > 0
            || cfg!(panic = "abort")
            || (end == End::Output && is_last(&self.plan.tree, module))
        {
            return Ok(());
        }
        self.stopped_at = Some(module);
        Err(Stop::Done)
    }

    /// Does what there is to do at an end where the first tensor is kept, and nothing else.
    pub(crate) fn keep(&mut self, visit: &Visit, end: End, tensor: Erased) -> Result<(), Stop> {
        let plan = Arc::clone(&self.plan);
        for position in visit.actions.end(end).at.clone() {
            if self.goals_left == 0 {
                break;
            }
            let node = &plan.graph.nodes[plan.action(position).index()];
            let NodeKind::Get(site) = node.kind else { continue };
            if self.is_over(site) {
                continue;
            }
            let mine = self.in_window(site, tensor.clone()).map_err(Stop::Failed)?;
            self.verify(site, node.meta, &mine).map_err(Stop::Failed)?;
            for user in &plan.users[plan.users_of(plan.action(position))] {
                self.waits[user.index()] = 0;
                self.slots[user.index()] = Slot::One(mine.clone());
                self.goals_left -= 1;
            }
        }
        self.stay(visit.module, end)
    }

    /// Whether what passes a site is none of its invoke's, or of its run of an attached module.
    fn is_over(&self, site: SiteId) -> bool {
        self.ended.contains(&site.invoke) && site.invoke > 0 || self.attached.is_of_other_run(site)
    }

    fn act(&mut self, id: NodeId, tensors: &mut Vec<Erased>) -> Result<()> {
        let node = &self.plan.graph.nodes[id.index()];
        let (site, is_read) = match node.kind {
            NodeKind::Get(site) => (site, true),
            NodeKind::Set { site, .. } | NodeKind::Fill { site, .. } => (site, false),
            _ => return Ok(()),
        };
        if self.is_over(site) {
            return Ok(());
        }
        let port = site.port as usize;
        let Some(tensor) = tensors.get(port) else {
            return Err(Error::NoTensor {
                site: site_name(&self.plan.tree, site),
                found: tensors.len(),
                at: self.plan.written_at(id),
            });
        };
        let meta = node.meta;
        if is_read {
            let mut tensor = tensor.clone();
            if let Some(tap) = self.tap_at(id) {
                tensor = self.tapped(tensor, tap);
                tensors[port] = tensor.clone();
            }
            let mine = self.in_window(site, tensor)?;
            self.verify(site, meta, &mine)?;
            self.settle(id, Slot::One(mine));
            return self.run_ready();
        }
        if site.invoke == 0 {
            self.verify(site, meta, tensor)?;
        }
        // The tensor is taken out, so that its memory is written in place where nobody else reads it.
        let written = self.write(id, site, tensors.swap_remove(port))?;
        tensors.push(written);
        let last = tensors.len() - 1;
        tensors.swap(port, last);
        Ok(())
    }

    /// The real tensor must be what the model declares.
    fn verify(&self, site: SiteId, declared: TensorMeta, found: &Erased) -> Result<()> {
        let dims = found.dims();
        // Of a read that is to show what comes by, whatever that is, nothing is known.
        let is_any = declared.dims.rank() == 0;
        if is_any || found.kind() == declared.kind && declared.dims.unify(&dims).is_some() {
            return Ok(());
        }
        Err(Error::Declared {
            site: site_name(&self.plan.tree, site),
            declared: format!(
                "{}, here {} of kind {:?}",
                axes_name(self.axes(site)),
                declared.dims,
                declared.kind
            ),
            kind: found.kind(),
            found: dims,
        })
    }

    fn write(&mut self, id: NodeId, site: SiteId, current: Erased) -> Result<Erased> {
        let value = self.plan.graph.nodes[id.index()].inputs.first().copied();
        let value = value
            .map(|value| self.take(value).ok_or_else(|| self.too_late(id, site)))
            .transpose()?;
        let (takes, edit) = match (&self.plan.graph.nodes[id.index()].kind, value) {
            (NodeKind::Fill { takes, number, .. }, _) => (takes, Edit::Number(*number)),
            (NodeKind::Set { takes, .. }, Some(value)) => (takes, Edit::Tensor(value)),
            _ => return Ok(current),
        };
        let window = self.window(site);
        let written = edit::write_in(&window, current, takes, edit).map_err(|misfit| {
            let axes = self.axes(site);
            misfit.at(site_name(&self.plan.tree, site), axes, self.plan.written_at(id))
        })?;
        self.applied.push(id);
        Ok(written)
    }

    /// The part of a site's tensor that belongs to its invoke; empty for the whole.
    pub(crate) fn window(&self, site: SiteId) -> Vec<Take> {
        if self.plan.tree.attachment(site.module).is_some() {
            // It was called on what belongs to the invoke.
            return Vec::new();
        }
        let mine = (site.invoke as usize).checked_sub(1);
        let Some(windows) = mine.and_then(|mine| self.plan.graph.invokes.get(mine)) else {
            return Vec::new();
        };
        let steps = self.plan.graph.steps.filter(|_| site.call > 0);
        let take = |axis: &AxisMeta| {
            let Some(window) = windows
                .iter()
                .find(|window| window.axis == self.plan.tree.axis_label(axis))
            else {
                return Take::All;
            };
            let more = match (self.plan.tree.axis_in_steps(axis), steps) {
                // A later pass of a generation may have the new position alone, which is everybody's.
                (InSteps::Position, Some(steps)) if steps.cached => return Take::All,
                (InSteps::Position | InSteps::Past, Some(_)) => site.call as usize,
                _ => 0,
            };
            Take::Slice {
                start: window.start as i64,
                end: Some((window.start + window.size + more) as i64),
            }
        };
        self.axes(site).iter().map(take).collect()
    }

    /// That part of the tensor.
    pub(crate) fn in_window(&self, site: SiteId, tensor: Erased) -> Result<Erased> {
        let window = self.window(site);
        if window.iter().all(|take| *take == Take::All) {
            return Ok(tensor);
        }
        let (kind, found) = (tensor.kind(), tensor.dims());
        // A tensor that has not the declared axes has no such part.
        Op::Slice(window).run(vec![tensor]).map_err(|_| Error::Declared {
            site: site_name(&self.plan.tree, site),
            declared: axes_name(self.axes(site)),
            kind,
            found,
        })
    }

    /// The declared axes of a site.
    fn axes(&self, site: SiteId) -> &'static [AxisMeta] {
        let module = self.plan.tree.get(site.module);
        let port = module.and_then(|module| module.ports(site.end).get(site.port as usize));
        port.map_or(&[], |port| port.axes)
    }

    /// A value that an edit needs is not there: it waits for a site that has not been reached.
    fn too_late(&self, edit: NodeId, site: SiteId) -> Error {
        let missing =
            self.plan
                .graph
                .cone([edit])
                .find_map(|id| match self.plan.graph.nodes[id.index()].kind {
                    NodeKind::Get(read) if matches!(self.slots[id.index()], Slot::Empty) => Some(read),
                    _ => None,
                });
        let needed = match missing {
            Some(read) => site_name(&self.plan.tree, read),
            None => String::from("a later site"),
        };
        Error::Order {
            written: site_name(&self.plan.tree, site),
            needed,
            at: self.plan.written_at(edit),
        }
    }

    /// The prompt of an invoke has ended: nothing of it passes any more.
    pub(crate) fn end_invoke(&mut self, invoke: u16) {
        self.ended.push(invoke);
    }

    /// A generation is over: the tokens of each invoke, or of the only prompt.
    pub(crate) fn end_generation(&mut self, tokens: &[Erased]) -> Result<()> {
        let needed = self.plan.ids().filter(|id| self.plan.needed[id.index()]);
        for id in needed.collect::<Vec<_>>() {
            if let NodeKind::Generated(invoke) = self.plan.graph.nodes[id.index()].kind
                && let Some(tokens) = tokens.get((invoke as usize).saturating_sub(1))
            {
                self.settle(id, Slot::One(tokens.clone()));
            }
        }
        self.run_ready()
    }
}
