//! What the server has, and what it is doing.

use super::{App, Refused};
use crate::settings::Settings;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use nnsight_remote::protocol::{
    Code, JobState, ModelState, ModelTree, Refusal, ServerState, VERSION, Weights, WorkerState,
};
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use utoipa::OpenApi;

/// What the server says of itself, for programs.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "nnsight",
        description = "Traces of many people on the models of one server"
    ),
    paths(
        super::jobs::submit,
        super::jobs::own,
        super::jobs::state,
        super::jobs::cancel,
        super::jobs::events,
        super::jobs::result,
        all,
        tree,
        status
    ),
    components(schemas(JobState, ServerState, nnsight_remote::protocol::Envelope))
)]
struct Api;

pub(super) async fn openapi() -> Json<utoipa::openapi::OpenApi> {
    Json(Api::openapi())
}

fn of_model(app: &App, name: &str, load: &[(String, u64, u64)], workers: &[WorkerState]) -> ModelState {
    let (queued, running) = load
        .iter()
        .find(|(model, ..)| model == name)
        .map_or((0, 0), |(_, queued, running)| (*queued, *running));
    let loading = || {
        app.pool
            .views
            .iter()
            .any(|view| view.loading().as_deref() == Some(name))
    };
    let hosted = app.catalog.get(name).ok().flatten();
    let weights = match workers
        .iter()
        .any(|worker| worker.models.iter().any(|model| model == name))
    {
        _ if hosted.is_none() => Weights::Broken,
        true => Weights::Loaded,
        false if loading() => Weights::Loading,
        false => Weights::Cold,
    };
    ModelState {
        name: name.to_owned(),
        type_name: hosted
            .as_ref()
            .map_or_else(String::new, |hosted| hosted.tree().model_name().to_owned()),
        parameters: hosted.map_or(0, |hosted| hosted.parameters()),
        weights,
        queued,
        running,
    }
}

fn models(app: &App) -> Vec<ModelState> {
    let (load, workers) = (app.board.load(), workers(app));
    let names = app.catalog.names().iter();
    names.map(|name| of_model(app, name, &load, &workers)).collect()
}

fn workers(app: &App) -> Vec<WorkerState> {
    app.pool.views.iter().map(|view| view.state()).collect()
}

/// What the server is doing.
pub(super) fn server_state(app: &App) -> ServerState {
    let load = app.board.load();
    ServerState {
        release: env!("CARGO_PKG_VERSION").to_owned(),
        protocol: VERSION,
        uptime: app.began.elapsed().as_secs_f64(),
        models: models(app),
        workers: workers(app),
        queued: load.iter().map(|(_, queued, _)| queued).sum(),
        running: load.iter().map(|(.., running)| running).sum(),
        completed: app.pool.completed.load(Relaxed),
        failed: app.pool.failed.load(Relaxed),
        shared: app.pool.shared.load(Relaxed),
        load: system_load(),
        memory: memory(app),
    }
}

/// The load of the machine over the last minute.
fn system_load() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// Bytes that this process and its workers have in memory.
fn memory(app: &App) -> Option<u64> {
    let workers = app.pool.views.iter().filter_map(|view| view.process());
    let processes = std::iter::once(std::process::id()).chain(workers);
    let mut all = 0;
    for process in processes {
        let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        all += line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024;
    }
    Some(all)
}

/// The models.
#[utoipa::path(get, path = "/v1/models", tag = "models", responses((status = 200, body = [ModelState])))]
pub(super) async fn all(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<Vec<ModelState>>, Refused> {
    app.asker(&headers)?;
    Ok(Json(crate::blocking(|| models(&app))))
}

/// The modules of a model.
#[utoipa::path(
    get, path = "/v1/models/{name}", tag = "models",
    responses((status = 200, body = ModelTree), (status = "default", body = Refusal)),
)]
pub(super) async fn tree(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Json<ModelTree>, Refused> {
    app.asker(&headers)?;
    let found = crate::blocking(|| app.catalog.get(&name));
    let Ok(Some(hosted)) = found else {
        let known = app.catalog.names().join("`, `");
        return Err(Refusal::new(
            Code::NotFound,
            format!("this server has no such model; it has `{known}`"),
        )
        .into());
    };
    let tree = hosted.tree().to_string();
    Ok(Json(ModelTree { name, tree }))
}

/// What the server is doing.
#[utoipa::path(get, path = "/v1/status", tag = "models", responses((status = 200, body = ServerState)))]
pub(super) async fn status(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<ServerState>, Refused> {
    app.asker(&headers)?;
    Ok(Json(crate::blocking(|| server_state(&app))))
}

/// Whether it takes jobs.
pub(super) async fn ready(State(app): State<Arc<App>>) -> impl IntoResponse {
    match *app.stopping.borrow() {
        false => (StatusCode::OK, "ready\n"),
        true => (StatusCode::SERVICE_UNAVAILABLE, "the server is being stopped\n"),
    }
}

/// The same numbers as Prometheus reads them.
pub(super) async fn metrics(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Refused> {
    app.asker(&headers)?;
    let state = crate::blocking(|| server_state(&app));
    let mut text = String::new();
    let mut one = |name: &str, kind: &str, help: &str, value: f64| {
        // Writing into a string does not fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    };
    one(
        "nnsight_jobs_completed_total",
        "counter",
        "Jobs that were completed.",
        state.completed as f64,
    );
    one(
        "nnsight_jobs_failed_total",
        "counter",
        "Jobs that failed.",
        state.failed as f64,
    );
    one(
        "nnsight_jobs_queued",
        "gauge",
        "Jobs that wait.",
        state.queued as f64,
    );
    one(
        "nnsight_jobs_running",
        "gauge",
        "Jobs that run.",
        state.running as f64,
    );
    one(
        "nnsight_uptime_seconds",
        "gauge",
        "Since the server was started.",
        state.uptime,
    );
    let restarts: u64 = state.workers.iter().map(|worker| worker.restarts).sum();
    one(
        "nnsight_worker_restarts_total",
        "counter",
        "Workers that were started anew.",
        restarts as f64,
    );
    if let Some(memory) = state.memory {
        one(
            "nnsight_memory_bytes",
            "gauge",
            "Memory of the server and its workers.",
            memory as f64,
        );
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text))
}

/// Whether anybody may look at the page without a key.
pub(super) fn is_open(settings: &Settings) -> bool {
    settings.open
}
