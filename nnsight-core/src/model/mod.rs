//! A model whose inside can be read and written.

pub(crate) mod attach;
pub(crate) mod bind;
#[cfg(feature = "cost")]
pub(crate) mod capture;
pub(crate) mod check;
pub(crate) mod device_map;
pub(crate) mod devices;
pub(crate) mod display;
pub mod driving;
pub(crate) mod edits;
pub(crate) mod elsewhere;
pub(crate) mod instance;
pub(crate) mod invoke;
pub(crate) mod lasting;
pub(crate) mod parameters;
pub(crate) mod pass;
pub(crate) mod pinned;
#[cfg(feature = "cost")]
pub(crate) mod rehearse;
pub(crate) mod task;
pub(crate) mod tracker;

use crate::write::handles;

use crate::error::{Error, Result};
use crate::graph::node::Steps;
use crate::jobs::Executor;
use crate::model::attach::Attachments;
use crate::model::bind::bind;
use crate::model::driving::{Drive, Driven, Planned, Rehearse};
use crate::model::edits::Edits;
use crate::model::instance::Instances;
use crate::model::invoke::Invokes;
use crate::model::pinned::Pinned;
use crate::ops::real::to_device;
use crate::plan::Plan;
use crate::plan::kept::Plans;
use crate::plan::lost::Lost;
use crate::results::collect::{Collect, IntoInput, Results};
use crate::run::machine::{Given, Machine};
use crate::run::outcome::Runs;
use crate::run::passes;
use crate::run::report::Report;
use crate::tensor::carrier::Carrier;
use crate::tree::Tree;
use crate::tree::module::{Forward, Inspectable};
use crate::write::builder::Builder;
use burn::tensor::Device;
use std::marker::PhantomData;
use std::sync::Arc;

/// A model, pinned in its place, with the tree of its sites.
///
/// `println!("{}", net)` shows the tree. Tracing takes `&self`: threads may trace one model at a time each.
pub struct NnSight<M: Inspectable> {
    pinned: Pinned<M>,
    instances: Arc<Instances<M>>,
    edits: Edits<M>,
    /// Whether a trace that asks for something in vain is refused.
    strict: bool,
    /// Who runs its traces, if another process does.
    executor: Option<Arc<dyn Executor>>,
}

impl<M: Inspectable> Clone for NnSight<M> {
    fn clone(&self) -> Self {
        NnSight {
            pinned: self.pinned.clone(),
            instances: Arc::clone(&self.instances),
            edits: self.edits.clone(),
            strict: self.strict,
            executor: self.executor.clone(),
        }
    }
}

impl<M: Inspectable> NnSight<M> {
    /// Pins a model and numbers its sites.
    pub fn new(model: M) -> Self {
        NnSight {
            pinned: Pinned::new(Arc::new(model), Attachments::default(), None),
            instances: Arc::new(Instances::default()),
            edits: Edits::default(),
            strict: false,
            executor: None,
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
    /// Runs the model on `input` with the interventions of `body`, and gives what `body` saved. The input may be on
    /// another device than the model: it is moved there, if all parameters are on one or a device map says where.
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
        if self.executor.is_some() {
            return Ok((self.submit(input, body)?.wait()?, Report::default()));
        }
        let (args, has_effect, builder, kept) =
            self.write(input.into_input(), self.home(), self.plans(), body)?;
        self.run(Inputs::Args(args), has_effect, builder, kept)
    }

    /// Runs the model once on all the inputs that `body` adds with [`Invokes::invoke`], with the
    /// interventions of `body`, and gives what it saved: `trace!(net, |t: Net| { let a = t.invoke(x); .. })`.
    ///
    /// The inputs may differ in their number of rows only. What the model takes beside the declared tensors reaches it
    /// as it was given; where there are several inputs, all must have given the same.
    ///
    /// # Errors
    /// Those of [`NnSight::trace`], and [`Error::NoInvokes`], [`Error::InvokeSizes`], [`Error::InvokeRest`],
    /// [`Error::InvokeUndeclared`], [`Error::SharedSite`].
    pub fn trace_body<R: Collect>(
        &self,
        _: PhantomData<M>,
        body: impl FnOnce(Invokes<M>) -> R,
    ) -> Result<R::Output> {
        if cfg!(not(feature = "hooks")) {
            return Err(Error::NoHooks);
        }
        if self.executor.is_some() {
            return self.submit_body(PhantomData, body)?.wait();
        }
        let (args, has_effect, builder, kept) = self.write_invokes(self.home(), self.plans(), body)?;
        self.run(Inputs::Args(args), has_effect, builder, kept)
            .map(|(kept, _)| kept)
    }

    /// Writes the graph of a trace whose body adds inputs, and puts these together at `home`. Says as well whether a run
    /// may have an effect on them.
    fn write_invokes<R>(
        &self,
        home: Option<&Device>,
        plans: Option<Arc<Plans>>,
        body: impl FnOnce(Invokes<M>) -> R,
    ) -> Result<(M::Args, bool, Builder, R)> {
        let tree = Arc::clone(&self.pinned.tree);
        let invokes = Invokes::new(Arc::clone(&tree), self.edits.clone());
        let given = invokes.share();
        let (mut builder, kept) = Builder::of_invokes(tree, plans).run(|| body(given))?;
        let (rest, tensors, windows) = invokes.join_all(&builder.bound, home)?;
        builder.graph.invokes = windows;
        let has_effect = M::Args::has_effect(&rest);
        let args = M::Args::put_tensors(rest, &mut tensors.into_iter())?;
        Ok((args, has_effect, builder, kept))
    }

    /// Runs a trace whose inputs `body` adds ([`driving`](crate::model::driving)) and whose forward passes `prepare`
    /// says how to run, once the body has been written. `steps` is for a generation.
    ///
    /// # Errors
    /// What `prepare` finds, and then those of [`NnSight::trace`].
    pub fn trace_driven<'a, R: Collect, E: From<Error>>(
        &self,
        steps: Option<Steps>,
        body: impl FnOnce() -> R,
        prepare: impl FnOnce() -> Result<Driven<'a, M>, E>,
    ) -> Result<(R::Output, Report), E> {
        if cfg!(not(feature = "hooks")) {
            return Err(Error::NoHooks.into());
        }
        let written = self.write_driven(steps, self.plans(), body);
        // An input that could not be made is the reason for whatever the body could not do with it.
        let Driven { windows, drive } = prepare()?;
        let (mut builder, kept) = written?;
        builder.graph.invokes = windows;
        Ok(self.run(Inputs::Drive(drive), false, builder, kept)?)
    }

    /// The plan of such a trace, without running it; `prepare` says what belongs to each invoke, and how its forward
    /// passes can be rehearsed.
    ///
    /// # Errors
    /// What `prepare` finds, and then what [`NnSight::trace`] reports before the forward pass.
    pub fn plan_driven<R: Collect, E: From<Error>>(
        &self,
        steps: Option<Steps>,
        body: impl FnOnce() -> R,
        prepare: impl FnOnce() -> Result<Planned<M>, E>,
    ) -> Result<Plan, E> {
        let written = self.write_driven(steps, None, body);
        let Planned { windows, rehearse } = prepare()?;
        let (mut builder, _) = written?;
        builder.graph.invokes = windows;
        let has_effects = self.has_effects(builder.nodes());
        let plan = Plan::new(builder.into_graph(), Arc::clone(&self.pinned.tree))?;
        Ok(self.with_rehearsal(plan, has_effects, rehearse))
    }

    /// The plan, which can say what it costs.
    #[cfg(feature = "cost")]
    fn with_rehearsal(&self, mut plan: Plan, has_effects: bool, rehearse: Rehearse<M>) -> Plan {
        plan.rehearsal = Some(rehearse::driven(self, has_effects, rehearse));
        plan
    }

    #[cfg(not(feature = "cost"))]
    fn with_rehearsal(&self, plan: Plan, _: bool, _: Rehearse<M>) -> Plan {
        plan
    }

    /// The plan, which can say what it costs on the input.
    #[cfg(feature = "cost")]
    fn on_input(&self, mut plan: Plan, has_effects: bool, args: M::Args) -> Result<Plan>
    where
        <M::Args as Carrier>::Rest: Send + 'static,
    {
        plan.rehearsal = Some(rehearse::on_input(self, has_effects, args)?);
        Ok(plan)
    }

    #[cfg(not(feature = "cost"))]
    fn on_input(&self, plan: Plan, _: bool, _: M::Args) -> Result<Plan> {
        Ok(plan)
    }

    /// The plans of earlier traces, for one that is to be run.
    fn plans(&self) -> Option<Arc<Plans>> {
        Some(Arc::clone(&self.instances.plans))
    }

    /// Writes the graph of a trace whose body adds its inputs.
    fn write_driven<R>(
        &self,
        steps: Option<Steps>,
        plans: Option<Arc<Plans>>,
        body: impl FnOnce() -> R,
    ) -> Result<(Builder, R)> {
        let mut builder = Builder::of_invokes(Arc::clone(&self.pinned.tree), plans);
        builder.graph.steps = steps;
        builder.run(body)
    }

    /// Runs a trace that is written.
    fn run<R: Collect>(
        &self,
        inputs: Inputs<'_, M>,
        has_effects: bool,
        mut builder: Builder,
        kept: R,
    ) -> Result<(R::Output, Report)> {
        if kept.gave_up() {
            let output = kept.collect(&mut Results::new(&mut Runs(&mut []), builder.trace))?;
            return Ok((output, Report::default()));
        }
        let has_effects = has_effects || self.has_effects(builder.nodes());
        let constants = std::mem::take(&mut builder.graph.constants);
        let (given, trace) = ((constants, std::mem::take(&mut builder.maps)), builder.trace);
        let planned = builder.planned(&self.instances.plans, has_effects)?;
        let (plan, lost) = (Arc::clone(&planned.plan), &planned.lost);
        self.heed(lost)?;
        if let losses @ 2.. = plan.losses().len() {
            let drive = inputs.repeated(losses)?;
            if has_effects {
                return Err(Error::LossesWithEffects { losses });
            }
            return self.run_losses(drive, &plan, given, trace, (kept, lost));
        }
        let mut machine = match inputs {
            Inputs::Args(args) => self.pass(plan, given, has_effects, |forward| {
                drop(forward(args));
                Ok(())
            }),
            Inputs::Drive(mut drive) => self.pass(plan, given, has_effects, |forward| drive(forward)),
        }?;
        let not_made = machine.not_made();
        self.heed(&not_made)?;
        let report = machine.report().with_lost(lost.iter().chain(&not_made));
        let mut runs = Runs(std::slice::from_mut(&mut machine));
        let output = kept.collect(&mut Results::new(&mut runs, trace))?;
        machine.retire();
        Ok((output, report))
    }

    /// A trace with several losses: a pass for each.
    fn run_losses<R: Collect>(
        &self,
        mut drive: Drive<'_, M>,
        plan: &Plan,
        given: Given,
        trace: u32,
        (kept, lost): (R, &[Lost]),
    ) -> Result<(R::Output, Report)> {
        let losses = plan.losses().len();
        let facts = self.instances.facts(&self.pinned);
        if facts.trains && facts.has_flags {
            return Err(Error::LossesWithEffects { losses });
        }
        let mut machines = passes::run(plan, given, |plan, given| {
            self.pass(plan, given, false, |forward| drive(forward))
        })?;
        let first = machines.first().map(Machine::report).unwrap_or_default();
        let report = first.with_lost(lost);
        let output = kept.collect(&mut Results::new(&mut Runs(&mut machines), trace))?;
        Ok((output, report))
    }

    /// What is lost is logged; a strict model refuses it.
    fn heed(&self, lost: &[Lost]) -> Result<()> {
        match lost.first() {
            Some(first) if self.strict => Err(first.clone().into_error()),
            _ => {
                lost.iter().for_each(Lost::warn);
                Ok(())
            }
        }
    }

    /// The plan of a trace, without running it: what would be read and written, in which sizes.
    ///
    /// # Errors
    /// What [`NnSight::trace`] reports before the forward pass.
    pub fn plan<I, R>(&self, input: I, body: impl FnOnce(M::Sites) -> R) -> Result<Plan>
    where
        I: IntoInput<M::Args>,
        R: Collect,
        <M::Args as Carrier>::Rest: Send + 'static,
    {
        let (args, has_effect, builder, _) = self.write(input.into_input(), None, None, body)?;
        let has_effects = has_effect || self.has_effects(builder.nodes());
        let plan = Plan::of_run(builder.into_graph(), Arc::clone(&self.pinned.tree), has_effects)?;
        self.on_input(plan, has_effects, args)
    }

    /// [`plan`](Self::plan) on all the inputs that `body` adds with [`Invokes::invoke`].
    ///
    /// # Errors
    /// What [`trace_body`](Self::trace_body) reports before the forward pass.
    pub fn plan_body<R: Collect>(&self, _: PhantomData<M>, body: impl FnOnce(Invokes<M>) -> R) -> Result<Plan>
    where
        <M::Args as Carrier>::Rest: Send + 'static,
    {
        let (args, has_effect, builder, _) = self.write_invokes(None, None, body)?;
        let has_effects = has_effect || self.has_effects(builder.nodes());
        let plan = Plan::of_run(builder.into_graph(), Arc::clone(&self.pinned.tree), has_effects)?;
        self.on_input(plan, has_effects, args)
    }

    /// Binds the input's sizes and writes the graph; what is to run is moved to `home`. Says as well whether a run on the
    /// input may have an effect on it.
    fn write<R>(
        &self,
        args: M::Args,
        home: Option<&Device>,
        plans: Option<Arc<Plans>>,
        body: impl FnOnce(M::Sites) -> R,
    ) -> Result<(M::Args, bool, Builder, R)> {
        let mut tensors = Vec::new();
        let mut rest = args.take_tensors(&mut tensors);
        let has_effect = M::Args::has_effect(&rest);
        let bound = bind(&self.pinned.tree, &tensors)?;
        if let Some(home) = home {
            rest = M::Args::rest_to_device(rest, home);
            tensors = tensors
                .into_iter()
                .map(|tensor| to_device(home, tensor))
                .collect();
        }
        let args = M::Args::put_tensors(rest, &mut tensors.into_iter())?;
        let builder = Builder::new(Arc::clone(&self.pinned.tree), bound, plans);
        let (builder, kept) = builder.run(|| {
            let sites = handles::sites_of(0);
            self.edits.write(sites);
            body(sites)
        })?;
        Ok((args, has_effect, builder, kept))
    }
}

/// What the forward passes of a trace are run on.
enum Inputs<'a, M: Forward> {
    Args(M::Args),
    Drive(Drive<'a, M>),
}

impl<'a, M: Forward> Inputs<'a, M> {
    /// Forward passes on the same inputs, as often as there are losses.
    fn repeated(self, losses: usize) -> Result<Drive<'a, M>> {
        match self {
            Inputs::Args(args) => drive_again::<M>(args, losses),
            Inputs::Drive(drive) => Ok(drive),
        }
    }
}

/// Forward passes on the same input, as often as there are losses: each on all that was given, in its places.
fn drive_again<M: Forward>(args: M::Args, losses: usize) -> Result<Drive<'static, M>> {
    let mut tensors = Vec::new();
    let rest = args.take_tensors(&mut tensors);
    let mut args = Vec::with_capacity(losses);
    for _ in 1..losses {
        let rest = M::Args::copy_rest(&rest).ok_or(Error::InputNotCopied {
            input: std::any::type_name::<M::Args>(),
            losses,
        })?;
        args.push(M::Args::put_tensors(rest, &mut tensors.clone().into_iter())?);
    }
    args.push(M::Args::put_tensors(rest, &mut tensors.into_iter())?);
    let mut args = args.into_iter();
    Ok(Box::new(move |forward| {
        drop(forward(args.next().ok_or(Error::TooFewTensors)?));
        Ok(())
    }))
}
