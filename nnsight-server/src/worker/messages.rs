//! What front end and worker say to each other, a line each.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a worker is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// Runs a job.
    Run {
        id: String,
        request: PathBuf,
        result: PathBuf,
    },
}

/// What a worker tells.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Report {
    /// It is there, and owns this device.
    Ready { device: String },
    /// It reads the weights of a model.
    Loading { model: String },
    /// It has them; and these are in its memory.
    Loaded { model: String, models: Vec<String> },
    /// So many steps of a job's generation are done.
    Step { id: String, done: u32 },
    /// A job's result is in its file.
    Completed { id: String, bytes: u64, hash: String },
    /// A job cannot be run.
    Failed { id: String, sentence: String },
}
