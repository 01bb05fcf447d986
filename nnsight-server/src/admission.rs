//! Whether a request may wait for a worker: nothing is loaded or queued for one that may not.

use crate::hosted::Catalog;
use crate::settings::Limits;
use nnsight_core::jobs::Task;
use nnsight_remote::protocol::{Code, Refusal, Request, decode};

/// A request that fits its model and the limits.
pub(crate) struct Admitted {
    pub(crate) model: String,
    pub(crate) steps: Option<u32>,
    /// What the jobs have in common that can share a pass with it; none if it must run alone.
    pub(crate) shares: Option<String>,
}

/// Reads a request and checks it.
///
/// # Errors
/// Why it may not.
pub(crate) fn admit(bytes: &[u8], catalog: &Catalog, limits: &Limits) -> Result<Admitted, Refusal> {
    let Request { model, task, webhook } = decode(bytes, &limits.graph)?;
    if webhook.is_some() {
        return Err(Refusal::new(
            Code::Forbidden,
            "this server tells no addresses when a job has ended: poll, or listen to the job's events",
        ));
    }
    let hosted = catalog.get(&model).map_err(|reason| {
        log::error!("the model `{model}` cannot be opened: {reason}");
        Refusal::new(
            Code::Unavailable,
            format!("the model `{model}` cannot be opened at the moment"),
        )
    })?;
    let Some(hosted) = hosted else {
        let known = catalog.names().join("`, `");
        return Err(Refusal::new(
            Code::NotFound,
            format!("this server has no model `{model}`; it has `{known}`"),
        ));
    };
    hosted
        .check(&task, &limits.graph)
        .map_err(|sentence| Refusal::new(Code::Unfit, sentence))?;
    Ok(Admitted {
        model,
        steps: task.graph.steps.map(|steps| steps.most),
        shares: shares(&task),
    })
}

/// Jobs of one model share a pass if they generate alike, or not at all.
fn shares(task: &Task) -> Option<String> {
    task.graph
        .shares()
        .then(|| format!("{:?} {:?}", task.graph.steps, task.drawing))
}
