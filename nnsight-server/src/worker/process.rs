//! What a worker does: it reads orders until its input ends.

use super::messages::{Files, Order, Report};
use crate::hosted::{Catalog, Hosted};
use crate::settings::Limits;
use crate::whole::write_whole;
use nnsight_core::jobs::Task;
use nnsight_remote::protocol::{Request, decode, encode_result, hash};
use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Runs the jobs that `orders` name, on the models of a catalog, and tells `reports` what becomes of them. Ends when the
/// orders do.
///
/// # Errors
/// An input or an output that is gone: then the front end is.
pub fn work(
    catalog: &Catalog,
    device: &str,
    limits: &Limits,
    orders: impl BufRead,
    mut reports: impl Write,
) -> std::io::Result<()> {
    tell(
        &mut reports,
        &Report::Ready {
            device: device.to_owned(),
        },
    )?;
    let mut loaded: Vec<String> = Vec::new();
    for line in orders.lines() {
        let order: Order = serde_json::from_str(&line?)?;
        let Order::Run { jobs } = order;
        let mut worker = Worker {
            catalog,
            limits,
            loaded: &mut loaded,
            reports: &mut reports,
        };
        worker.run(&jobs)?;
    }
    Ok(())
}

/// A report is a line, and there at once.
fn tell(reports: &mut impl Write, report: &Report) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    reports.write_all(&line)?;
    reports.flush()
}

/// A worker at an order.
struct Worker<'a, W> {
    catalog: &'a Catalog,
    limits: &'a Limits,
    /// The models whose weights are in memory.
    loaded: &'a mut Vec<String>,
    reports: &'a mut W,
}

/// A job that was read.
struct Read<'a> {
    files: &'a Files,
    model: String,
    hosted: Arc<dyn Hosted>,
    task: Task,
}

impl<W: Write> Worker<'_, W> {
    fn run(&mut self, jobs: &[Files]) -> std::io::Result<()> {
        let mut read = Vec::with_capacity(jobs.len());
        for files in jobs {
            match self.read(files) {
                Ok(job) => read.push(job),
                Err(sentence) => self.failed(files, sentence)?,
            }
        }
        // All of an order are of one model.
        let first = read.first();
        let Some((name, hosted)) = first.map(|job| (job.model.clone(), Arc::clone(&job.hosted))) else {
            return Ok(());
        };
        if !self.loaded.contains(&name) {
            tell(self.reports, &Report::Loading { model: name.clone() })?;
            if let Err(reason) = caught(|| hosted.load()) {
                let sentence = format!("the model `{name}` cannot be loaded: {reason}");
                return read
                    .iter()
                    .try_for_each(|job| self.failed(job.files, sentence.clone()));
            }
            self.loaded.push(name);
            let models = self.loaded.clone();
            tell(self.reports, &Report::Loaded { models })?;
        }
        if read.len() > 1 && self.run_together(&hosted, &read)? {
            return Ok(());
        }
        read.into_iter().try_for_each(|job| self.run_alone(&hosted, &job))
    }

    fn read<'f>(&self, files: &'f Files) -> Result<Read<'f>, String> {
        let bytes = std::fs::read(&files.request).map_err(|error| format!("the request is gone: {error}"))?;
        let Request { model, task, .. } =
            decode(&bytes, &self.limits.graph).map_err(|error| error.to_string())?;
        match self.catalog.get(&model) {
            Ok(Some(hosted)) => Ok(Read {
                files,
                model,
                hosted,
                task,
            }),
            Ok(None) => Err(format!("the server no longer has the model `{model}`")),
            Err(reason) => Err(format!("the model `{model}` cannot be opened: {reason}")),
        }
    }

    fn failed(&mut self, files: &Files, sentence: String) -> std::io::Result<()> {
        let id = files.id.clone();
        tell(self.reports, &Report::Failed { id, sentence })
    }

    /// Runs jobs in one pass. Whatever one of them cannot do is not said: each is run by itself then.
    fn run_together(&mut self, hosted: &Arc<dyn Hosted>, jobs: &[Read<'_>]) -> std::io::Result<bool> {
        let tasks: Vec<Task> = jobs.iter().map(|job| job.task.clone()).collect();
        let limits = &self.limits.graph;
        let results = self.stepping(|on_step| caught(|| hosted.run_together(&tasks, limits, on_step)))?;
        let Ok(results) = results else { return Ok(false) };
        tell(
            self.reports,
            &Report::Shared {
                jobs: jobs.len() as u32,
            },
        )?;
        for (job, results) in jobs.iter().zip(&results) {
            self.keep(
                job.files,
                encode_result(results).map_err(|error| error.to_string()),
            )?;
        }
        Ok(true)
    }

    fn run_alone(&mut self, hosted: &Arc<dyn Hosted>, job: &Read<'_>) -> std::io::Result<()> {
        let limits = &self.limits.graph;
        let results = self.stepping(|on_step| caught(|| hosted.run(&job.task, limits, on_step)))?;
        let encoded = results.and_then(|results| encode_result(&results).map_err(|error| error.to_string()));
        self.keep(job.files, encoded)
    }

    /// Runs something, and tells of its steps.
    fn stepping<T>(&mut self, run: impl FnOnce(&mut dyn FnMut(usize)) -> T) -> std::io::Result<T> {
        let mut gone = None;
        let done = run(&mut |done| {
            let report = Report::Step { done: done as u32 };
            gone = gone.take().or(tell(self.reports, &report).err());
        });
        match gone {
            Some(error) => Err(error),
            None => Ok(done),
        }
    }

    /// Puts a result where it belongs.
    fn keep(&mut self, files: &Files, encoded: Result<Vec<u8>, String>) -> std::io::Result<()> {
        let kept = encoded.and_then(|bytes| {
            let written = write_whole(&files.result, &bytes);
            written.map_err(|error| format!("the result cannot be kept: {error}"))?;
            Ok(bytes)
        });
        match kept {
            Err(sentence) => self.failed(files, sentence),
            Ok(bytes) => tell(
                self.reports,
                &Report::Completed {
                    id: files.id.clone(),
                    bytes: bytes.len() as u64,
                    hash: hash(&bytes),
                },
            ),
        }
    }
}

/// A panic is a failure of one job, not of the worker.
fn caught<T>(run: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        let text = text.unwrap_or_else(|| String::from("without a word"));
        Err(format!("the worker panicked: {text}"))
    })
}
