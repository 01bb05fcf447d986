//! A model whose inside can be read and written.

mod display;

use crate::axes::Extent;
use crate::carrier::Carrier;
use crate::dims::Dims;
use crate::error::{Error, Result};
use crate::gradient::{Instances, run_passes};
use crate::graph::{self, Bound, Builder, MapFn, axes_name};
use crate::interleave::{Installed, Machine, call, catch};
use crate::invoke::Invokes;
use crate::module::{Forward, Inspectable};
use crate::plan::Plan;
use crate::report::Report;
use crate::tensor::Erased;
use crate::trace::{Collect, IntoInput, Results};
use crate::tree::{ModuleId, Tree, TreeBuilder};
use std::marker::PhantomData;
use std::sync::Arc;

/// A model, pinned in its place, with the tree of its sites.
///
/// `println!("{}", net)` shows the tree. Tracing takes `&self`: threads may trace one model at a time each.
pub struct NnSight<M> {
    pinned: Pinned<M>,
    instances: Arc<Instances<M>>,
}

impl<M> Clone for NnSight<M> {
    fn clone(&self) -> Self {
        NnSight {
            pinned: self.pinned.clone(),
            instances: Arc::clone(&self.instances),
        }
    }
}

/// A model in its place, and the tree of its modules with their addresses there.
pub(crate) struct Pinned<M> {
    pub(crate) model: Arc<M>,
    pub(crate) tree: Arc<Tree>,
}

impl<M> Clone for Pinned<M> {
    fn clone(&self) -> Self {
        Pinned {
            model: Arc::clone(&self.model),
            tree: Arc::clone(&self.tree),
        }
    }
}

impl<M: Inspectable> Pinned<M> {
    pub(crate) fn new(model: M) -> Self {
        let model = Arc::new(model);
        let tree = Arc::new(TreeBuilder::walk(|tree| model.describe(tree)));
        Pinned { model, tree }
    }
}

impl<M: Inspectable> NnSight<M> {
    /// Pins a model and numbers its sites.
    pub fn new(model: M) -> Self {
        NnSight {
            pinned: Pinned::new(model),
            instances: Arc::new(Instances::default()),
        }
    }

    /// The model, for plain use.
    pub fn model(&self) -> &M {
        &self.pinned.model
    }

    /// The model back; a copy of its handles if a clone of this is still in use.
    pub fn into_model(self) -> M {
        Arc::try_unwrap(self.pinned.model).unwrap_or_else(|shared| M::clone(&shared))
    }

    /// The tree of its modules.
    pub fn tree(&self) -> &Tree {
        &self.pinned.tree
    }
}

impl<M: Inspectable + Forward> NnSight<M> {
    /// Runs the model on `input` with the interventions of `body`, and gives what `body` saved.
    ///
    /// This is what [`trace!`](crate::trace!) calls; without the macro a body reads
    /// `|m| m.layer1.output.get().save()`.
    ///
    /// # Errors
    /// Everything that cannot work is an [`Error`] before the forward pass starts; during it only what the
    /// text of the model does not show (a site that was not reached, a result of `map` of wrong sizes).
    ///
    /// # Panics
    /// A panic of the model, or of a closure in the trace, goes through and leaves nothing behind.
    pub fn trace<I, R>(&self, input: I, body: impl FnOnce(M::Sites) -> R) -> Result<R::Output>
    where
        I: IntoInput<M::Args>,
        R: Collect,
    {
        self.trace_with_report(input, body).map(|(kept, _)| kept)
    }

    /// [`NnSight::trace`], with what the run left out: edits that nothing saved could see, modules that
    /// were not run, where the forward pass ended.
    ///
    /// # Errors
    /// The same.
    pub fn trace_with_report<I, R>(
        &self,
        input: I,
        body: impl FnOnce(M::Sites) -> R,
    ) -> Result<(R::Output, Report)>
    where
        I: IntoInput<M::Args>,
        R: Collect,
    {
        if cfg!(not(feature = "hooks")) {
            return Err(Error::NoHooks);
        }
        let (args, builder, kept) = self.write(input.into_input(), body)?;
        self.run(args, builder, kept)
    }

    /// Runs the model once on all the inputs that `body` adds with [`Invokes::invoke`], with the
    /// interventions of `body`, and gives what it saved: `trace!(net, |t: Net| { let a = t.invoke(x); .. })`.
    ///
    /// The inputs may differ in their number of rows only, and the model must take nothing but tensors.
    ///
    /// # Errors
    /// Those of [`NnSight::trace`], and [`Error::NoInvokes`], [`Error::InvokeSizes`], [`Error::SharedSite`].
    pub fn trace_body<R: Collect>(
        &self,
        _: PhantomData<M>,
        body: impl FnOnce(Invokes<M>) -> R,
    ) -> Result<R::Output> {
        if cfg!(not(feature = "hooks")) {
            return Err(Error::NoHooks);
        }
        let tree = Arc::clone(&self.pinned.tree);
        let invokes = Invokes::new(Arc::clone(&tree));
        let given = invokes.share();
        let (mut builder, kept) = Builder::of_invokes(tree).run(|| body(given))?;
        let (tensors, windows) = invokes.batch(&builder.bound)?;
        builder.graph.invokes = windows;
        let args = M::Args::from_tensors(&mut tensors.into_iter())?;
        self.run(args, builder, kept).map(|(kept, _)| kept)
    }

    /// Runs a trace that is written.
    fn run<R: Collect>(&self, args: M::Args, builder: Builder, kept: R) -> Result<(R::Output, Report)> {
        let (maps, trace) = (builder.maps, builder.trace);
        let plan = Plan::new(builder.graph, Arc::clone(&self.pinned.tree))?;
        if plan.losses().len() > 1 {
            return self.trace_losses(plan, maps, trace, args, kept);
        }
        let mut machine = self.pass(plan, maps, args)?;
        let report = machine.report();
        let mut results = Results::new(std::slice::from_mut(&mut machine), trace);
        Ok((kept.collect(&mut results)?, report))
    }

    /// One forward pass, and the backward pass if there is a loss.
    fn pass(&self, mut plan: Plan, maps: Vec<Option<MapFn>>, args: M::Args) -> Result<Machine> {
        let (mut pinned, mut leaves, mut strategy) = (self.pinned.clone(), Vec::new(), None);
        if let Some(gradients) = &plan.gradients {
            (pinned, leaves) = self.instances.for_pass(&self.pinned, &gradients.wanted)?;
            strategy = self.instances.facts(&self.pinned.model).strategy;
            plan.tree = Arc::clone(&pinned.tree);
        }
        let model = Arc::clone(&pinned.model);
        let call_module = Box::new(move |path: &[u32], tensors| model.call_at(path, tensors));
        let mut machine = Machine::new(plan, maps, call_module, strategy);
        if machine.start()? {
            let installed = Installed::new(machine);
            let model = pinned.model.as_ref();
            catch(|| call(model, None, args, |args| model.forward_args(args)))?;
            machine = match installed.finish() {
                Some(machine) => *machine,
                None => return Err(Error::PanicCaught),
            };
        }
        machine.check_complete()?;
        match machine.pass() {
            Some(_) => machine.backward(leaves),
            None => Ok(machine),
        }
    }

    /// A trace with several losses: a pass for each.
    fn trace_losses<R: Collect>(
        &self,
        plan: Plan,
        maps: Vec<Option<MapFn>>,
        trace: u32,
        args: M::Args,
        kept: R,
    ) -> Result<(R::Output, Report)> {
        let losses = plan.losses().len();
        let facts = self.instances.facts(&self.pinned.model);
        if facts.trains && facts.has_flags {
            return Err(Error::LossesInTraining { losses });
        }
        let mut tensors = Vec::new();
        let rest = args.take_tensors(&mut tensors);
        let mut args = vec![M::Args::put_tensors(rest, &mut tensors.clone().into_iter())?];
        for _ in 1..losses {
            args.push(M::Args::from_tensors(&mut tensors.clone().into_iter())?);
        }
        drop(tensors);
        let mut args = args.into_iter();
        let mut machines = run_passes(&plan, maps, |plan, maps| {
            self.pass(plan, maps, args.next().ok_or(Error::TooFewTensors)?)
        })?;
        let first = machines.first().map(Machine::report).unwrap_or_default();
        let report = Report {
            unused_edits: plan.dropped_edits(),
            ..first
        };
        let output = kept.collect(&mut Results::new(&mut machines, trace))?;
        Ok((output, report))
    }

    /// The plan of a trace, without running it: what would be read and written, in which sizes.
    ///
    /// # Errors
    /// What [`NnSight::trace`] reports before the forward pass.
    pub fn plan<I, R>(&self, input: I, body: impl FnOnce(M::Sites) -> R) -> Result<Plan>
    where
        I: IntoInput<M::Args>,
        R: Collect,
    {
        let (_, builder, _) = self.write(input.into_input(), body)?;
        Plan::new(builder.graph, Arc::clone(&self.pinned.tree))
    }

    /// Binds the input's sizes and writes the graph.
    fn write<R>(&self, args: M::Args, body: impl FnOnce(M::Sites) -> R) -> Result<(M::Args, Builder, R)> {
        let mut tensors = Vec::new();
        let rest = args.take_tensors(&mut tensors);
        let bound = bind(&self.pinned.tree, &tensors)?;
        let args = M::Args::put_tensors(rest, &mut tensors.into_iter())?;
        let builder = Builder::new(Arc::clone(&self.pinned.tree), bound);
        let (builder, kept) = builder.run(|| body(graph::sites_of(0)))?;
        Ok((args, builder, kept))
    }
}

/// The sizes that an input gives to the run-time axes of a model.
pub(crate) fn bind(tree: &Tree, tensors: &[Erased]) -> Result<Bound> {
    let Some(root) = tree.get(ModuleId::ROOT) else {
        return Ok(Vec::new());
    };
    if tensors.len() < root.inputs.len() {
        return Err(Error::InputCount {
            wanted: root.inputs.len(),
            found: tensors.len(),
        });
    }
    let mut bound = Bound::new();
    for (port, tensor) in root.inputs.iter().zip(tensors) {
        let found = tensor.dims();
        let refuse = |conflict| Error::Input {
            port: port.name.clone(),
            declared: axes_name(port.axes),
            found,
            conflict,
        };
        let declared = Dims::of_axes(port.axes, |_| None);
        if tensor.kind() != port.kind || declared.unify(&found).is_none() {
            return Err(refuse(false));
        }
        for (axis, size) in port.axes.iter().zip(found.sizes().iter()) {
            let (Extent::Bound, Some(size)) = (axis.extent, *size) else {
                continue;
            };
            match bound.iter().find(|(name, _)| *name == axis.name) {
                Some((_, other)) if *other != size => return Err(refuse(true)),
                Some(_) => {}
                None => bound.push((axis.name, size)),
            }
        }
    }
    for (axis, like) in &tree.aliases {
        if let Some((_, size)) = bound.iter().find(|(name, _)| name == like).copied() {
            bound.push((axis, size));
        }
    }
    Ok(bound)
}
