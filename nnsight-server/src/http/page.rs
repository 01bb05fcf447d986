//! The page for people: what the server has and does, and how to connect.

use super::models::{is_open, server_state};
use super::{App, Refused};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Response};
use nnsight_remote::protocol::{ServerState, Weights};
use std::convert::Infallible;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;
use tokio_stream::wrappers::ReceiverStream;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Text that HTML takes as text.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// A count of parameters or bytes, short.
fn short(number: u64, units: [&str; 4]) -> String {
    let number = number as f64;
    let steps = [1e12, 1e9, 1e6, 1e3];
    let found = steps.iter().zip(units).find(|(step, _)| number >= **step);
    match found {
        Some((step, unit)) => format!("{:.1} {unit}", number / step),
        None => format!("{number:.0}"),
    }
}

/// What changes, as HTML.
fn live_part(state: &ServerState) -> String {
    let mut html = String::from(
        "<h2>Models</h2><table><thead><tr><th>Name<th>Type<th>Parameters<th>Weights<th>Queued<th>Running</thead><tbody>",
    );
    for model in &state.models {
        let weights = match model.weights {
            Weights::Cold => "on disk",
            Weights::Loading => "loading",
            Weights::Loaded => "in memory",
            Weights::Broken => "broken",
        };
        let type_name = model.type_name.rsplit("::").next().unwrap_or(&model.type_name);
        let _ = write!(
            html,
            "<tr><td><code>{}</code><td>{}<td>{}<td>{weights}<td>{}<td>{}",
            escaped(&model.name),
            escaped(type_name),
            short(model.parameters, ["T", "B", "M", "K"]),
            model.queued,
            model.running,
        );
    }
    html.push_str("</tbody></table><h2>Workers</h2><table><thead><tr><th>Device<th>In memory<th>Jobs<th>Restarts</thead><tbody>");
    for worker in &state.workers {
        let models: Vec<String> = worker.models.iter().map(|model| escaped(model)).collect();
        let _ = write!(
            html,
            "<tr><td>{}<td>{}<td>{}<td>{}",
            match worker.device.is_empty() {
                true => String::from("starting"),
                false => escaped(&worker.device),
            },
            match models.is_empty() {
                true => String::from("nothing"),
                false => models.join(", "),
            },
            worker.running,
            worker.restarts,
        );
    }
    let memory = state.memory.map_or_else(
        || String::from("unknown"),
        |bytes| short(bytes, ["TB", "GB", "MB", "KB"]),
    );
    let load = state
        .load
        .map_or_else(|| String::from("unknown"), |load| format!("{load:.2}"));
    let _ = write!(
        html,
        "</tbody></table><h2>Now</h2><dl><dt>Queued<dd>{}<dt>Running<dd>{}<dt>Completed<dd>{}<dt>Failed<dd>{}\
         <dt>Load<dd>{load}<dt>Memory<dd>{memory}<dt>Up<dd>{:.0} s</dl>",
        state.queued, state.running, state.completed, state.failed, state.uptime,
    );
    html
}

/// The page.
pub(super) async fn page(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Html<String>, Refused> {
    if !is_open(&app.settings) {
        app.asker(&headers)?;
    }
    let state = crate::blocking(|| server_state(&app));
    let address = headers
        .get("host")
        .and_then(|host| host.to_str().ok())
        .map_or_else(|| String::from("ADDRESS"), escaped);
    let first = state.models.first().map_or("MODEL", |model| &model.name);
    let first = escaped(first);
    Ok(Html(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>nnsight</title><style>{STYLE}</style><h1>nnsight <small>{}</small></h1>\
         <main id=live>{}</main>\
         <h2>Connect</h2><pre>nnsight login http://{address}\n\nlet server = Server::connect(\"http://{address}\")?;\n\
         let lm = LanguageModel::&lt;Model&gt;::from_pretrained(\"{first}\")?.on(&amp;server)?;</pre>\
         <p><a href=/openapi.json>The protocol</a></p><script>{SCRIPT}</script></html>",
        escaped(&state.release),
        live_part(&state),
    )))
}

/// What changes, as it changes.
pub(super) async fn live(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Refused> {
    if !is_open(&app.settings) {
        app.asker(&headers)?;
    }
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Event, Infallible>>(1);
    tokio::spawn(async move {
        let mut stopping = app.stopping.clone();
        loop {
            let html = crate::blocking(|| live_part(&server_state(&app)));
            if sender.send(Ok(Event::default().data(html))).await.is_err() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
                () = crate::stopped(&mut stopping) => return,
            }
        }
    });
    let lines = ReceiverStream::new(receiver);
    Ok(Sse::new(lines).keep_alive(KeepAlive::default()).into_response())
}
