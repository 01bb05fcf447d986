//! What a worker does: it reads orders until its input ends.

use super::messages::{Order, Report};
use crate::hosted::{Catalog, Hosted};
use crate::settings::Limits;
use crate::whole::write_whole;
use nnsight_remote::protocol::{Request, decode, encode_result, hash};
use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
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
        let Order::Run { id, request, result } = order;
        let ended = run(
            catalog,
            limits,
            &id,
            (&request, &result),
            &mut loaded,
            &mut reports,
        )?;
        tell(&mut reports, &ended)?;
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

fn run(
    catalog: &Catalog,
    limits: &Limits,
    id: &str,
    (request, result): (&Path, &Path),
    loaded: &mut Vec<String>,
    reports: &mut impl Write,
) -> std::io::Result<Report> {
    let failed = |sentence: String| Report::Failed {
        id: id.to_owned(),
        sentence,
    };
    let bytes = match std::fs::read(request) {
        Ok(bytes) => bytes,
        Err(error) => return Ok(failed(format!("the request is gone: {error}"))),
    };
    let Request { model, task, .. } = match decode(&bytes, &limits.graph) {
        Ok(request) => request,
        Err(error) => return Ok(failed(error.to_string())),
    };
    drop(bytes);
    let hosted = match catalog.get(&model) {
        Ok(Some(hosted)) => hosted,
        Ok(None) => return Ok(failed(format!("the server no longer has the model `{model}`"))),
        Err(reason) => return Ok(failed(format!("the model `{model}` cannot be opened: {reason}"))),
    };
    if !loaded.contains(&model) {
        tell(reports, &Report::Loading { model: model.clone() })?;
        if let Err(reason) = caught(|| hosted.load()) {
            return Ok(failed(format!("the model `{model}` cannot be loaded: {reason}")));
        }
        loaded.push(model.clone());
        tell(
            reports,
            &Report::Loaded {
                model,
                models: loaded.clone(),
            },
        )?;
    }
    let mut gone = None;
    let mut on_step = |done: usize| {
        let report = Report::Step {
            id: id.to_owned(),
            done: done as u32,
        };
        gone = gone.take().or(tell(reports, &report).err());
    };
    let encoded = caught(|| encoded(&hosted, &task, limits, &mut on_step));
    if let Some(error) = gone {
        return Err(error);
    }
    Ok(match encoded {
        Err(sentence) => failed(sentence),
        Ok(bytes) => match write_whole(result, &bytes) {
            Ok(()) => Report::Completed {
                id: id.to_owned(),
                bytes: bytes.len() as u64,
                hash: hash(&bytes),
            },
            Err(error) => failed(format!("the result cannot be kept: {error}")),
        },
    })
}

/// Runs a task, and gives its result as bytes.
fn encoded(
    hosted: &Arc<dyn Hosted>,
    task: &nnsight_core::jobs::Task,
    limits: &Limits,
    on_step: &mut dyn FnMut(usize),
) -> Result<Vec<u8>, String> {
    let results = hosted.run(task, &limits.graph, on_step)?;
    encode_result(&results).map_err(|error| error.to_string())
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
