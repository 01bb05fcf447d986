//! Traces of a model that another process runs.

use super::NnSight;
use crate::error::{Error, Result};
use crate::graph::node::{Constant, Steps, Window};
use crate::jobs::{Drawing, Executor, Host, Job, Remote, Task, Written, check_portable};
use crate::model::invoke::Invokes;
use crate::results::collect::{Collect, IntoInput};
use crate::tensor::carrier::Carrier;
use crate::tensor::erased::Erased;
use crate::tree::ModuleId;
use crate::tree::module::{Forward, Inspectable};
use crate::write::builder::Builder;
use burn::tensor::{Device, TensorData};
use std::marker::PhantomData;
use std::sync::Arc;

/// What a trace is run on whose inputs another crate of models makes: for [`NnSight::submit_driven`].
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The part of the batch that belongs to each invoke; none for the whole.
    pub windows: Vec<Vec<Window>>,
    /// The tensors of each invoke, or of the only input.
    pub tensors: Vec<Vec<TensorData>>,
    /// How tokens are drawn, if the trace generates.
    pub drawing: Option<Drawing>,
}

impl<M: Inspectable> NnSight<M> {
    /// The same model, whose traces `executor` runs: its own parameters are not used, and never made if nothing else
    /// asks for them. This one stays as it is.
    #[must_use = "what is returned runs elsewhere"]
    pub fn run_by(&self, executor: Arc<dyn Executor>) -> Self {
        NnSight {
            executor: Some(executor),
            ..self.clone()
        }
    }

    /// The same model, whose traces a server runs: `net.on(&server)?`. The server must have a model of the same type; it
    /// is asked for under the type's name, or under the one of [`Host`]'s own.
    ///
    /// # Errors
    /// [`Error::Elsewhere`] if the server does not have the model.
    pub fn on(&self, host: &impl Host) -> Result<Remote<Self>> {
        let tree = self.tree();
        let executor = host.executor(tree.model_name(), tree)?;
        Ok(Remote::new(self.run_by(executor)))
    }

    /// Who runs its traces, if another process does.
    pub fn executor(&self) -> Option<&Arc<dyn Executor>> {
        self.executor.as_ref()
    }
}

impl<M: Inspectable + Forward> NnSight<M> {
    /// Hands a trace over to the process that runs this model's traces, without waiting for it. All that
    /// [`trace`](Self::trace) checks before the forward pass is checked here first.
    ///
    /// # Errors
    /// Those of [`trace`](Self::trace); [`Error::NoExecutor`] for a model of this process, [`Error::NotPortable`] for a
    /// trace with a closure, [`Error::Elsewhere`] if it is not taken.
    pub fn submit<I, R>(&self, input: I, body: impl FnOnce(M::Sites) -> R) -> Result<Job<R>>
    where
        I: IntoInput<M::Args>,
        R: Collect,
    {
        let executor = self.executor.as_deref().ok_or(Error::NoExecutor)?;
        let (args, _, builder, kept) = self.write(input.into_input(), None, self.plans(), body)?;
        let mut tensors = Vec::new();
        // What is no tensor is the server's own: it makes the rest anew.
        args.take_tensors(&mut tensors);
        let inputs = Inputs {
            tensors: vec![as_data(&tensors)?],
            ..Inputs::default()
        };
        let device = tensors.first().map_or_else(Device::flex, Erased::device);
        self.hand_over(executor, builder, kept, inputs, device)
    }

    /// [`submit`](Self::submit) with all the inputs that `body` adds.
    ///
    /// # Errors
    /// Those of [`submit`](Self::submit) and of [`trace_body`](Self::trace_body).
    pub fn submit_body<R: Collect>(
        &self,
        _: PhantomData<M>,
        body: impl FnOnce(Invokes<M>) -> R,
    ) -> Result<Job<R>> {
        let executor = self.executor.as_deref().ok_or(Error::NoExecutor)?;
        let tree = Arc::clone(&self.pinned.tree);
        let invokes = Invokes::new(Arc::clone(&tree), self.edits.clone());
        let given = invokes.share();
        let (mut builder, kept) = Builder::of_invokes(tree, self.plans()).run(|| body(given))?;
        let tensors = invokes.tensors();
        let device = tensors.iter().flatten().next();
        let device = device.map_or_else(Device::flex, Erased::device);
        let own = tensors.iter().map(|own| as_data(own)).collect::<Result<_>>()?;
        let (.., windows) = invokes.join_all(&builder.bound, None)?;
        builder.graph.invokes = windows;
        let inputs = Inputs {
            tensors: own,
            ..Inputs::default()
        };
        self.hand_over(executor, builder, kept, inputs, device)
    }

    /// [`submit`](Self::submit) of a trace whose inputs `body` adds and `prepare` describes once it is written. What
    /// comes back is put onto `device`.
    ///
    /// # Errors
    /// What `prepare` finds, and then those of [`submit`](Self::submit).
    pub fn submit_driven<R: Collect, E: From<Error>>(
        &self,
        steps: Option<Steps>,
        device: &Device,
        body: impl FnOnce() -> R,
        prepare: impl FnOnce() -> Result<Inputs, E>,
    ) -> Result<Job<R>, E> {
        let executor = self.executor.as_deref().ok_or(Error::NoExecutor)?;
        let written = self.write_driven(steps, self.plans(), body);
        // An input that could not be made is the reason for whatever the body could not do with it.
        let mut inputs = prepare()?;
        let (mut builder, kept) = written?;
        builder.graph.invokes = std::mem::take(&mut inputs.windows);
        Ok(self.hand_over(executor, builder, kept, inputs, device.clone())?)
    }

    /// Plans what is written, and hands it over.
    fn hand_over<R: Collect>(
        &self,
        executor: &dyn Executor,
        mut builder: Builder,
        kept: R,
        inputs: Inputs,
        device: Device,
    ) -> Result<Job<R>> {
        if cfg!(not(feature = "hooks")) {
            return Err(Error::NoHooks);
        }
        let (trace, tree) = (builder.trace, Arc::clone(&self.pinned.tree));
        let constants = std::mem::take(&mut builder.graph.constants);
        let (mut task, gave_up) = (Task::default(), kept.gave_up());
        if !gave_up {
            check_portable(builder.nodes())?;
            // Whether the model trains is for the process to say that has it.
            let has_effects = tree.has_effect(ModuleId::ROOT, false);
            let planned = builder.planned(&self.instances.plans, has_effects)?;
            self.heed(&planned.lost)?;
            task = Task {
                graph: planned.plan.graph(),
                inputs: inputs.tensors,
                drawing: inputs.drawing,
            };
            let constants = constants.into_iter().map(|constant| match constant {
                Constant::Tensor(tensor) => Ok(Constant::Data(tensor.to_data()?)),
                data => Ok(data),
            });
            task.graph.constants = constants.collect::<Result<_>>()?;
        }
        let written = Written {
            task,
            kept,
            trace,
            tree,
            device,
        };
        match gave_up {
            true => Ok(written.given_up()),
            false => written.submit(executor),
        }
    }
}

fn as_data(tensors: &[Erased]) -> Result<Vec<TensorData>> {
    tensors.iter().map(Erased::to_data).collect()
}
