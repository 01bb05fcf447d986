//! Traces that another process runs: what is handed over, and what comes back.

mod data;
mod received;
mod remote;
mod waiting;

pub use data::{Answer, Drawing, Task};
pub use remote::Remote;
pub use waiting::Waiting;

use crate::error::{Error, Result};
use crate::graph::node::{Node, NodeKind};
use crate::results::collect::{Collect, Results};
use crate::tree::Tree;
use burn::tensor::Device;
use received::Received;
use std::fmt;
use std::sync::Arc;

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

/// `job.await` is [`wait`](Job::wait) where others can go on meanwhile, under any runtime.
impl<R: Collect + 'static> IntoFuture for Job<R> {
    type Output = Result<R::Output>;
    type IntoFuture = Waiting<R::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Job {
            running,
            kept,
            trace,
            tree,
            device,
        } = self;
        let wait = || running.map_or_else(|| Ok(Answer::default()), |mut running| running.wait());
        Waiting::new(Box::new(wait), move |answer| {
            let mut received = Received::new(tree, device, answer)?;
            kept.collect(&mut Results::new(&mut received, trace))
        })
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
