//! Traces that another process runs: what is handed over, and what comes back.

mod received;
mod remote;

pub use remote::Remote;

use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::graph::node::{Node, NodeId, NodeKind};
use crate::results::collect::{Collect, Results};
use crate::tree::Tree;
use burn::tensor::{Device, TensorData};
use received::Received;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A trace as data: what it does to a model, and what the model is run on.
#[derive(Clone, Debug, Default)]
pub struct Task {
    /// What the trace does. Its constants are data.
    pub graph: Graph,
    /// The tensors of each invoke, or of the only input, in the order in which the model takes them. A language model
    /// takes a list of token ids for each row.
    pub inputs: Vec<Vec<TensorData>>,
    /// How tokens are drawn, if the trace generates.
    pub drawing: Option<Drawing>,
}

impl Task {
    /// Whether its inputs are as many as its graph's invokes, or the only one.
    ///
    /// # Errors
    /// [`Error::TaskInput`] if they are not.
    pub fn check_inputs(&self) -> Result<()> {
        let (wanted, found) = (self.graph.invokes.len().max(1), self.inputs.len());
        match wanted == found {
            true => Ok(()),
            false => Err(Error::TaskInput {
                found: format!("{found} inputs"),
                wanted: match self.graph.invokes.len() {
                    0 => String::from("the one that its graph is for"),
                    wanted => format!("{wanted}, one for each invoke of its graph"),
                },
            }),
        }
    }
}

/// How a generation draws its tokens, and where it ends before its last step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawing {
    /// What logits are divided by; 0 takes the most likely token.
    pub temperature: f64,
    /// Draw from that many most likely tokens only.
    pub top_k: Option<usize>,
    /// Draw from the most likely tokens only that have this probability together.
    pub top_p: Option<f64>,
    /// The same seed draws the same tokens from the same logits.
    pub seed: u64,
    /// Tokens that end a prompt.
    pub stop: Vec<i64>,
}

/// What a trace gave, by the numbers of the nodes that save it.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Saved tensors. One that is not there did not come to be.
    pub tensors: BTreeMap<u32, TensorData>,
    /// Gradients of parameters, by the names that Burn's records give them.
    pub parameters: BTreeMap<u32, Vec<(String, TensorData)>>,
}

/// Runs traces of one model in another process.
pub trait Executor: fmt::Debug + Send + Sync {
    /// Hands a trace over, without waiting for it.
    ///
    /// # Errors
    /// [`Error::Elsewhere`] if it is not taken.
    fn submit(&self, task: Task) -> Result<Box<dyn Running>>;
}

/// What has models and runs traces of them: a server.
pub trait Host {
    /// Who runs the traces of a model, which the host knows by this name.
    ///
    /// # Errors
    /// [`Error::Elsewhere`] if it has no such model, or another one of that name than the tree is of.
    fn executor(&self, name: &str, tree: &Tree) -> Result<Arc<dyn Executor>>;
}

/// A trace that another process has taken.
pub trait Running: fmt::Debug + Send {
    /// What it is called there: another process can ask for it by this.
    fn id(&self) -> &str;

    /// Waits until it is done.
    ///
    /// # Errors
    /// [`Error::Elsewhere`] if it failed, was cancelled, or cannot be asked for.
    fn wait(&mut self) -> Result<Answer>;

    /// Whether it has ended, well or not.
    ///
    /// # Errors
    /// [`Error::Elsewhere`] if it cannot be asked for.
    fn is_done(&mut self) -> Result<bool>;

    /// Asks for it to be stopped.
    ///
    /// # Errors
    /// [`Error::Elsewhere`] if it cannot be asked for.
    fn cancel(&mut self) -> Result<()>;
}

/// A trace that was handed over and is waited for later: `R` is what its body returned.
#[must_use = "a job that is not waited for gives nothing"]
pub struct Job<R> {
    /// Of a trace whose body gave up nothing runs.
    running: Option<Box<dyn Running>>,
    kept: R,
    trace: u32,
    tree: Arc<Tree>,
    device: Device,
}

impl<R> fmt::Debug for Job<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Job({})", self.id())
    }
}

impl<R> Job<R> {
    /// What it is called on the server: another process can ask for it by this.
    ///
    /// Empty where the body of the trace gave up, so that nothing runs.
    pub fn id(&self) -> &str {
        self.running.as_ref().map_or("", |running| running.id())
    }

    /// Whether it has ended, well or not.
    ///
    /// # Errors
    /// [`Error::Elsewhere`] if the server cannot be asked.
    pub fn is_done(&mut self) -> Result<bool> {
        self.running
            .as_mut()
            .map_or(Ok(true), |running| running.is_done())
    }

    /// Asks for it to be stopped. [`wait`](Self::wait) says then that it was.
    ///
    /// # Errors
    /// [`Error::Elsewhere`] if the server cannot be asked.
    pub fn cancel(&mut self) -> Result<()> {
        self.running.as_mut().map_or(Ok(()), |running| running.cancel())
    }
}

impl<R: Collect> Job<R> {
    /// Waits until it is done, and gives what the body of the trace saved.
    ///
    /// # Errors
    /// [`Error::Elsewhere`] if it failed, was cancelled, or cannot be asked for.
    pub fn wait(mut self) -> Result<R::Output> {
        let answer = match &mut self.running {
            Some(running) => running.wait()?,
            None => Answer::default(),
        };
        let mut received = Received::new(self.tree, self.device, answer)?;
        self.kept.collect(&mut Results::new(&mut received, self.trace))
    }
}

/// A trace that is written and checked, before it is handed over.
pub(crate) struct Written<R> {
    pub(crate) task: Task,
    pub(crate) kept: R,
    pub(crate) trace: u32,
    pub(crate) tree: Arc<Tree>,
    /// Where what comes back goes.
    pub(crate) device: Device,
}

impl<R: Collect> Written<R> {
    /// Hands it over.
    pub(crate) fn submit(self, executor: &dyn Executor) -> Result<Job<R>> {
        Ok(Job {
            running: Some(executor.submit(self.task)?),
            kept: self.kept,
            trace: self.trace,
            tree: self.tree,
            device: self.device,
        })
    }

    /// Of a trace whose body gave up.
    pub(crate) fn given_up(self) -> Job<R> {
        Job {
            running: None,
            kept: self.kept,
            trace: self.trace,
            tree: self.tree,
            device: self.device,
        }
    }
}

/// Refuses a trace with a closure, which only this process can run.
pub(crate) fn check_portable(nodes: &[Node]) -> Result<()> {
    let closure = nodes.iter().find(|node| matches!(node.kind, NodeKind::Map(_)));
    match closure {
        None => Ok(()),
        Some(node) => Err(Error::NotPortable {
            at: crate::error::WrittenAt(node.written_at),
        }),
    }
}

/// The number of a node, for [`Answer`].
pub(crate) fn number(id: NodeId) -> u32 {
    id.0
}
