//! What an operator decides.

use nnsight_core::graph;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// How a server is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens; port 0 takes a free one.
    pub address: SocketAddr,
    /// Where its books, its keys and its results are.
    pub data: PathBuf,
    /// The models that it has, by the names that requests have.
    pub models: Vec<String>,
    /// The program and the arguments of a worker's process.
    pub worker: Vec<String>,
    /// How many workers.
    pub workers: usize,
    /// Whether whoever asks is let in, without a key.
    pub open: bool,
    /// What jobs may ask for.
    pub limits: Limits,
}

/// What jobs may ask for, and for how long results are kept.
#[derive(Clone, Debug)]
pub struct Limits {
    /// What a graph may ask for.
    pub graph: graph::Limits,
    /// Bytes of a request, unpacked.
    pub request_bytes: usize,
    /// Jobs of one key that wait or run.
    pub unfinished: usize,
    /// How many jobs may share a forward pass; 1 runs each by itself.
    pub together: usize,
    /// How long a result is kept.
    pub keep: Duration,
    /// Bytes of all results together.
    pub results: u64,
    /// How long a client may take to send a request.
    pub patience: Duration,
}

impl Default for Limits {
    /// 256 MiB for a request, 100 jobs of a key, 32 jobs in a pass, results for a day, 10 GiB of them, a minute for a request to arrive.
    fn default() -> Self {
        Limits {
            graph: graph::Limits::default(),
            request_bytes: 256 << 20,
            unfinished: 100,
            together: 32,
            keep: Duration::from_secs(24 * 60 * 60),
            results: 10 << 30,
            patience: Duration::from_secs(60),
        }
    }
}
