//! A server that runs traces of many people on the models that it has.
//!
//! A trace arrives as data ([`nnsight_remote::protocol`]): nothing of a user's code runs here. It is checked against the
//! model and the operator's limits before it costs anything, waits in a durable queue, and is run by a worker: a process of
//! its own that owns a device, so that what goes wrong there harms no other job.
//!
//! [`serve`] is the front end, [`work`] is what a worker does.

mod admission;
pub mod board;
mod changes;
mod clock;
mod hosted;
mod http;
mod keys;
mod settings;
mod whole;
mod worker;

pub use hosted::{Catalog, Hosted, Open};
pub use http::{Running, serve};
pub use keys::{Key, KeyError, Keys, Role};
pub use settings::{Limits, Settings};
pub use worker::work;

/// Why a server cannot be started, or ends.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its books.
    #[error(transparent)]
    Board(#[from] board::BoardError),
    /// Its keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// A model that it should have.
    #[error("the model `{name}` cannot be served: {reason}")]
    Model {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The address, or a worker's process.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: String,
        /// What the system says.
        source: std::io::Error,
    },
}

/// The result of a server.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Waits until the server is to be stopped.
async fn stopped(stopping: &mut tokio::sync::watch::Receiver<bool>) {
    // Without a sender there is no server either.
    drop(stopping.wait_for(|stop| *stop).await);
}

/// Runs what may wait for a disk, where others can go on meanwhile.
fn blocking<T>(run: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(run)
}
