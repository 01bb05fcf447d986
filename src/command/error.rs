//! What a command can end with: each one line on stderr.

use super::AnyError;
use crate::{DebugAsDisplay, graph};
use std::path::PathBuf;

/// A result whose error is this module's [`enum@Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong between a command line and what it prints.
#[derive(DebugAsDisplay, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The trace, or a tensor.
    #[error(transparent)]
    Trace(#[from] crate::Error),

    /// A language model, its files or its tokenizer.
    #[error(transparent)]
    Model(#[from] crate::models::Error),

    /// The model of this program could not be made.
    #[error("cannot load the model: {0}")]
    Load(#[source] AnyError),

    /// An empty list of devices.
    #[error("--device names no device")]
    NoDeviceNamed,

    /// Devices cannot be served.
    #[error("cannot serve the devices: {reason}")]
    Host {
        /// What is in the way.
        reason: String,
    },

    /// Models cannot be served.
    #[cfg(feature = "server")]
    #[error("cannot serve: {reason}")]
    Serve {
        /// What is in the way.
        reason: String,
    },

    /// A server that was asked.
    #[cfg(feature = "client")]
    #[error(transparent)]
    Server(#[from] nnsight_remote::Error),

    /// What is written cannot be.
    #[error("cannot write: {0}")]
    Output(#[source] std::io::Error),

    /// A file that cannot be read or written.
    #[error("cannot {what} `{}`: {source}", .file.display())]
    File {
        /// What was to be done with it.
        what: &'static str,
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },

    /// A file that is no graph, or of another version.
    #[error("`{}` is not a graph of version {} that this program can run: {source}", .file.display(), graph::VERSION)]
    Graph {
        /// The file.
        file: PathBuf,
        /// What the reader said, and where it stopped.
        source: Box<crate::Error>,
    },

    /// A file that is not in safetensors' format, or cannot be written in it.
    #[error("`{}`: {reason}", .file.display())]
    Safetensors {
        /// The file.
        file: PathBuf,
        /// What the reader or the writer said.
        reason: String,
    },

    /// A file of inputs that does not hold the model's.
    #[error(
        "`{}` holds {found}, and the model takes {wanted}: name the tensors of the file so", .file.display()
    )]
    InputNames {
        /// The file.
        file: PathBuf,
        /// The names in the file.
        found: String,
        /// The names of the model's inputs.
        wanted: String,
    },

    /// A tensor of a file that no tensor of the model can be.
    #[error("the tensor `{name}` of `{}`: {source}", .file.display())]
    InputTensor {
        /// The file.
        file: PathBuf,
        /// The tensor.
        name: String,
        /// What is wrong with it.
        source: Box<crate::Error>,
    },

    /// A tensor of a type that the other side has no word for.
    #[error("the tensor `{name}` is of type {dtype}, which {place} cannot hold")]
    ElementType {
        /// The tensor.
        name: String,
        /// Its type.
        dtype: String,
        /// What cannot hold it.
        place: &'static str,
    },

    /// Another number of inputs than a graph has.
    #[error("{wanted} wanted, {found} given: give each with {option}")]
    InputCount {
        /// How many are wanted, and what for.
        wanted: String,
        /// How many were given.
        found: usize,
        /// The options that give one.
        option: &'static str,
    },

    /// A number of tokens for a graph that does not generate.
    #[error("this graph is of one forward pass and generates nothing: leave --max-new-tokens away")]
    NoGeneration,

    /// Text for a model that takes none.
    #[error("this model is no language model, so it takes no text: give its tensors with --input FILE")]
    NoLanguageModel,

    /// A model of a family or a size that this program has no type for.
    #[error("`{}` describes a {found}, and this program has no type for it; {hint}", .file.display())]
    NoType {
        /// The file.
        file: PathBuf,
        /// What it describes.
        found: String,
        /// What would work.
        hint: String,
    },
}

impl Error {
    pub(super) fn load(error: impl Into<AnyError>) -> Self {
        Self::Load(error.into())
    }
}
