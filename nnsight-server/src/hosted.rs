//! What a server needs of a model, whatever its type.

use nnsight_core::graph::Limits;
use nnsight_core::jobs::Task;
use nnsight_core::{Carrier, Forward, Inspectable, NamedTensors, NnSight, Tree};
use nnsight_models::{CausalLm, LanguageModel};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A model that a server has.
pub trait Hosted: Send + Sync {
    /// The tree of its modules. No weight is read for it.
    fn tree(&self) -> Tree;

    /// How many parameters it has. No weight is read for it.
    fn parameters(&self) -> u64;

    /// Checks a trace against it, without weights.
    ///
    /// # Errors
    /// Whatever would be refused before the forward pass.
    fn check(&self, task: &Task, limits: &Limits) -> Result<(), String>;

    /// Reads its weights.
    ///
    /// # Errors
    /// Weights that are not there, or not its own.
    fn load(&self) -> Result<(), String>;

    /// Runs a trace. `on_step` gets the number of each step of a generation that is done.
    ///
    /// # Errors
    /// Whatever the trace cannot do.
    fn run(
        &self,
        task: &Task,
        limits: &Limits,
        on_step: &mut dyn FnMut(usize),
    ) -> Result<NamedTensors, String>;

    /// Runs several traces in one forward pass, each on its own rows, if the model can: all of them, or none.
    ///
    /// # Errors
    /// Whatever one of them cannot do; then each is to be run by itself.
    fn run_together(
        &self,
        tasks: &[Task],
        limits: &Limits,
        on_step: &mut dyn FnMut(usize),
    ) -> Result<Vec<NamedTensors>, String>;
}

impl<M: CausalLm + Sync> Hosted for LanguageModel<M> {
    fn tree(&self) -> Tree {
        LanguageModel::tree(self)
    }

    fn parameters(&self) -> u64 {
        M::init(self.device()).num_params() as u64
    }

    fn check(&self, task: &Task, limits: &Limits) -> Result<(), String> {
        let plan = self.plan_task(task, limits);
        plan.map(drop).map_err(|error| error.to_string())
    }

    fn load(&self) -> Result<(), String> {
        self.model().map(drop).map_err(|error| error.to_string())
    }

    fn run(
        &self,
        task: &Task,
        limits: &Limits,
        on_step: &mut dyn FnMut(usize),
    ) -> Result<NamedTensors, String> {
        self.run_task(task, limits, on_step)
            .map_err(|error| error.to_string())
    }

    fn run_together(
        &self,
        tasks: &[Task],
        limits: &Limits,
        on_step: &mut dyn FnMut(usize),
    ) -> Result<Vec<NamedTensors>, String> {
        self.run_tasks(tasks, limits, on_step)
            .map_err(|error| error.to_string())
    }
}

impl<M: Inspectable + Forward + Sync> Hosted for NnSight<M>
where
    <M::Args as Carrier>::Rest: Send + 'static,
{
    fn tree(&self) -> Tree {
        NnSight::tree(self).clone()
    }

    fn parameters(&self) -> u64 {
        self.model().num_params() as u64
    }

    fn check(&self, task: &Task, limits: &Limits) -> Result<(), String> {
        let plan = self.plan_task(task, limits);
        plan.map(drop).map_err(|error| error.to_string())
    }

    fn load(&self) -> Result<(), String> {
        Ok(())
    }

    fn run(&self, task: &Task, limits: &Limits, _: &mut dyn FnMut(usize)) -> Result<NamedTensors, String> {
        self.run_task(task, limits).map_err(|error| error.to_string())
    }

    fn run_together(
        &self,
        _: &[Task],
        _: &Limits,
        _: &mut dyn FnMut(usize),
    ) -> Result<Vec<NamedTensors>, String> {
        Err(String::from("only language models share passes"))
    }
}

/// Opens a model by its name, without weights.
pub type Open = Arc<dyn Fn(&str) -> Result<Arc<dyn Hosted>, String> + Send + Sync>;

/// The models that an operator lists, each opened once.
pub struct Catalog {
    open: Open,
    names: Vec<String>,
    models: Mutex<BTreeMap<String, Arc<dyn Hosted>>>,
}

impl Catalog {
    /// The models of these names. None is opened yet.
    pub fn new(names: Vec<String>, open: Open) -> Self {
        Catalog {
            open,
            names,
            models: Mutex::default(),
        }
    }

    /// The names, in the operator's order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// A model that is listed, opened if it was not.
    ///
    /// # Errors
    /// Why it cannot be opened; nothing for one that is not listed.
    pub fn get(&self, name: &str) -> Result<Option<Arc<dyn Hosted>>, String> {
        // Only names of the list are ever given to what opens.
        if !self.names.iter().any(|known| known == name) {
            return Ok(None);
        }
        let mut models = self.models.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = models.get(name) {
            return Ok(Some(Arc::clone(model)));
        }
        let model = (self.open)(name)?;
        models.insert(name.to_owned(), Arc::clone(&model));
        Ok(Some(model))
    }

    /// Forgets all models but these: their weights are freed when nothing runs on them.
    pub fn keep(&self, names: &[String]) {
        let mut models = self.models.lock().unwrap_or_else(PoisonError::into_inner);
        models.retain(|name, _| names.contains(name));
    }
}
