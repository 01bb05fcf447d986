//! A language model that a server runs: its tokenizer and its sizes are here, its weights there.

use super::batch::Batch;
use super::prompts::{Invoked, Prompts};
use super::{CausalLm, Generation, LanguageModel, NewToken, Prompt};
use crate::error::Result;
use burn::tensor::TensorData;
use nnsight_core::driving::Steps;
use nnsight_core::jobs::{Drawing, Executor, Host, Task};
use nnsight_core::{Collect, Inputs, Job, NamedTensors, NnSight, Plan, Remote, SavedGraph, Tree, graph};
use std::cell::RefCell;
use std::marker::PhantomData;
use std::ops::RangeInclusive;
use std::sync::Arc;

impl<M: CausalLm> LanguageModel<M> {
    /// The same model, whose traces and generations a server runs. No weights are loaded here, and those that are
    /// loaded are not used. The server is asked for it under [`name`](Self::name), or under the one of [`Host`]'s own.
    ///
    /// What comes back is on [`device`](Self::device).
    ///
    /// # Errors
    ///
    /// [`Elsewhere`](nnsight_core::Error::Elsewhere) if the server does not have the model.
    pub fn on(&self, host: &impl Host) -> Result<Remote<Self>> {
        let executor = host.executor(&self.name, &self.tree())?;
        Ok(Remote::new(Self {
            executor: Some(executor),
            extended: Arc::default(),
            ..self.with_edits(self.edits.clone())
        }))
    }

    /// Hands a trace over to the server, without waiting for it: `submit!(lm, prompt, |m: Gpt2| ..)`.
    ///
    /// # Errors
    ///
    /// As [`trace`](Self::trace), and [`NoExecutor`](nnsight_core::Error::NoExecutor) for a model of this process.
    pub fn submit<R: Collect>(
        &self,
        prompt: impl Into<Prompt>,
        body: impl FnOnce(M::Sites) -> R,
    ) -> Result<Job<R>> {
        let pinned = self.pinned()?;
        let invoked = RefCell::default();
        let prompts = Prompts::new(self, pinned.tree(), &invoked);
        let prompt = prompt.into();
        let prepare = || Ok(Invoked::take(&invoked)?.inputs(None, None));
        pinned.submit_driven(None, &self.device, || body(prompts.only(prompt)), prepare)
    }

    /// [`submit`](Self::submit) of several prompts, which `body` adds with [`Prompts::invoke`].
    ///
    /// # Errors
    ///
    /// As [`trace_body`](Self::trace_body), and [`NoExecutor`](nnsight_core::Error::NoExecutor) for a model of this
    /// process.
    pub fn submit_body<R: Collect>(
        &self,
        _: PhantomData<M>,
        body: impl FnOnce(Prompts<'_, M>) -> R,
    ) -> Result<Job<R>> {
        let pinned = self.pinned()?;
        let invoked = RefCell::default();
        let prompts = Prompts::new(self, pinned.tree(), &invoked);
        let prepare = || Ok(Invoked::take(&invoked)?.inputs(Some(pinned.tree()), None));
        pinned.submit_driven(None, &self.device, || body(prompts), prepare)
    }

    /// Runs a trace or a generation that came from elsewhere, within `limits`, and gives what it saves by name. `on_step`
    /// gets the number of each step of a generation that is done, counted from 1.
    ///
    /// # Errors
    ///
    /// [`TaskInput`](nnsight_core::Error::TaskInput) for inputs that are no token ids, and what
    /// [`Graph::replay`](nnsight_core::graph::Graph::replay) and the prompts refuse.
    pub fn run_task(
        &self,
        task: &Task,
        limits: &graph::Limits,
        on_step: &mut dyn FnMut(usize),
    ) -> Result<NamedTensors> {
        let mut prompts = prompts_of(task)?;
        let (graph, mut steps_done) = (&task.graph, 0);
        let on_token = |NewToken { step, .. }: NewToken| {
            if step >= steps_done {
                steps_done = step + 1;
                on_step(steps_done);
            }
        };
        match (graph.steps, graph.invokes.is_empty()) {
            (None, true) => self.trace(prompts.swap_remove(0), |_| graph.replay_within(limits)),
            (None, false) => self.trace_body(PhantomData, |t| {
                for prompt in prompts {
                    t.invoke(prompt);
                }
                graph.replay_within(limits)
            }),
            (Some(steps), true) => {
                let generation = self.generate(prompts.swap_remove(0));
                let generation = generation.of_task(task, steps).stream(on_token);
                generation.trace_body(PhantomData, |_| graph.replay_within(limits))
            }
            (Some(steps), false) => {
                let generation = self.generate_each().of_task(task, steps).stream(on_token);
                generation.trace_body(PhantomData, |t| {
                    for prompt in prompts {
                        t.invoke(prompt);
                    }
                    graph.replay_within(limits)
                })
            }
        }
    }

    /// Runs several such traces in one forward pass, or several such generations step by step: each sees its own prompts
    /// alone, and gets what it gets by itself, to rounding.
    ///
    /// # Errors
    ///
    /// Those of [`run_task`](Self::run_task), of whichever task; then none has run. Tasks of which one
    /// [cannot share](nnsight_core::graph::Graph::shares), or that generate differently, are not to be given.
    pub fn run_tasks(
        &self,
        tasks: &[Task],
        limits: &graph::Limits,
        on_step: &mut dyn FnMut(usize),
    ) -> Result<Vec<NamedTensors>> {
        let prompts = tasks.iter().map(prompts_of).collect::<Result<Vec<_>>>()?;
        let count: usize = prompts.iter().map(Vec::len).sum();
        // Numbers of prompts that wrapped around would be those of other tasks.
        if count >= usize::from(u16::MAX) {
            return Err(nnsight_core::Error::TaskInput {
                found: format!("{count} prompts in one pass"),
                wanted: format!("fewer than {}: run some of the tasks by themselves", u16::MAX),
            }
            .into());
        }
        let mut next = 1;
        let among: Vec<RangeInclusive<u16>> = prompts
            .iter()
            .map(|own| {
                let first = next;
                next += own.len() as u16;
                first..=next - 1
            })
            .collect();
        let replay = || -> Vec<SavedGraph> {
            let tasks = tasks.iter().zip(&among);
            tasks
                .map(|(task, among)| task.graph.replay_among(limits, among.clone()))
                .collect()
        };
        let Some(steps) = tasks.first().and_then(|task| task.graph.steps) else {
            return self.trace_body(PhantomData, |t| {
                for prompt in prompts.into_iter().flatten() {
                    t.invoke(prompt);
                }
                replay()
            });
        };
        let mut steps_done = 0;
        let on_token = |NewToken { step, .. }: NewToken| {
            if step >= steps_done {
                steps_done = step + 1;
                on_step(steps_done);
            }
        };
        let generation = self.generate_each().of_task(&tasks[0], steps).stream(on_token);
        generation.trace_body(PhantomData, |t| {
            for prompt in prompts.into_iter().flatten() {
                t.invoke(prompt);
            }
            replay()
        })
    }

    /// The plan of such a trace, without running it or loading weights.
    ///
    /// # Errors
    ///
    /// What [`run_task`](Self::run_task) refuses before the forward pass.
    pub fn plan_task(&self, task: &Task, limits: &graph::Limits) -> Result<Plan> {
        let mut prompts = prompts_of(task)?;
        let graph = &task.graph;
        match (graph.steps, graph.invokes.is_empty()) {
            (None, true) => self.plan(prompts.swap_remove(0), |_| graph.replay_within(limits)),
            (None, false) => self.plan_body(PhantomData, |t| {
                for prompt in prompts {
                    t.invoke(prompt);
                }
                graph.replay_within(limits)
            }),
            (Some(steps), true) => {
                let generation = self.generate(prompts.swap_remove(0)).of_task(task, steps);
                generation.plan_body(PhantomData, |_| graph.replay_within(limits))
            }
            (Some(steps), false) => {
                let generation = self.generate_each().of_task(task, steps);
                generation.plan_body(PhantomData, |t| {
                    for prompt in prompts {
                        t.invoke(prompt);
                    }
                    graph.replay_within(limits)
                })
            }
        }
    }

    /// The tree of its sites, for traces that `executor` runs.
    pub(super) fn without_weights(&self, executor: &Arc<dyn Executor>) -> NnSight<M> {
        let model = NnSight::new(M::init(&self.device)).with_attachments(self.attached.clone());
        let model = model.run_by(Arc::clone(executor));
        if self.strict { model.strict() } else { model }
    }
}

impl<'a, M: CausalLm, P> Generation<'a, M, P> {
    /// With the steps and the drawing of a task.
    fn of_task(self, task: &Task, steps: Steps) -> Self {
        let generation = self.max_new_tokens(steps.most as usize);
        let generation = match steps.cached {
            true => generation,
            false => generation.without_cache(),
        };
        match &task.drawing {
            Some(drawing) => generation.drawn_as(drawing.clone()),
            None => generation,
        }
    }
}

/// The prompts of a task: each input has the token ids of its rows, a list each.
fn prompts_of(task: &Task) -> Result<Vec<Prompt>> {
    task.check_inputs()?;
    let row = |data: &TensorData| -> Result<Prompt> {
        let dtype = data.dtype();
        let is_list = data.shape().num_dims() == 1 && (dtype.is_int() || dtype.is_uint());
        match is_list {
            true => Ok(Prompt::Ids(data.iter::<i64>().collect())),
            false => Err(nnsight_core::Error::TaskInput {
                found: format!("a tensor of {dtype:?} with sizes {:?}", data.shape().as_slice()),
                wanted: String::from("a list of token ids for each row"),
            }
            .into()),
        }
    };
    let inputs = task.inputs.iter();
    let prompt = |rows: &Vec<TensorData>| -> Result<Prompt> {
        let mut rows = rows.iter().map(row).collect::<Result<Vec<_>>>()?;
        Ok(match rows.len() {
            1 => rows.swap_remove(0),
            _ => Prompt::Batch(rows),
        })
    };
    inputs.map(prompt).collect()
}

impl Batch {
    /// The prompts as another process takes them: the token ids of each row, invoke by invoke. Where the body has added
    /// invokes, `tree` is that of the model.
    pub(super) fn inputs(&self, tree: Option<&Tree>, drawing: Option<Drawing>) -> Inputs {
        let row = |ids: &Vec<i64>| TensorData::new(ids.clone(), [ids.len()]);
        let tensors = self
            .invokes()
            .map(|own| self.rows()[own].iter().map(row).collect());
        Inputs {
            windows: tree.map_or_else(Vec::new, |tree| self.windows(tree)),
            tensors: tensors.collect(),
            drawing,
        }
    }
}
