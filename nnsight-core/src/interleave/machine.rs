//! The state of a running plan.

use super::Stop;
use super::attached::{AttachedRun, AttachedRuns};
use super::backward::Tape;
use super::edit::{self, Edit};
use crate::axes::AxisMeta;
use crate::device_map::{NodeDevices, Placement};
use crate::error::{Error, Result};
use crate::graph::{MapFn, NodeId, NodeKind, SiteId, TensorMeta, axes_name, site_name};
use crate::index::Take;
use crate::ops::{Op, Unchecked, to_device};
use crate::plan::{Actions, Plan, is_last};
use crate::report::Report;
use crate::shape::KindTag;
use crate::site::End;
use crate::tensor::Erased;
use crate::tree::{InSteps, ModuleId, Tree};
use burn::backend::GradientCheckpointingStrategy;
use burn::tensor::Device;
use std::rc::Rc;
use std::sync::Arc;

/// Runs one of the modules of the model's tree.
pub(crate) type CallModule = Rc<dyn Fn(ModuleId, Vec<Erased>) -> Result<Vec<Erased>>>;

/// What a node has given so far.
#[derive(Clone, Debug)]
pub(super) enum Slot {
    Empty,
    One(Erased),
    /// The tensors of a module with several outputs.
    Many(Vec<Erased>),
}

/// One call of a module, and what there is to do at it.
pub(crate) struct Visit {
    module: ModuleId,
    actions: Actions,
    may_replace: bool,
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

    /// Whether the tensors that go in are wanted.
    pub(crate) fn wants_input(&self) -> bool {
        !self.actions.input.is_empty() || self.may_replace
    }

    /// Whether the tensors that come out are wanted.
    pub(crate) fn wants_output(&self) -> bool {
        !self.actions.output.is_empty()
    }
}

/// A model on several devices, and a plan on it.
pub(crate) struct Placed {
    pub(crate) modules: Arc<Placement>,
    pub(crate) nodes: NodeDevices,
}

/// A plan while it runs.
pub(crate) struct Machine {
    pub(super) plan: Plan,
    pub(super) maps: Vec<Option<MapFn>>,
    pub(super) call_module: CallModule,
    pub(super) slots: Vec<Slot>,
    /// How many inputs a node still waits for.
    pub(super) waits: Vec<u32>,
    /// How many users a node's tensor still has.
    pub(super) uses: Vec<u32>,
    pub(super) ready: Vec<NodeId>,
    /// Where the model lives, if it has parameters: constants go there.
    pub(super) home: Option<Device>,
    /// Where its modules and the nodes are, if they are on several devices.
    pub(super) placed: Option<Placed>,
    /// Numbers on a GPU that are looked at when the run is over.
    pub(super) unchecked: Vec<(NodeId, Op, Unchecked)>,
    calls: Vec<u32>,
    /// How much is left that the forward pass is run for.
    pub(crate) goals_left: usize,
    /// Edits that were made.
    pub(super) applied: Vec<NodeId>,
    skipped: Vec<ModuleId>,
    /// Invokes whose prompts have ended, in a generation.
    ended: Vec<u16>,
    stopped_at: Option<ModuleId>,
    pub(super) tape: Tape,
    pub(super) attached: AttachedRuns,
}

impl Machine {
    pub(crate) fn new(
        mut plan: Plan,
        maps: Vec<Option<MapFn>>,
        call_module: CallModule,
        home: Option<Device>,
        placed: Option<Placed>,
        strategy: Option<GradientCheckpointingStrategy>,
    ) -> Self {
        let count = plan.graph.nodes.len();
        let inputs = plan.graph.nodes.iter().map(|node| node.inputs.len() as u32);
        Machine {
            slots: vec![Slot::Empty; count],
            waits: inputs.collect(),
            uses: std::mem::take(&mut plan.uses),
            ready: Vec::new(),
            home,
            placed,
            unchecked: Vec::new(),
            calls: vec![0; plan.tree.modules.len()],
            goals_left: plan.goals,
            applied: Vec::new(),
            skipped: Vec::new(),
            ended: Vec::new(),
            stopped_at: None,
            tape: Tape::new(strategy),
            attached: AttachedRuns::default(),
            plan,
            maps,
            call_module,
        }
    }

    pub(crate) fn shared_tree(&self) -> Arc<Tree> {
        Arc::clone(&self.plan.tree)
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.plan.tree
    }

    /// Runs what needs no site.
    pub(crate) fn start(&mut self) -> Result<()> {
        for id in (0..self.plan.graph.nodes.len() as u32).map(NodeId) {
            let node = &self.plan.graph.nodes[id.index()];
            if self.plan.needed[id.index()] && node.inputs.is_empty() && !node.kind.waits_for_run() {
                self.ready.push(id);
            }
        }
        self.run_ready()
    }

    /// A module is about to be called: which call this is, and what there is to do.
    pub(crate) fn enter(&mut self, module: ModuleId) -> Visit {
        let call = match self.plan.tree.attachment(module) {
            None => self.calls[module.index()],
            Some(_) => self.attached.enter(module),
        };
        self.calls[module.index()] += 1;
        let actions = self.plan.actions_at(module, call);
        let may_replace = self.may_replace(module, &actions);
        let placed = self.placed.as_ref();
        Visit {
            module,
            actions,
            may_replace,
            border: placed.and_then(|placed| placed.modules.border(module).cloned()),
            back: placed.and_then(|placed| placed.modules.back(module).cloned()),
        }
    }

    /// Whether the first thing done to the output may be to replace it whole.
    fn may_replace(&self, module: ModuleId, actions: &Actions) -> bool {
        let writes_whole =
            |position: usize| match &self.plan.graph.nodes[self.plan.action(position).index()].kind {
                NodeKind::Set { site, takes } | NodeKind::Fill { site, takes, .. } => {
                    takes.is_empty() && site.invoke == 0
                }
                _ => false,
            };
        actions.output.clone().next().is_some_and(writes_whole) && !self.plan.reads_inside(module)
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
        let actions = match end {
            End::Input => visit.actions.input.clone(),
            End::Output => visit.actions.output.clone(),
        };
        for position in actions.skip(*done) {
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
        // Leaving costs an unwinding: not where only returns follow, nor where a panic would end the process.
        let stay = cfg!(panic = "abort") || (end == End::Output && is_last(&self.plan.tree, visit.module));
        if self.goals_left > 0 || stay {
            return Ok(None);
        }
        self.stopped_at = Some(visit.module);
        Err(Stop::Done)
    }

    fn act(&mut self, id: NodeId, tensors: &mut Vec<Erased>) -> Result<()> {
        let node = &self.plan.graph.nodes[id.index()];
        let (site, is_read) = match node.kind {
            NodeKind::Get(site) => (site, true),
            NodeKind::Set { site, .. } | NodeKind::Fill { site, .. } => (site, false),
            _ => return Ok(()),
        };
        if self.ended.contains(&site.invoke) && site.invoke > 0 || self.attached.is_of_other_run(site) {
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
        if found.kind() == declared.kind && declared.dims.unify(&dims).is_some() {
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
    pub(super) fn window(&self, site: SiteId) -> Vec<Take> {
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
            let Some(window) = windows.iter().find(|window| window.axis == axis.name) else {
                return Take::All;
            };
            let more = match (self.plan.tree.axis_in_steps(axis.name), steps) {
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
    pub(super) fn in_window(&self, site: SiteId, tensor: Erased) -> Result<Erased> {
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
        let mut open = self.plan.graph.nodes[edit.index()].inputs.clone();
        let mut needed = String::from("a later site");
        while let Some(id) = open.pop() {
            let node = &self.plan.graph.nodes[id.index()];
            match node.kind {
                NodeKind::Get(read) if matches!(self.slots[id.index()], Slot::Empty) => {
                    needed = site_name(&self.plan.tree, read);
                    break;
                }
                _ => open.extend(&node.inputs),
            }
        }
        Error::Order {
            written: site_name(&self.plan.tree, site),
            needed,
            at: self.plan.written_at(edit),
        }
    }

    /// What stands in for a module's output when everything about it is replaced, so that it need not run.
    pub(crate) fn replacement(&self, visit: &Visit, inputs: &[Erased]) -> Option<Vec<Erased>> {
        if !visit.may_replace {
            return None;
        }
        let ports = &self.plan.tree.get(visit.module)?.outputs;
        let mut tensors = Vec::with_capacity(ports.len());
        for port in 0..ports.len() {
            let mut actions = visit
                .actions
                .output
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
                        Slot::One(tensor) => self.at_module(visit.module, tensor.clone()),
                        _ => return None,
                    }
                }
                NodeKind::Fill { takes, number, .. }
                    if takes.is_empty() && node.meta.kind == KindTag::Float =>
                {
                    let like = inputs.iter().find(|tensor| tensor.kind() == KindTag::Float)?;
                    edit::full(&node.meta.dims.all_known()?, *number, like)
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

    /// Whether a read has not been done, as far as its readers know.
    fn waits_for_site(&self, id: NodeId) -> bool {
        let users = &self.plan.users[self.plan.users_of(id)];
        users.iter().any(|user| self.waits[user.index()] > 0)
    }

    /// What a saved value became.
    pub(crate) fn saved(&mut self, id: NodeId) -> Option<Erased> {
        match std::mem::replace(&mut self.slots[id.index()], Slot::Empty) {
            // The tape is used up: what was tracked is a tensor like any other.
            Slot::One(tensor) if self.plan.gradients.is_some() => Some(tensor.without_autodiff()),
            Slot::One(tensor) => Some(tensor),
            _ => None,
        }
    }

    /// After the forward pass: everything it was run for must be there.
    pub(crate) fn check_complete(&self) -> Result<()> {
        if self.goals_left == 0 {
            return Ok(());
        }
        let is_missing = |id: &NodeId| {
            let kind = &self.plan.graph.nodes[id.index()].kind;
            let wanted = matches!(kind, NodeKind::Save) && !self.plan.is_late(*id)
                || matches!(kind, NodeKind::Backward);
            wanted && self.plan.needed[id.index()] && self.waits[id.index()] > 0
        };
        let mut open: Vec<NodeId> = self.plan.ids().filter(is_missing).take(1).collect();
        if open.is_empty() {
            return Ok(());
        }
        while let Some(id) = open.pop() {
            if let Some(error) = self.unreached(Some(id)) {
                return Err(error);
            }
            open.extend(&self.plan.graph.nodes[id.index()].inputs);
        }
        Err(Error::TooFewTensors)
    }

    /// After the run: numbers that were not looked at during it must be what their operations take.
    pub(crate) fn check_numbers(&self) -> Result<()> {
        for (id, op, numbers) in &self.unchecked {
            let at = self.plan.written_at(*id);
            numbers.check().map_err(|source| Error::op(op, source, at))?;
        }
        Ok(())
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

    /// The error of a read whose module was not called that often, in a forward pass that ran to its end.
    pub(super) fn unreached(&self, read: Option<NodeId>) -> Option<Error> {
        let ran_to_its_end = self.calls[ModuleId::ROOT.index()] > 0 && self.stopped_at.is_none();
        let id = read.filter(|_| ran_to_its_end)?;
        match self.plan.graph.nodes[id.index()].kind {
            NodeKind::Get(site) if self.plan.graph.steps.is_some() && site.call > 0 => {
                (self.waits_for_site(id)).then(|| Error::StepNotReached {
                    site: site_name(&self.plan.tree, site),
                    at: self.plan.written_at(id),
                })
            }
            NodeKind::Get(site) if self.calls[site.module.index()] <= site.call => Some(Error::NotReached {
                site: site_name(&self.plan.tree, site),
                calls: self.calls[site.module.index()],
                at: self.plan.written_at(id),
            }),
            _ => None,
        }
    }

    /// What the run left out.
    pub(crate) fn report(&self) -> Report {
        let needed = self.plan.ids().filter(|id| self.plan.needed[id.index()]);
        let late = needed.filter(|id| !self.applied.contains(id));
        let late = late.filter_map(|id| self.plan.edit_name(id));
        let path = |id: &ModuleId| self.plan.tree.path(*id).to_owned();
        Report {
            unused_edits: self.plan.dropped_edits().into_iter().chain(late).collect(),
            skipped: self.skipped.iter().map(path).collect(),
            stopped_at: self.stopped_at.as_ref().map(path),
        }
    }
}
