//! Running a trace that another process handed over.

use super::NnSight;
use crate::error::{Error, Result};
use crate::graph::Limits;
use crate::jobs::Task;
use crate::plan::Plan;
use crate::results::named::NamedTensors;
use crate::tensor::carrier::Carrier;
use crate::tensor::erased::Erased;
use crate::tree::module::{Forward, Inspectable};
use burn::tensor::Device;
use std::marker::PhantomData;

impl<M: Inspectable + Forward> NnSight<M> {
    /// Runs a trace that came from elsewhere, within `limits`, and gives what it saves by name.
    ///
    /// # Errors
    /// [`Error::TaskInput`] for inputs that are not the model's, and what
    /// [`Graph::replay`](crate::graph::Graph::replay) refuses.
    pub fn run_task(&self, task: &Task, limits: &Limits) -> Result<NamedTensors> {
        let mut inputs = self.task_inputs(task, self.home())?;
        if task.graph.invokes.is_empty() {
            return self.trace(inputs.swap_remove(0), |_| task.graph.replay_within(limits));
        }
        self.trace_body(PhantomData, |t| {
            for input in inputs {
                t.invoke(input);
            }
            task.graph.replay_within(limits)
        })
    }

    /// The plan of such a trace, without running it.
    ///
    /// # Errors
    /// What [`run_task`](Self::run_task) refuses before the forward pass.
    pub fn plan_task(&self, task: &Task, limits: &Limits) -> Result<Plan>
    where
        <M::Args as Carrier>::Rest: Send + 'static,
    {
        let mut inputs = self.task_inputs(task, None)?;
        if task.graph.invokes.is_empty() {
            return self.plan(inputs.swap_remove(0), |_| task.graph.replay_within(limits));
        }
        self.plan_body(PhantomData, |t| {
            for input in inputs {
                t.invoke(input);
            }
            task.graph.replay_within(limits)
        })
    }

    /// The arguments of each input, on a device or in this process' memory.
    fn task_inputs(&self, task: &Task, device: Option<&Device>) -> Result<Vec<M::Args>> {
        if task.graph.steps.is_some() || task.drawing.is_some() {
            return Err(Error::TaskInput {
                found: String::from("a generation"),
                wanted: String::from("one forward pass: this is no language model"),
            });
        }
        task.check_inputs()?;
        let wanted = self.tree().inputs().len();
        let memory = Device::flex();
        let device = device.unwrap_or(&memory);
        let args = |tensors: &Vec<burn::tensor::TensorData>| {
            // What the model does not declare cannot be checked before it runs.
            if tensors.len() != wanted {
                return Err(Error::TaskInput {
                    found: format!("{} tensors in an input", tensors.len()),
                    wanted: format!("the {wanted} that the model declares"),
                });
            }
            let tensors = tensors.iter().cloned();
            let tensors = tensors.map(|data| Erased::from_data(data, device));
            let tensors = tensors.collect::<Result<Vec<_>>>()?;
            M::Args::from_tensors(&mut tensors.into_iter())
        };
        task.inputs.iter().map(args).collect()
    }
}
