//! Jobs: handing over, asking for, listening to, fetching, stopping.

use super::{App, Asker, Refused};
use crate::admission::{Admitted, admit};
use crate::board::{BoardError, Record, Submitted};
use crate::clock::now;
use crate::keys::{Role, job_id};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::sse::{Event as Line, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use nnsight_remote::protocol::{
    Code, Eta, Event, HASH_HEADER, IDEMPOTENCY_HEADER, JobState, MEDIA_TYPE, Refusal, Status, VERSION,
    VERSION_HEADER,
};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

/// How often a job that waits is told its place, if nothing else happens.
const BEAT: Duration = Duration::from_millis(500);

/// Bytes of a result that are read at once.
const PIECE: usize = 1 << 16;

/// What an answer is packed for: not small ones, not events, and not results, of which parts can be asked for.
pub(super) fn is_worth_packing() -> impl Predicate {
    SizeAbove::new(1024)
        .and(NotForContentType::const_new("text/event-stream"))
        .and(NotForContentType::const_new(MEDIA_TYPE))
}

fn broken_books(error: &BoardError) -> Refused {
    log::error!("{error}");
    Refusal::new(
        Code::Unavailable,
        "the server cannot read or write its books at the moment: the operator's log says why",
    )
    .into()
}

/// Refuses a client that speaks another version.
fn check_version(headers: &HeaderMap) -> Result<(), Refused> {
    let Some(found) = headers.get(VERSION_HEADER) else {
        return Ok(());
    };
    let found: Option<u32> = found.to_str().ok().and_then(|text| text.parse().ok());
    let remedy = match found {
        Some(VERSION) => return Ok(()),
        Some(found) if found > VERSION => "upgrade the server, or use an older release of the client",
        _ => "upgrade the client",
    };
    let found = found.map_or_else(|| String::from("an unknown one"), |found| found.to_string());
    Err(Refusal::new(
        Code::OtherVersion,
        format!(
            "the client speaks version {found} of the protocol and the server version {VERSION}: {remedy}"
        ),
    )
    .into())
}

/// Hands a trace over.
#[utoipa::path(
    post, path = "/v1/jobs", tag = "jobs",
    request_body(content_type = MEDIA_TYPE, description = "a safetensors file; its header has `request` and `graph` as JSON"),
    responses(
        (status = 201, body = JobState, description = "it is queued"),
        (status = 200, body = JobState, description = "it was there already, under the same idempotency key"),
        (status = "default", body = Refusal),
    ),
)]
pub(super) async fn submit(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refused> {
    check_version(&headers)?;
    let asker = app.asker(&headers)?;
    if *app.stopping.borrow() {
        return Err(Refusal::new(Code::Unavailable, "the server is being stopped").into());
    }
    let body = body.map_err(|error| unread(&app, &error))?;
    let unfinished = app.board.unfinished(&asker.name);
    if unfinished >= asker.unfinished {
        let mut refusal = Refusal::new(
            Code::TooMany,
            format!(
                "{unfinished} jobs of this key wait or run, and at most {} may: wait for one of them, or cancel it",
                asker.unfinished
            ),
        )
        .of_limit("unfinished");
        refusal.retry_after = Some(1);
        return Err(refusal.into());
    }
    let idempotency = headers.get(IDEMPOTENCY_HEADER).and_then(|key| key.to_str().ok());
    let idempotency = idempotency.map(|key| key.chars().take(200).collect());
    let received_at = now();
    let admitted = crate::blocking(|| admit(&body, &app.catalog, &app.settings.limits));
    let Admitted { model, steps, shares } = admitted.inspect_err(|refusal| {
        log::info!("a job of `{}` is refused: {:?}", asker.name, refusal.code);
    })?;
    let id = job_id().map_err(|error| {
        log::error!("{error}");
        Refusal::new(Code::Internal, "the server cannot number the job")
    })?;
    let record = Record {
        id,
        owner: asker.name,
        model,
        received_at,
        idempotency,
        steps,
        shares,
        deaths: 0,
        events: Vec::new(),
        result: None,
    };
    let submitted = crate::blocking(|| app.board.submit(record, &body));
    let Submitted { record, is_new } = submitted.map_err(|error| broken_books(&error))?;
    if is_new {
        app.pool.changes.job_is_queued();
    }
    let status = match is_new {
        true => StatusCode::CREATED,
        false => StatusCode::OK,
    };
    Ok((status, Json(state_of(&app, &record))).into_response())
}

/// A request that was not read to its end.
fn unread(app: &App, error: &BytesRejection) -> Refused {
    let limit = app.settings.limits.request_bytes;
    let refusal = match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::new(
            Code::TooLarge,
            format!("the request has more than the {limit} bytes that one may have, unpacked"),
        )
        .of_limit("request_bytes"),
        _ => Refusal::new(
            Code::Malformed,
            format!("the request did not arrive whole: {}", error.body_text()),
        ),
    };
    log::info!("a request is refused: {}", refusal.sentence);
    refusal.into()
}

/// A job of one's own; of another's there is none.
fn own_job(app: &App, asker: &Asker, id: &str) -> Result<Record, Refused> {
    let none = || {
        Refused::from(Refusal::new(
            Code::NotFound,
            "there is no such job, or it is another key's",
        ))
    };
    let is_number = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_number {
        return Err(none());
    }
    let found = crate::blocking(|| app.board.get(id)).map_err(|error| broken_books(&error))?;
    let record = found.ok_or_else(none)?;
    match record.owner == asker.name || asker.role == Role::Operator {
        true => Ok(record),
        false => Err(none()),
    }
}

/// A job as its owner sees it: with its place, while it waits.
fn state_of(app: &App, record: &Record) -> JobState {
    let mut state = record.state();
    place(app, record, &mut state.last);
    state
}

fn place(app: &App, record: &Record, event: &mut Event) {
    if event.status != Status::Queued {
        return;
    }
    let Some(place) = app.board.place(&record.id) else {
        return;
    };
    let usual = app.pool.usual(&record.model);
    let workers = app.pool.views.len() as f64;
    let seconds = usual.map(|usual| usual.as_secs_f64() * place as f64 / workers);
    event.sentence = match seconds {
        Some(seconds) => format!("It waits for a worker: number {place} in the queue, some {seconds:.1} s."),
        None => format!("It waits for a worker: number {place} in the queue."),
    };
    event.eta = Some(Eta { place, seconds });
}

/// One's own jobs, newest first.
#[utoipa::path(get, path = "/v1/jobs", tag = "jobs", responses((status = 200, body = [JobState])))]
pub(super) async fn own(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<Vec<JobState>>, Refused> {
    let asker = app.asker(&headers)?;
    let own = crate::blocking(|| app.board.of_owner(&asker.name, 100));
    let own = own.map_err(|error| broken_books(&error))?;
    Ok(Json(own.iter().map(|record| state_of(&app, record)).collect()))
}

/// What has become of a job.
#[utoipa::path(
    get, path = "/v1/jobs/{id}", tag = "jobs",
    responses((status = 200, body = JobState), (status = "default", body = Refusal)),
)]
pub(super) async fn state(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<JobState>, Refused> {
    let asker = app.asker(&headers)?;
    let record = own_job(&app, &asker, &id)?;
    Ok(Json(state_of(&app, &record)))
}

/// Stops a job.
#[utoipa::path(
    delete, path = "/v1/jobs/{id}", tag = "jobs",
    responses((status = 200, body = JobState), (status = "default", body = Refusal)),
)]
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<JobState>, Refused> {
    let asker = app.asker(&headers)?;
    own_job(&app, &asker, &id)?;
    crate::blocking(|| app.board.cancel(&id)).map_err(|error| broken_books(&error))?;
    app.pool.changes.job(&id);
    let record = own_job(&app, &asker, &id)?;
    Ok(Json(state_of(&app, &record)))
}

/// The events of a job as they come, as server-sent events: those after the number that the client had last, or all.
#[utoipa::path(
    get, path = "/v1/jobs/{id}/events", tag = "jobs",
    responses((status = 200, body = Event, content_type = "text/event-stream"), (status = "default", body = Refusal)),
)]
pub(super) async fn events(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let asker = app.asker(&headers)?;
    // From before the first look, so that nothing happens in between.
    let changes = app.pool.changes.listen(&id);
    own_job(&app, &asker, &id)?;
    let last = headers.get("last-event-id").and_then(|last| last.to_str().ok());
    let next = last
        .and_then(|last| last.parse::<u64>().ok())
        .map_or(0, |last| last.saturating_add(1));
    let (sender, receiver) = mpsc::channel(16);
    tokio::spawn(tell(app, id, changes, next, sender));
    let lines = ReceiverStream::new(receiver);
    Ok(Sse::new(lines).keep_alive(KeepAlive::default()).into_response())
}

/// Sends the events of a job until it has ended, or nobody listens.
async fn tell(
    app: Arc<App>,
    id: String,
    mut changes: watch::Receiver<(u32, u64)>,
    mut next: u64,
    lines: mpsc::Sender<Result<Line, Infallible>>,
) {
    let mut told: Option<Event> = None;
    loop {
        let (done, _) = *changes.borrow_and_update();
        let Ok(Some(record)) = crate::blocking(|| app.board.get(&id)) else {
            return;
        };
        let count = record.events.len();
        let mut fresh: Vec<Event> = record.events.iter().skip(next as usize).cloned().collect();
        next = next.max(count as u64);
        // The last one once more, where its place or its steps have changed.
        if fresh.is_empty() {
            fresh.extend(record.events.last().cloned());
        }
        if let Some(last) = fresh.last_mut() {
            place(&app, &record, last);
            if let (Status::Running, Some(most)) = (last.status, record.steps)
                && done > 0
            {
                last.step = Some((done, most));
                last.sentence = format!("Step {done} of {most} is done.");
            }
        }
        for event in fresh {
            if told.as_ref() == Some(&event) {
                continue;
            }
            let line = Line::default().id(event.number.to_string()).json_data(&event);
            let Ok(line) = line else { return };
            if lines.send(Ok(line)).await.is_err() {
                return;
            }
            told = Some(event);
        }
        if record.status().is_final() {
            return;
        }
        let mut stopping = app.stopping.clone();
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(BEAT) => {}
            () = lines.closed() => return,
            () = crate::stopped(&mut stopping) => {
                // What runs is finished first, and then told.
                tokio::time::sleep(Duration::from_millis(50)).await;
                if lines.is_closed() || record.status() == Status::Queued {
                    return;
                }
            }
        }
    }
}

/// The result of a job, or a part of it.
#[utoipa::path(
    get, path = "/v1/jobs/{id}/result", tag = "jobs",
    responses(
        (status = 200, content_type = MEDIA_TYPE, description = "a safetensors file"),
        (status = 206, content_type = MEDIA_TYPE, description = "from a byte on, as `Range: bytes=N-` asks"),
        (status = "default", body = Refusal),
    ),
)]
pub(super) async fn result(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let asker = app.asker(&headers)?;
    let record = own_job(&app, &asker, &id)?;
    let (bytes, hash) = match (record.status(), &record.result) {
        (Status::Completed, Some(result)) => result.clone(),
        (Status::Expired, _) => {
            return Err(Refusal::new(Code::Expired, "the result of this job is no longer kept").into());
        }
        (status, _) => {
            return Err(Refusal::new(
                Code::Conflict,
                format!("this job is {status}: it has no result, wait until it is COMPLETED"),
            )
            .into());
        }
    };
    let file = app.board.result_file(&id);
    let mut file = tokio::fs::File::open(&file).await.map_err(|error| {
        log::error!("`{}` cannot be read: {error}", file.display());
        Refusal::new(Code::Unavailable, "the result cannot be read at the moment")
    })?;
    let first = match headers.get(header::RANGE).map(|range| first_byte(range, bytes)) {
        None => None,
        Some(Some(first)) => Some(first),
        Some(None) => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            let all = HeaderValue::from_str(&format!("bytes */{bytes}"));
            response
                .headers_mut()
                .extend(all.ok().map(|all| (header::CONTENT_RANGE, all)));
            return Ok(response);
        }
    };
    let start = first.unwrap_or(0);
    file.seek(std::io::SeekFrom::Start(start))
        .await
        .map_err(|error| {
            log::error!("a result cannot be read: {error}");
            Refusal::new(Code::Unavailable, "the result cannot be read at the moment")
        })?;
    let body = Body::from_stream(chunks(file));
    let mut response = Response::new(body);
    if first.is_some() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    let range = format!("bytes {start}-{}/{bytes}", bytes.saturating_sub(1));
    let words = [
        (header::CONTENT_TYPE, Some(String::from(MEDIA_TYPE))),
        (header::CONTENT_LENGTH, Some((bytes - start).to_string())),
        (header::ACCEPT_RANGES, Some(String::from("bytes"))),
        (header::CONTENT_RANGE, first.map(|_| range)),
        (header::HeaderName::from_static(HASH_HEADER), Some(hash)),
    ];
    for (name, value) in words {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// Where `bytes=N-` begins, of a file of `bytes` bytes.
fn first_byte(range: &HeaderValue, bytes: u64) -> Option<u64> {
    let range = range.to_str().ok()?.strip_prefix("bytes=")?.strip_suffix('-')?;
    range.parse().ok().filter(|first| *first < bytes)
}

/// A file, piece by piece.
fn chunks(mut file: tokio::fs::File) -> ReceiverStream<std::io::Result<Bytes>> {
    let (sender, receiver) = mpsc::channel(2);
    tokio::spawn(async move {
        loop {
            let mut piece = Vec::with_capacity(PIECE);
            let piece = match (&mut file).take(PIECE as u64).read_to_end(&mut piece).await {
                Ok(0) => return,
                Ok(_) => Ok(Bytes::from(piece)),
                Err(error) => Err(error),
            };
            let is_last = piece.is_err();
            // A reader that is gone ends this.
            if sender.send(piece).await.is_err() || is_last {
                return;
            }
        }
    });
    ReceiverStream::new(receiver)
}
