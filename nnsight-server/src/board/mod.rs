//! What jobs there are and what has become of them: kept so that no restart loses one.

mod embedded;

pub use embedded::Embedded;

use nnsight_remote::protocol::{Event, JobState, Status};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// A job in the books.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its number, 32 hexadecimal digits.
    pub id: String,
    /// The name of the key that it belongs to; empty where the operator lets everybody in.
    pub owner: String,
    /// The model that it asks for.
    pub model: String,
    /// When it was received, in milliseconds since 1970 in UTC.
    pub received_at: u64,
    /// What its client calls it, so that it is not run twice.
    pub idempotency: Option<String>,
    /// How many steps it has, if it generates.
    pub steps: Option<u32>,
    /// What the jobs of its model have in common that can share a pass with it; none if it must run alone.
    #[serde(default)]
    pub shares: Option<String>,
    /// How many workers have died of it.
    pub deaths: u32,
    /// What has happened to it, in order.
    pub events: Vec<Event>,
    /// Bytes and SHA-256 of its result.
    pub result: Option<(u64, String)>,
}

impl Record {
    /// How far it is.
    pub fn status(&self) -> Status {
        self.events.last().map_or(Status::Received, |event| event.status)
    }

    /// As its owner sees it.
    pub fn state(&self) -> JobState {
        let last = self.events.last().cloned().unwrap_or(Event {
            number: 0,
            at: self.received_at,
            status: Status::Received,
            sentence: String::new(),
            eta: None,
            step: None,
        });
        JobState {
            id: self.id.clone(),
            model: self.model.clone(),
            last,
            received_at: self.received_at,
            result_bytes: self.result.as_ref().map(|(bytes, _)| *bytes),
            result_hash: self.result.as_ref().map(|(_, hash)| hash.clone()),
        }
    }

    /// Adds what has happened.
    fn add(&mut self, at: u64, status: Status, sentence: impl Into<String>) {
        // Clocks may jump back; what happened later has not happened before.
        let at = self.events.last().map_or(at, |last| at.max(last.at));
        self.events.push(Event {
            number: self.events.len() as u64,
            at,
            status,
            sentence: sentence.into(),
            eta: None,
            step: None,
        });
    }
}

/// Why the books cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// The database says no.
    #[error("the books cannot be read or written: {0}")]
    Database(String),
    /// A file says no: the disk is full, say.
    #[error("`{file}` cannot be read or written: {source}")]
    File {
        /// Which.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

impl From<redb::Error> for BoardError {
    fn from(error: redb::Error) -> Self {
        BoardError::Database(error.to_string())
    }
}

/// A new job, or the one that was there already under its idempotency key.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// The job.
    pub record: Record,
    /// Whether it is new.
    pub is_new: bool,
}

/// How a job has ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// With a result, whose file is in its place.
    Completed {
        /// Its size.
        bytes: u64,
        /// Its SHA-256, in hexadecimal digits.
        hash: String,
    },
    /// It cannot be run: why.
    Failed(String),
    /// Its owner has stopped it.
    Cancelled,
}

/// The books, and the queue.
///
/// One that is embedded serves one machine; another may serve several. All methods may wait for a disk.
pub trait Board: Send + Sync {
    /// Enters a job that has been checked, with its request; it is queued when this returns, and no crash loses it.
    ///
    /// # Errors
    /// [`BoardError`]; then there is no job.
    fn submit(&self, record: Record, request: &[u8]) -> Result<Submitted, BoardError>;

    /// A job.
    ///
    /// # Errors
    /// [`BoardError`].
    fn get(&self, id: &str) -> Result<Option<Record>, BoardError>;

    /// The jobs of an owner, newest first.
    ///
    /// # Errors
    /// [`BoardError`].
    fn of_owner(&self, owner: &str, most: usize) -> Result<Vec<Record>, BoardError>;

    /// Jobs that are queued or run, of an owner.
    fn unfinished(&self, owner: &str) -> usize;

    /// Takes the next job out of the queue: of the owner that has been served least, the oldest. One of `models` is
    /// taken before one of another model.
    ///
    /// # Errors
    /// [`BoardError`].
    fn claim(&self, models: &BTreeSet<String>, worker: &str) -> Result<Option<Record>, BoardError>;

    /// Takes those next in turn that can share a pass with a job, at most so many.
    ///
    /// # Errors
    /// [`BoardError`].
    fn claim_beside(&self, job: &Record, most: usize, worker: &str) -> Result<Vec<Record>, BoardError>;

    /// The place of a queued job among all that wait, counted from 1.
    fn place(&self, id: &str) -> Option<u64>;

    /// Puts a job back whose worker is gone. `died` says that the worker died of something, perhaps of this job: of the
    /// second time the job fails. One that died in a pass that it shared runs alone from then on, which tells who it was.
    ///
    /// # Errors
    /// [`BoardError`].
    fn give_back(&self, id: &str, died: Option<&str>, shared: bool) -> Result<(), BoardError>;

    /// A job has ended, after it kept its worker busy for so long.
    ///
    /// # Errors
    /// [`BoardError`].
    fn finish(&self, id: &str, outcome: Outcome, took: Duration) -> Result<(), BoardError>;

    /// Cancels a job that is queued, or marks one that runs. Says whether it was still to be cancelled.
    ///
    /// # Errors
    /// [`BoardError`].
    fn cancel(&self, id: &str) -> Result<bool, BoardError>;

    /// Whether a job that runs is to be cancelled.
    fn is_cancelled(&self, id: &str) -> bool;

    /// Forgets results that are older than `keep`, and then the oldest until `quota` bytes hold the rest.
    ///
    /// # Errors
    /// [`BoardError`].
    fn sweep(&self, keep: Duration, quota: u64) -> Result<usize, BoardError>;

    /// Jobs that wait, and jobs that run, of each model.
    fn load(&self) -> Vec<(String, u64, u64)>;

    /// The request of a job.
    fn request_file(&self, id: &str) -> PathBuf;

    /// Where the result of a job is.
    fn result_file(&self, id: &str) -> PathBuf;
}
