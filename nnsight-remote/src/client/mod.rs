//! The client: a server, its models, and jobs on them.

mod error;
mod job;
mod login;
mod show;
mod wire;

pub use error::Error;
pub use job::Found;
pub use login::{forget, save};
pub use show::Show;

use crate::protocol::{JobState, ModelState, ModelTree, Request, ServerState, encode};
use error::elsewhere;
use job::Submitted;
use nnsight_core::Tree;
use nnsight_core::jobs::{Executor, Host, Running, Task};
use std::fmt;
use std::sync::Arc;
use wire::Wire;

/// The result of asking a server.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A server that runs traces.
///
/// ```no_run
/// # use nnsight_remote::{Result, Server};
/// # fn main() -> Result<()> {
/// let server = Server::connect("http://127.0.0.1:7777")?;
/// for model in server.models()? {
///     println!("{} ({} parameters)", model.name, model.parameters);
/// }
/// # Ok(())
/// # }
/// ```
///
/// A model is put there with `.on(&server)`; a clone is another handle to the same connection.
#[derive(Clone)]
pub struct Server {
    wire: Arc<Wire>,
    show: Show,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({})", self.wire.url())
    }
}

impl Server {
    /// Finds a server. The key is that of the variable `NNSIGHT_API_KEY`, or the one that `nnsight login` has saved for
    /// this address, if any.
    ///
    /// # Errors
    /// [`Error::Unreachable`] if nothing answers there, [`Error::OtherVersion`] if it speaks another version of the
    /// protocol.
    pub fn connect(url: &str) -> Result<Self> {
        let key = std::env::var("NNSIGHT_API_KEY")
            .ok()
            .filter(|key| !key.is_empty());
        let key = match key {
            Some(key) => Some(key),
            None => login::find(url)?,
        };
        Self::of(url, key)
    }

    /// [`connect`](Self::connect) with a key.
    ///
    /// # Errors
    /// The same.
    pub fn connect_with(url: &str, key: &str) -> Result<Self> {
        Self::of(url, Some(key.to_owned()))
    }

    fn of(url: &str, key: Option<String>) -> Result<Self> {
        let wire = Wire::new(url, key);
        wire.find()?;
        Ok(Server {
            wire: Arc::new(wire),
            show: Show::default(),
        })
    }

    /// The same server, whose jobs are shown in another way while they run.
    #[must_use]
    pub fn show(mut self, show: Show) -> Self {
        self.show = show;
        self
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        self.wire.url()
    }

    /// Its models.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Unreachable`].
    pub fn models(&self) -> Result<Vec<ModelState>> {
        self.wire.get("/v1/models")
    }

    /// What it is doing.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Unreachable`].
    pub fn status(&self) -> Result<ServerState> {
        self.wire.get("/v1/status")
    }

    /// One's own jobs, newest first.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Unreachable`].
    pub fn jobs(&self) -> Result<Vec<JobState>> {
        self.wire.get("/v1/jobs")
    }

    /// A job that this process, or another one, has handed over.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is none of one's own, [`Error::Unreachable`].
    pub fn job(&self, id: &str) -> Result<Found> {
        Found::new(self.clone(), id)
    }

    /// A model by the name that the server has for it, where that is not the name of the model here:
    /// `net.on(&server.model("tiny"))`.
    pub fn model(&self, name: &str) -> Named {
        Named {
            server: self.clone(),
            name: name.to_owned(),
        }
    }

    fn executor_of(&self, name: &str, tree: &Tree) -> Result<Arc<dyn Executor>> {
        let path = format!("/v1/models/{}", wire::escaped(name));
        let there: ModelTree = self.wire.get(&path)?;
        let here = tree.to_string();
        if there.tree != here {
            return Err(Error::OtherModel {
                name: name.to_owned(),
                difference: difference(&here, &there.tree),
            });
        }
        Ok(Arc::new(OnServer {
            server: self.clone(),
            name: name.to_owned(),
        }))
    }
}

/// The first line in which two trees differ.
fn difference(here: &str, there: &str) -> String {
    let (mut here, mut there) = (here.lines(), there.lines());
    loop {
        match (here.next(), there.next()) {
            (Some(own), Some(other)) if own == other => {}
            (None, None) => return String::from("they differ in nothing that is shown"),
            (own, other) => {
                let line = |line: Option<&str>| line.map_or("nothing", str::trim).to_owned();
                return format!("here is `{}`, there `{}`", line(own), line(other));
            }
        }
    }
}

/// A model of a server, by the name that the server has for it.
#[derive(Clone, Debug)]
pub struct Named {
    server: Server,
    name: String,
}

impl Host for Server {
    fn executor(&self, name: &str, tree: &Tree) -> nnsight_core::Result<Arc<dyn Executor>> {
        self.executor_of(name, tree).map_err(elsewhere)
    }
}

impl Host for Named {
    fn executor(&self, _: &str, tree: &Tree) -> nnsight_core::Result<Arc<dyn Executor>> {
        self.server.executor_of(&self.name, tree).map_err(elsewhere)
    }
}

/// Runs the traces of one model.
#[derive(Debug)]
struct OnServer {
    server: Server,
    name: String,
}

impl Executor for OnServer {
    fn submit(&self, task: Task) -> nnsight_core::Result<Box<dyn Running>> {
        let request = Request {
            model: self.name.clone(),
            task,
            webhook: None,
        };
        let submitted = encode(request)
            .map_err(Error::from)
            .and_then(|bytes| self.server.wire.submit(&bytes))
            .map(|state| Submitted::new(self.server.clone(), state));
        Ok(Box::new(submitted.map_err(elsewhere)?))
    }
}
