//! What can go wrong between a client and its server.

use crate::protocol::{DecodeError, Refusal, Status, TensorError, VERSION};
use nnsight_core::DebugAsDisplay;
use std::path::PathBuf;
use std::sync::Arc;

/// Why a server did not do what it was asked.
#[derive(Clone, DebugAsDisplay, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing answers, or the connection breaks again and again.
    #[error("{url} does not answer: {reason}. Is a server running there (`nnsight serve MODEL`)?")]
    Unreachable {
        /// The server's address.
        url: String,
        /// What the network says.
        reason: String,
    },
    /// Something answers that is no server of this kind.
    #[error("{url} answers, and not as an nnsight server does: {reason}")]
    NoServer {
        /// The address.
        url: String,
        /// What is strange.
        reason: String,
    },
    /// The server speaks another version of the protocol.
    #[error(
        "{url} speaks version {found} of the protocol and this client version {VERSION}: upgrade the {older}",
        older = if *.found > VERSION { "client" } else { "server" }
    )]
    OtherVersion {
        /// The server's address.
        url: String,
        /// Its version.
        found: u32,
    },
    /// The server says no.
    #[error("{0}")]
    Refused(Refusal),
    /// The server's model of that name is not the one that is traced here.
    #[error("the server's `{name}` is another model than the one here: {difference}")]
    OtherModel {
        /// The name.
        name: String,
        /// The first difference.
        difference: String,
    },
    /// A job has ended without a result.
    #[error("{id} - {status}: {sentence}")]
    Ended {
        /// The job.
        id: String,
        /// How.
        status: Status,
        /// Why.
        sentence: String,
    },
    /// A result that is not what the server says it is.
    #[error("the result of {id} arrived broken: its SHA-256 is {found}, wanted {wanted}")]
    Broken {
        /// The job.
        id: String,
        /// What the server says.
        wanted: String,
        /// What arrived.
        found: String,
    },
    /// A request that cannot be written.
    #[error(transparent)]
    Request(#[from] Arc<DecodeError>),
    /// A result that cannot be read.
    #[error(transparent)]
    Result(#[from] TensorError),
    /// The file of saved keys.
    #[error("`{file}` cannot be read or written: {reason}")]
    Login {
        /// Which.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Error::Request(Arc::new(error))
    }
}

/// The same as an error of a trace.
pub(super) fn elsewhere(error: Error) -> nnsight_core::Error {
    nnsight_core::Error::Elsewhere(Arc::new(error))
}
