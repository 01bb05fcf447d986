//! The books of one machine: a database for the jobs, and files for what is large.

use super::{Board, BoardError, Outcome, Record, Submitted};
use crate::clock::now;
use crate::whole::write_whole;
use nnsight_remote::protocol::Status;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Jobs by number.
const JOBS: TableDefinition<&str, &[u8]> = TableDefinition::new("jobs");
/// Numbers by owner and idempotency key.
const KNOWN: TableDefinition<(&str, &str), &str> = TableDefinition::new("known");

/// How often a job may see its worker die.
const DEATHS: u32 = 2;

/// The books of one machine.
pub struct Embedded {
    database: Database,
    folder: PathBuf,
    queue: Mutex<Queue>,
}

/// What is in the database too, as a server that is started anew finds it there.
#[derive(Default)]
struct Queue {
    /// Jobs that wait: by owner, in the order in which they came.
    waiting: BTreeMap<String, Vec<Waiting>>,
    /// Jobs that run: their owners and models.
    running: HashMap<String, (String, String)>,
    /// Jobs that run and are to be cancelled.
    cancelled: HashSet<String>,
    /// Seconds that workers have spent on each owner, less and less of them as time goes by.
    spent: HashMap<String, f64>,
}

#[derive(Clone, Debug)]
struct Waiting {
    id: String,
    model: String,
    received_at: u64,
    shares: Option<String>,
}

fn database(error: impl Into<redb::Error>) -> BoardError {
    error.into().into()
}

impl Embedded {
    /// Opens the books in a folder, which is made if it is not there. Jobs that ran when the last server ended are
    /// queued again.
    ///
    /// # Errors
    /// [`BoardError`].
    pub fn open(folder: &Path) -> Result<Self, BoardError> {
        for part in ["requests", "results"] {
            let part = folder.join(part);
            std::fs::create_dir_all(&part).map_err(|source| BoardError::File { file: part, source })?;
        }
        let books = Database::create(folder.join("jobs.redb")).map_err(database)?;
        let write = books.begin_write().map_err(database)?;
        write.open_table(JOBS).map_err(database)?;
        write.open_table(KNOWN).map_err(database)?;
        write.commit().map_err(database)?;
        let this = Embedded {
            database: books,
            folder: folder.to_owned(),
            queue: Mutex::default(),
        };
        this.recover()?;
        Ok(this)
    }

    /// Queues what was queued, and what ran, when the last server ended.
    fn recover(&self) -> Result<(), BoardError> {
        let mut unfinished = Vec::new();
        let read = self.database.begin_read().map_err(database)?;
        let jobs = read.open_table(JOBS).map_err(database)?;
        for entry in jobs.iter().map_err(database)? {
            let (_, bytes) = entry.map_err(database)?;
            let record = decode(bytes.value())?;
            if !record.status().is_final() {
                unfinished.push(record);
            }
        }
        unfinished.sort_by(|one, other| (one.received_at, &one.id).cmp(&(other.received_at, &other.id)));
        for mut record in unfinished {
            if record.status() != Status::Queued {
                record.add(
                    now(),
                    Status::Queued,
                    "The server was started anew; the job waits again.",
                );
                self.put(&record)?;
            }
            self.queue().enqueue(&record);
        }
        Ok(())
    }

    /// A thread that panicked with the queue in its hands has left it whole: it is changed in single steps.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, record: &Record) -> Result<(), BoardError> {
        let write = self.database.begin_write().map_err(database)?;
        {
            let mut jobs = write.open_table(JOBS).map_err(database)?;
            jobs.insert(record.id.as_str(), encode(record)?.as_slice())
                .map_err(database)?;
        }
        write.commit().map_err(database)
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Record)) -> Result<Option<Record>, BoardError> {
        let write = self.database.begin_write().map_err(database)?;
        let record = {
            let mut jobs = write.open_table(JOBS).map_err(database)?;
            let found = match jobs.get(id).map_err(database)? {
                Some(bytes) => Some(decode(bytes.value())?),
                None => None,
            };
            let Some(mut record) = found else { return Ok(None) };
            change(&mut record);
            jobs.insert(id, encode(&record)?.as_slice()).map_err(database)?;
            record
        };
        write.commit().map_err(database)?;
        Ok(Some(record))
    }

    fn remove_file(&self, file: &Path) {
        if let Err(error) = std::fs::remove_file(file)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            log::warn!("`{}` cannot be removed: {error}", file.display());
        }
    }
}

fn encode(record: &Record) -> Result<Vec<u8>, BoardError> {
    serde_json::to_vec(record).map_err(|error| BoardError::Database(error.to_string()))
}

fn decode(bytes: &[u8]) -> Result<Record, BoardError> {
    serde_json::from_slice(bytes).map_err(|error| BoardError::Database(error.to_string()))
}

impl Queue {
    fn enqueue(&mut self, record: &Record) {
        let waiting = self.waiting.entry(record.owner.clone()).or_default();
        let entry = Waiting {
            id: record.id.clone(),
            model: record.model.clone(),
            received_at: record.received_at,
            shares: record.shares.clone(),
        };
        // One that is given back is as old as it was.
        let place = waiting.partition_point(|other| other.received_at <= entry.received_at);
        waiting.insert(place, entry);
    }

    fn spent_by(&self, owner: &str) -> f64 {
        self.spent.get(owner).copied().unwrap_or(0.0)
    }

    /// Owners that wait, the one that has been served least first.
    fn in_turn(&self) -> Vec<&String> {
        let mut owners: Vec<&String> = self.waiting.keys().collect();
        owners.sort_by(|one, other| {
            let (one_spent, other_spent) = (self.spent_by(one), self.spent_by(other));
            one_spent.total_cmp(&other_spent).then(one.cmp(other))
        });
        owners
    }

    fn next(&mut self, models: &BTreeSet<String>) -> Option<Waiting> {
        let (owner, place) = {
            let owner = *self.in_turn().first()?;
            let waiting = self.waiting.get(owner)?;
            let fits = waiting.iter().position(|job| models.contains(&job.model));
            (owner.clone(), fits.unwrap_or(0))
        };
        let waiting = self.waiting.get_mut(&owner)?;
        let job = (place < waiting.len()).then(|| waiting.remove(place));
        if waiting.is_empty() {
            self.waiting.remove(&owner);
        }
        let job = job?;
        self.running.insert(job.id.clone(), (owner, job.model.clone()));
        Some(job)
    }

    /// The next in turn that can share a pass with a job of a model.
    fn next_beside(&mut self, model: &str, shares: &str) -> Option<Waiting> {
        let fits = |job: &Waiting| job.model == model && job.shares.as_deref() == Some(shares);
        let owners = self.in_turn().into_iter();
        let mut places = owners.filter_map(|owner| {
            let place = self.waiting.get(owner)?.iter().position(fits)?;
            Some((owner.clone(), place))
        });
        let (owner, place) = places.next()?;
        drop(places);
        let waiting = self.waiting.get_mut(&owner)?;
        let job = waiting.remove(place);
        if waiting.is_empty() {
            self.waiting.remove(&owner);
        }
        self.running.insert(job.id.clone(), (owner, job.model.clone()));
        Some(job)
    }

    fn remove_waiting(&mut self, id: &str) -> bool {
        let mut found = false;
        self.waiting.retain(|_, waiting| {
            let before = waiting.len();
            waiting.retain(|job| job.id != id);
            found |= waiting.len() < before;
            !waiting.is_empty()
        });
        found
    }
}

impl Board for Embedded {
    fn submit(&self, mut record: Record, request: &[u8]) -> Result<Submitted, BoardError> {
        let file = self.request_file(&record.id);
        write_whole(&file, request).map_err(|source| BoardError::File {
            file: file.clone(),
            source,
        })?;
        let at = now();
        record.add(record.received_at, Status::Received, "The server has the job.");
        record.add(at, Status::Approved, "It fits the model and the limits.");
        record.add(at, Status::Queued, "It waits for a worker.");
        let entered = self.enter(&record);
        match entered {
            Ok(None) => {
                self.queue().enqueue(&record);
                Ok(Submitted { record, is_new: true })
            }
            Ok(Some(known)) => {
                self.remove_file(&file);
                let record = self.get(&known)?;
                let record = record.ok_or_else(|| BoardError::Database(format!("job {known} is gone")))?;
                Ok(Submitted {
                    record,
                    is_new: false,
                })
            }
            Err(error) => {
                self.remove_file(&file);
                Err(error)
            }
        }
    }

    fn get(&self, id: &str) -> Result<Option<Record>, BoardError> {
        let read = self.database.begin_read().map_err(database)?;
        let jobs = read.open_table(JOBS).map_err(database)?;
        let found = jobs.get(id).map_err(database)?;
        found.map(|bytes| decode(bytes.value())).transpose()
    }

    fn of_owner(&self, owner: &str, most: usize) -> Result<Vec<Record>, BoardError> {
        let read = self.database.begin_read().map_err(database)?;
        let jobs = read.open_table(JOBS).map_err(database)?;
        let mut own = Vec::new();
        for entry in jobs.iter().map_err(database)? {
            let (_, bytes) = entry.map_err(database)?;
            let record = decode(bytes.value())?;
            if record.owner == owner {
                own.push(record);
            }
        }
        own.sort_by_key(|record| std::cmp::Reverse(record.received_at));
        own.truncate(most);
        Ok(own)
    }

    fn unfinished(&self, owner: &str) -> usize {
        let queue = self.queue();
        let waiting = queue.waiting.get(owner).map_or(0, Vec::len);
        waiting + queue.running.values().filter(|(other, _)| other == owner).count()
    }

    fn claim(&self, models: &BTreeSet<String>, worker: &str) -> Result<Option<Record>, BoardError> {
        loop {
            let Some(job) = self.queue().next(models) else {
                return Ok(None);
            };
            if let Some(record) = self.begin(job, &format!("{worker} runs it."))? {
                return Ok(Some(record));
            }
        }
    }

    fn claim_beside(&self, job: &Record, most: usize, worker: &str) -> Result<Vec<Record>, BoardError> {
        let Some(shares) = &job.shares else {
            return Ok(Vec::new());
        };
        let mut beside = Vec::new();
        while beside.len() < most {
            let Some(next) = self.queue().next_beside(&job.model, shares) else {
                break;
            };
            let sentence = format!("{worker} runs it, in a pass that it shares with others.");
            beside.extend(self.begin(next, &sentence)?);
        }
        Ok(beside)
    }

    fn place(&self, id: &str) -> Option<u64> {
        let queue = self.queue();
        let owners = queue.in_turn();
        // Owners take turns: the n-th job of each comes in the n-th round.
        let mut in_turn: Vec<(usize, usize, &str)> = Vec::new();
        for (turn, owner) in owners.into_iter().enumerate() {
            let waiting = queue.waiting.get(owner).map_or(&[][..], Vec::as_slice);
            let jobs = waiting.iter().enumerate();
            in_turn.extend(jobs.map(|(round, job)| (round, turn, job.id.as_str())));
        }
        in_turn.sort_unstable();
        let place = in_turn.iter().position(|(.., other)| *other == id)?;
        Some(place as u64 + 1)
    }

    fn give_back(&self, id: &str, died: Option<&str>, shared: bool) -> Result<(), BoardError> {
        let is_cancelled = {
            let mut queue = self.queue();
            queue.running.remove(id);
            queue.cancelled.remove(id)
        };
        let changed = self.change(id, |record| {
            if record.status().is_final() {
                return;
            }
            record.deaths += u32::from(died.is_some() && !shared);
            if shared && died.is_some() {
                record.shares = None;
            }
            let at = now();
            match died {
                _ if is_cancelled => record.add(at, Status::Cancelled, "Its owner has stopped it."),
                Some(of) if record.deaths >= DEATHS => record.add(
                    at,
                    Status::Failed,
                    format!("Two workers have died while they ran it, the last one of {of}: it is not tried again."),
                ),
                Some(of) => record.add(
                    at,
                    Status::Queued,
                    format!("Its worker has died of {of}; the job waits for another one."),
                ),
                None => record.add(at, Status::Queued, "Its worker was stopped; the job waits for another one."),
            }
        })?;
        match changed {
            Some(record) if record.status() == Status::Queued => self.queue().enqueue(&record),
            _ => self.remove_file(&self.request_file(id)),
        }
        Ok(())
    }

    fn finish(&self, id: &str, outcome: Outcome, took: Duration) -> Result<(), BoardError> {
        let mut drops_result = false;
        let is_cancelled = self.is_cancelled(id);
        self.change(id, |record| {
            if record.status().is_final() {
                return;
            }
            let at = now();
            match outcome {
                _ if is_cancelled => {
                    drops_result = true;
                    record.add(at, Status::Cancelled, "Its owner has stopped it.");
                }
                Outcome::Completed { bytes, hash } => {
                    record.result = Some((bytes, hash));
                    record.add(at, Status::Completed, "Its result can be had.");
                }
                Outcome::Failed(sentence) => record.add(at, Status::Failed, sentence),
                Outcome::Cancelled => record.add(at, Status::Cancelled, "Its owner has stopped it."),
            }
        })?;
        if drops_result {
            self.remove_file(&self.result_file(id));
        }
        self.remove_file(&self.request_file(id));
        let mut queue = self.queue();
        queue.cancelled.remove(id);
        if let Some((owner, _)) = queue.running.remove(id) {
            // What was spent long ago counts for less: a tenth of it is forgotten with each job.
            queue.spent.values_mut().for_each(|spent| *spent *= 0.9);
            queue.spent.retain(|_, spent| *spent > 1e-6);
            *queue.spent.entry(owner).or_default() += took.as_secs_f64();
        }
        Ok(())
    }

    fn cancel(&self, id: &str) -> Result<bool, BoardError> {
        {
            let mut queue = self.queue();
            if queue.running.contains_key(id) {
                return Ok(queue.cancelled.insert(id.to_owned()));
            }
            if !queue.remove_waiting(id) {
                return Ok(false);
            }
        }
        self.change(id, |record| {
            record.add(now(), Status::Cancelled, "Its owner has stopped it.");
        })?;
        self.remove_file(&self.request_file(id));
        Ok(true)
    }

    fn is_cancelled(&self, id: &str) -> bool {
        self.queue().cancelled.contains(id)
    }

    fn sweep(&self, keep: Duration, quota: u64) -> Result<usize, BoardError> {
        let mut kept = Vec::new();
        {
            let read = self.database.begin_read().map_err(database)?;
            let jobs = read.open_table(JOBS).map_err(database)?;
            for entry in jobs.iter().map_err(database)? {
                let (_, bytes) = entry.map_err(database)?;
                let record = decode(bytes.value())?;
                if let (Status::Completed, Some((bytes, _)), Some(last)) =
                    (record.status(), &record.result, record.events.last())
                {
                    kept.push((last.at, *bytes, record.id.clone()));
                }
            }
        }
        kept.sort_unstable();
        let oldest = now().saturating_sub(u64::try_from(keep.as_millis()).unwrap_or(u64::MAX));
        let mut all: u64 = kept.iter().map(|(_, bytes, _)| bytes).sum();
        let mut swept = 0;
        for (at, bytes, id) in kept {
            let sentence = if at < oldest {
                "Its result has been kept for as long as the operator lets it."
            } else if all > quota {
                "Its result had to make room for newer ones."
            } else {
                break;
            };
            self.change(&id, |record| record.add(now(), Status::Expired, sentence))?;
            self.remove_file(&self.result_file(&id));
            all -= bytes;
            swept += 1;
        }
        Ok(swept)
    }

    fn load(&self) -> Vec<(String, u64, u64)> {
        let queue = self.queue();
        let mut load: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for job in queue.waiting.values().flatten() {
            load.entry(job.model.clone()).or_default().0 += 1;
        }
        for (_, model) in queue.running.values() {
            load.entry(model.clone()).or_default().1 += 1;
        }
        let load = load.into_iter();
        load.map(|(model, (queued, running))| (model, queued, running))
            .collect()
    }

    fn request_file(&self, id: &str) -> PathBuf {
        self.folder.join("requests").join(id)
    }

    fn result_file(&self, id: &str) -> PathBuf {
        self.folder.join("results").join(id)
    }
}

impl Embedded {
    /// Marks a job that was taken out of the queue as running; nothing if it was cancelled meanwhile.
    fn begin(&self, job: Waiting, sentence: &str) -> Result<Option<Record>, BoardError> {
        let changed = self.change(&job.id, |record| {
            if record.status() == Status::Queued {
                record.add(now(), Status::Running, sentence);
            }
        });
        match changed {
            Ok(Some(record)) if record.status() == Status::Running => Ok(Some(record)),
            Ok(_) => {
                self.queue().running.remove(&job.id);
                Ok(None)
            }
            Err(error) => {
                let mut queue = self.queue();
                if let Some((owner, _)) = queue.running.remove(&job.id) {
                    queue.waiting.entry(owner).or_default().insert(0, job);
                }
                Err(error)
            }
        }
    }

    /// Enters a job into the books, unless one of its idempotency key is there: that one's number.
    fn enter(&self, record: &Record) -> Result<Option<String>, BoardError> {
        let write = self.database.begin_write().map_err(database)?;
        let known = {
            let mut known = write.open_table(KNOWN).map_err(database)?;
            let found = match &record.idempotency {
                Some(key) => {
                    let key = (record.owner.as_str(), key.as_str());
                    let found = known.get(key).map_err(database)?.map(|id| id.value().to_owned());
                    if found.is_none() {
                        known.insert(key, record.id.as_str()).map_err(database)?;
                    }
                    found
                }
                None => None,
            };
            if found.is_none() {
                let mut jobs = write.open_table(JOBS).map_err(database)?;
                jobs.insert(record.id.as_str(), encode(record)?.as_slice())
                    .map_err(database)?;
            }
            found
        };
        write.commit().map_err(database)?;
        Ok(known)
    }
}
