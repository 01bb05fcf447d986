//! What becomes of a job, and what a server has.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// The server has it.
    Received,
    /// It has been checked against the model and the limits.
    Approved,
    /// It waits for a worker.
    Queued,
    /// A worker runs it.
    Running,
    /// Its result can be had.
    Completed,
    /// It cannot be run.
    Failed,
    /// Its owner, or the operator, has stopped it.
    Cancelled,
    /// Its result has been kept for as long as the operator lets it.
    Expired,
}

impl Status {
    /// Whether nothing more happens to it, but that a result expires.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Status::Completed | Status::Failed | Status::Cancelled | Status::Expired
        )
    }

    /// Its name in capital letters.
    pub fn name(self) -> &'static str {
        match self {
            Status::Received => "RECEIVED",
            Status::Approved => "APPROVED",
            Status::Queued => "QUEUED",
            Status::Running => "RUNNING",
            Status::Completed => "COMPLETED",
            Status::Failed => "FAILED",
            Status::Cancelled => "CANCELLED",
            Status::Expired => "EXPIRED",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A place in the queue, and when the turn is likely to come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Eta {
    /// The place, counted from 1.
    pub place: u64,
    /// The predicted wait, in seconds; none where no job of the kind has run yet.
    pub seconds: Option<f64>,
}

/// Something that has happened to a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Event {
    /// The number of the event, from 0 for each job.
    pub number: u64,
    /// When, in milliseconds since 1970 in UTC, by the server's clock.
    pub at: u64,
    /// How far the job is.
    pub status: Status,
    /// The same in words.
    pub sentence: String,
    /// Its place, while it is queued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eta: Option<Eta>,
    /// How many steps of how many of a generation are done, while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<(u32, u32)>,
}

/// A job, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct JobState {
    /// Its number, 32 hexadecimal digits.
    pub id: String,
    /// The model that it asks for.
    pub model: String,
    /// What has happened last.
    pub last: Event,
    /// When it was received, in milliseconds since 1970 in UTC.
    pub received_at: u64,
    /// Bytes of the result, once it is completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_bytes: Option<u64>,
    /// The SHA-256 of the result, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_hash: Option<String>,
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} - {}: {}", self.id, self.last.status, self.last.sentence)
    }
}

/// Where a model's weights are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Weights {
    /// Not in memory: the first job that asks for the model loads it.
    Cold,
    /// Being loaded.
    Loading,
    /// In a worker's memory.
    Loaded,
    /// They could not be loaded.
    Broken,
}

/// A model that a server has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ModelState {
    /// The name that requests have.
    pub name: String,
    /// The type that clients trace it with.
    pub type_name: String,
    /// How many parameters it has.
    pub parameters: u64,
    /// Where its weights are.
    pub weights: Weights,
    /// Jobs that wait for it.
    pub queued: u64,
    /// Jobs that run on it.
    pub running: u64,
}

/// A model's modules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ModelTree {
    /// The name that requests have.
    pub name: String,
    /// As `println!("{}", model.tree())` shows it.
    pub tree: String,
}

/// What a server is doing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ServerState {
    /// The release of the server.
    pub release: String,
    /// The version of the protocol that it speaks.
    pub protocol: u32,
    /// For how long it has been running, in seconds.
    pub uptime: f64,
    /// Its models.
    pub models: Vec<ModelState>,
    /// Its workers: what each does.
    pub workers: Vec<WorkerState>,
    /// Jobs that wait.
    pub queued: u64,
    /// Jobs that run.
    pub running: u64,
    /// Jobs that have been completed since it was started.
    pub completed: u64,
    /// Jobs that have failed since it was started.
    pub failed: u64,
    /// Jobs that have run in one pass with others since it was started.
    pub shared: u64,
    /// The load of the machine, averaged over a minute, where the system tells.
    pub load: Option<f64>,
    /// Bytes of memory that the server and its workers have, where the system tells.
    pub memory: Option<u64>,
}

/// A worker of a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct WorkerState {
    /// The device that it owns.
    pub device: String,
    /// The models in its memory.
    pub models: Vec<String>,
    /// How many jobs it runs, in one pass.
    pub running: u64,
    /// How often it has been started anew.
    pub restarts: u64,
}
