//! What front end and worker say to each other, a line each.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a worker is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// Runs jobs of one model: several share a pass if they can.
    Run { jobs: Vec<Files> },
}

/// A job, and where its request is and its result will be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Files {
    pub(crate) id: String,
    pub(crate) request: PathBuf,
    pub(crate) result: PathBuf,
}

/// What a worker tells.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Report {
    /// It is there, and owns this device.
    Ready { device: String },
    /// It reads the weights of a model.
    Loading { model: String },
    /// It has them: these are in its memory.
    Loaded { models: Vec<String> },
    /// So many steps of the generation that runs are done.
    Step { done: u32 },
    /// That many jobs have run in one pass.
    Shared { jobs: u32 },
    /// A job's result is in its file.
    Completed { id: String, bytes: u64, hash: String },
    /// A job cannot be run.
    Failed { id: String, sentence: String },
}
