//! The front end's side of its workers: each slot keeps a process going and feeds it jobs.

use super::messages::{Files, Order, Report};
use crate::board::{Board, BoardError, Outcome, Record};
use crate::changes::Changes;
use crate::settings::Settings;
use nnsight_remote::protocol::WorkerState;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::watch;

/// How long a worker that ends at once is left alone before the next try, at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A worker, as others see it.
#[derive(Default)]
pub(crate) struct WorkerView(Mutex<View>);

#[derive(Clone, Debug, Default)]
struct View {
    device: String,
    models: Vec<String>,
    loading: Option<String>,
    broken: Option<String>,
    running: u64,
    restarts: u64,
    process: Option<u32>,
}

impl WorkerView {
    fn lock(&self) -> MutexGuard<'_, View> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn state(&self) -> WorkerState {
        let view = self.lock();
        WorkerState {
            device: view.device.clone(),
            models: view.models.clone(),
            running: view.running,
            restarts: view.restarts,
        }
    }

    /// The model whose weights it reads.
    pub(crate) fn loading(&self) -> Option<String> {
        self.lock().loading.clone()
    }

    /// Its process.
    pub(crate) fn process(&self) -> Option<u32> {
        self.lock().process
    }
}

/// What all slots share.
pub(crate) struct Pool {
    pub(crate) board: Arc<dyn Board>,
    pub(crate) changes: Changes,
    pub(crate) views: Vec<Arc<WorkerView>>,
    /// Jobs that were completed and that failed, since the server was started.
    pub(crate) completed: AtomicU64,
    pub(crate) failed: AtomicU64,
    /// Jobs that ran in a pass with others.
    pub(crate) shared: AtomicU64,
    /// How long jobs of each model took, averaged over the last ones.
    took: Mutex<BTreeMap<String, Duration>>,
    command: Vec<String>,
    /// How many jobs share a pass at most.
    together: usize,
}

/// A worker's process while it is there.
struct Process {
    child: Child,
    orders: ChildStdin,
    reports: Lines<BufReader<ChildStdout>>,
}

/// Why a process is no longer fed.
enum End {
    Stopping,
    /// It is gone: of what.
    Died(String),
}

impl Pool {
    pub(crate) fn new(board: Arc<dyn Board>, settings: &Settings) -> Self {
        Pool {
            board,
            changes: Changes::default(),
            views: (0..settings.workers.max(1)).map(|_| Arc::default()).collect(),
            completed: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            shared: AtomicU64::new(0),
            took: Mutex::default(),
            command: settings.worker.clone(),
            together: settings.limits.together,
        }
    }

    /// How long a job of a model is likely to take.
    pub(crate) fn usual(&self, model: &str) -> Option<Duration> {
        let took = self.took.lock().unwrap_or_else(PoisonError::into_inner);
        took.get(model).copied()
    }

    fn remember(&self, model: &str, took: Duration) {
        let mut known = self.took.lock().unwrap_or_else(PoisonError::into_inner);
        let usual = known.entry(model.to_owned()).or_insert(took);
        *usual = (*usual * 4 + took) / 5;
    }

    /// Keeps a worker going until `stop` says so, and gives it jobs.
    pub(crate) async fn slot(self: Arc<Self>, number: usize, mut stop: watch::Receiver<bool>) {
        let Some(view) = self.views.get(number).map(Arc::clone) else {
            return;
        };
        let mut pause = Duration::from_millis(100);
        while !*stop.borrow() {
            let began = Instant::now();
            match self.start(&view).await {
                Ok(process) => match self.feed(number, &view, process, &mut stop).await {
                    End::Stopping => break,
                    End::Died(of) => log::error!("worker {number} has died of {of}"),
                },
                Err(error) => log::error!("worker {number} cannot be started: {error}"),
            }
            {
                let mut view = view.lock();
                *view = View {
                    restarts: view.restarts + 1,
                    broken: view.broken.take(),
                    ..View::default()
                };
            }
            pause = match began.elapsed() > LONGEST_PAUSE {
                true => Duration::from_millis(100),
                false => (pause * 2).min(LONGEST_PAUSE),
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = crate::stopped(&mut stop) => {}
            }
        }
    }

    async fn start(&self, view: &WorkerView) -> std::io::Result<Process> {
        let gone = || std::io::Error::other("it has no input or output");
        let (program, arguments) = self
            .command
            .split_first()
            .ok_or_else(|| std::io::Error::other("no program is named for workers"))?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let orders = child.stdin.take().ok_or_else(gone)?;
        let reports = BufReader::new(child.stdout.take().ok_or_else(gone)?).lines();
        view.lock().process = child.id();
        Ok(Process {
            child,
            orders,
            reports,
        })
    }

    async fn feed(
        &self,
        number: usize,
        view: &WorkerView,
        mut process: Process,
        stop: &mut watch::Receiver<bool>,
    ) -> End {
        let name = format!("Worker {number}");
        loop {
            if *stop.borrow() {
                // Its input ends, and it with it.
                drop(process.orders);
                let _ = tokio::time::timeout(Duration::from_secs(5), process.child.wait()).await;
                return End::Stopping;
            }
            let queue = self.changes.queue();
            let models: BTreeSet<String> = view.lock().models.iter().cloned().collect();
            let claimed = crate::blocking(|| self.board.claim(&models, &name));
            let job = match claimed {
                Ok(job) => job,
                Err(error) => {
                    log::error!("no job can be taken out of the queue: {error}");
                    None
                }
            };
            let Some(job) = job else {
                tokio::select! {
                    () = queue => {}
                    () = tokio::time::sleep(Duration::from_secs(1)) => {}
                    () = crate::stopped(stop) => {}
                    line = process.reports.next_line() => match line {
                        Ok(Some(line)) => self.hear(view, &line),
                        _ => return End::Died(why(&mut process.child).await),
                    }
                }
                continue;
            };
            let beside = crate::blocking(|| {
                self.board
                    .claim_beside(&job, self.together.saturating_sub(1), &name)
            });
            let mut jobs = vec![job];
            match beside {
                Ok(beside) => jobs.extend(beside),
                Err(error) => log::error!("no job can be taken out of the queue: {error}"),
            }
            jobs.iter().for_each(|job| self.changes.job(&job.id));
            view.lock().running = jobs.len() as u64;
            let shared = jobs.len() > 1;
            let ended = self.run(view, &mut process, &mut jobs).await;
            view.lock().running = 0;
            let Err(of) = ended else { continue };
            let of = match of {
                Some(of) => of,
                None => why(&mut process.child).await,
            };
            // Those whose results are there have ended.
            for job in &jobs {
                if let Err(error) = crate::blocking(|| self.board.give_back(&job.id, Some(&of), shared)) {
                    log::error!("job {} cannot be given back: {error}", job.id);
                }
                self.changes.job(&job.id);
            }
            self.changes.job_is_queued();
            return End::Died(of);
        }
    }

    /// Has jobs run, and takes those off the list that have ended. An error is the end of the worker.
    async fn run(
        &self,
        view: &WorkerView,
        process: &mut Process,
        jobs: &mut Vec<Record>,
    ) -> Result<(), Option<String>> {
        let mut began = Instant::now();
        let together = jobs.len() as u32;
        let files = jobs.iter().map(|job| Files {
            id: job.id.clone(),
            request: self.board.request_file(&job.id),
            result: self.board.result_file(&job.id),
        });
        let order = Order::Run {
            jobs: files.collect(),
        };
        let mut line = serde_json::to_vec(&order).map_err(|error| Some(error.to_string()))?;
        line.push(b'\n');
        process.orders.write_all(&line).await.map_err(|_| None)?;
        let mut share = 1;
        while !jobs.is_empty() {
            let line = process.reports.next_line().await.ok().flatten().ok_or(None)?;
            let report: Report = match serde_json::from_str(&line) {
                Ok(report) => report,
                // A model may print.
                Err(_) => {
                    log::warn!("a worker prints: {line}");
                    continue;
                }
            };
            let (id, outcome) = match report {
                Report::Completed { id, bytes, hash } => {
                    self.completed.fetch_add(1, Relaxed);
                    (id, Outcome::Completed { bytes, hash })
                }
                Report::Failed { id, sentence } => {
                    self.failed.fetch_add(1, Relaxed);
                    (id, Outcome::Failed(sentence))
                }
                Report::Step { done } => {
                    jobs.iter().for_each(|job| self.changes.step(&job.id, done));
                    continue;
                }
                Report::Shared { jobs } => {
                    self.shared.fetch_add(u64::from(jobs), Relaxed);
                    share = together;
                    continue;
                }
                other => {
                    self.note(view, other);
                    continue;
                }
            };
            let Some(place) = jobs.iter().position(|job| job.id == id) else {
                continue;
            };
            let job = jobs.swap_remove(place);
            // Of a pass that was shared each has had its part.
            let took = began.elapsed() / share;
            if share == 1 {
                began = Instant::now();
            }
            self.remember(&job.model, took);
            self.end(&job, outcome, took);
        }
        Ok(())
    }

    fn end(&self, job: &Record, outcome: Outcome, took: Duration) {
        let status = match &outcome {
            Outcome::Completed { bytes, .. } => format!("completed, {bytes} bytes"),
            Outcome::Failed(_) => String::from("failed"),
            Outcome::Cancelled => String::from("cancelled"),
        };
        log::info!(
            "job {} of `{}` on `{}`: {status}, {:.3} s",
            job.id,
            job.owner,
            job.model,
            took.as_secs_f64()
        );
        let finished: Result<(), BoardError> = crate::blocking(|| self.board.finish(&job.id, outcome, took));
        if let Err(error) = finished {
            // It runs again when the server is started anew.
            log::error!("job {} cannot be finished in the books: {error}", job.id);
        }
        self.changes.job(&job.id);
    }

    fn hear(&self, view: &WorkerView, line: &str) {
        match serde_json::from_str(line) {
            Ok(report) => self.note(view, report),
            Err(_) => log::warn!("a worker prints: {line}"),
        }
    }

    fn note(&self, view: &WorkerView, report: Report) {
        let mut view = view.lock();
        match report {
            Report::Ready { device } => view.device = device,
            Report::Loading { model } => view.loading = Some(model),
            Report::Loaded { models } => {
                view.loading = None;
                view.models = models;
            }
            // Of a job that is no longer its own.
            Report::Step { .. }
            | Report::Shared { .. }
            | Report::Completed { .. }
            | Report::Failed { .. } => {}
        }
    }
}

/// What a process has died of.
async fn why(child: &mut Child) -> String {
    // It is gone, or has closed its output and is of no use.
    let _ = child.start_kill();
    let status = child.wait().await;
    #[cfg(unix)]
    if let Ok(status) = &status
        && let Some(signal) = std::os::unix::process::ExitStatusExt::signal(status)
    {
        return format!("signal {signal}");
    }
    match status {
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    }
}
