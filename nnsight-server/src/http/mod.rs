//! The front end: it checks, keeps books, and answers. It computes nothing.

mod jobs;
mod models;
mod page;
mod refused;

use crate::board::{Board, Embedded};
use crate::hosted::Catalog;
use crate::keys::{Key, Keys, Role};
use crate::settings::Settings;
use crate::worker::Pool;
use crate::{Error, Result};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::routing::get;
use nnsight_remote::protocol::{Code, Refusal, VERSION, VERSION_HEADER};
use refused::Refused;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::compression::CompressionLayer;
use tower_http::decompression::RequestDecompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

/// What all requests share.
pub(crate) struct App {
    pub(crate) settings: Settings,
    pub(crate) catalog: Catalog,
    pub(crate) keys: Keys,
    pub(crate) board: Arc<dyn Board>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) began: Instant,
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Whoever asks.
pub(crate) struct Asker {
    /// The name of its key; empty where no key is needed and none was shown.
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) unfinished: usize,
}

impl App {
    /// Who asks, by the key that the request shows.
    pub(crate) fn asker(&self, headers: &HeaderMap) -> Result<Asker, Refused> {
        let shown = headers.get(header::AUTHORIZATION);
        let token = shown
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        let limits = &self.settings.limits;
        let Some(token) = token else {
            return match self.settings.open {
                true => Ok(Asker {
                    name: String::new(),
                    role: Role::User,
                    unfinished: limits.unfinished,
                }),
                false => Err(Refusal::new(
                    Code::Unauthorized,
                    "this server wants a key: `nnsight login`, or NNSIGHT_API_KEY",
                )
                .into()),
            };
        };
        let found = self.keys.find(token).map_err(|error| {
            log::error!("{error}");
            Refusal::new(
                Code::Unavailable,
                "the server cannot look at its keys at the moment",
            )
        })?;
        match found {
            Some(Key {
                name,
                role,
                unfinished,
                ..
            }) => Ok(Asker {
                name,
                role,
                unfinished: unfinished.unwrap_or(limits.unfinished),
            }),
            None => Err(Refusal::new(
                Code::Unauthorized,
                "this key is not known here, or has been revoked: ask the operator for another one",
            )
            .into()),
        }
    }
}

/// A server that runs, until it is stopped or dropped.
pub struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as clients write it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until it ends.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            // A panic there has been printed by then.
            let _ = thread.join();
        }
    }

    /// Asks it to end: what runs is finished first, and what waits stays in the books.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }
}

impl Running {
    /// Stops it at the signals by which a system asks a program to end.
    ///
    /// # Errors
    /// A system that tells of no signals.
    pub fn stop_on_signals(&self) -> std::io::Result<()> {
        let stop = self.stop.clone();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let wait = move || {
            runtime.block_on(signal());
            stop.send_replace(true);
        };
        std::thread::Builder::new()
            .name(String::from("signals"))
            .spawn(wait)?;
        Ok(())
    }
}

/// Waits for a signal to end.
async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut terminate), Ok(mut interrupt)) =
            (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Starts a server. When this returns it listens.
///
/// # Errors
/// Books, keys or an address that cannot be had; a model that cannot be opened.
pub fn serve(settings: Settings, catalog: Catalog) -> Result<Running> {
    for name in catalog.names() {
        catalog.get(name).map_err(|reason| Error::Model {
            name: name.clone(),
            reason,
        })?;
    }
    let board: Arc<dyn Board> = Arc::new(Embedded::open(&settings.data)?);
    let keys = Keys::open(&settings.data)?;
    let system = |what: &str| {
        let what = what.to_owned();
        move |source| Error::System { what, source }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(system("no threads can be had"))?;
    let listener = runtime
        .block_on(TcpListener::bind(settings.address))
        .map_err(system(&format!("{} cannot be listened on", settings.address)))?;
    let address = listener
        .local_addr()
        .map_err(system("the address is not known"))?;
    let (stop, stopping) = watch::channel(false);
    let app = Arc::new(App {
        pool: Arc::new(Pool::new(Arc::clone(&board), &settings)),
        settings,
        catalog,
        keys,
        board,
        began: Instant::now(),
        stopping,
    });
    let run = move || runtime.block_on(run(app, listener));
    let thread = std::thread::Builder::new()
        .name(String::from("nnsight-server"))
        .spawn(run)
        .map_err(system("no thread can be had"))?;
    Ok(Running {
        address,
        stop,
        thread: Some(thread),
    })
}

async fn run(app: Arc<App>, listener: TcpListener) {
    let slots = 0..app.pool.views.len();
    let slots: Vec<_> = slots
        .map(|number| tokio::spawn(Arc::clone(&app.pool).slot(number, app.stopping.clone())))
        .collect();
    let sweeper = tokio::spawn(sweep(Arc::clone(&app)));
    let mut stopping = app.stopping.clone();
    let stop = async move {
        crate::stopped(&mut stopping).await;
    };
    let served = axum::serve(listener, router(Arc::clone(&app))).with_graceful_shutdown(stop);
    if let Err(error) = served.await {
        log::error!("the server has ended: {error}");
    }
    for slot in slots {
        let _ = slot.await;
    }
    sweeper.abort();
}

/// Forgets old results, from time to time.
async fn sweep(app: Arc<App>) {
    let mut every = tokio::time::interval(Duration::from_secs(30));
    loop {
        every.tick().await;
        let limits = &app.settings.limits;
        match crate::blocking(|| app.board.sweep(limits.keep, limits.results)) {
            Ok(0) => {}
            Ok(swept) => log::info!("{swept} results are no longer kept"),
            Err(error) => log::error!("results cannot be swept: {error}"),
        }
    }
}

fn router(app: Arc<App>) -> Router {
    let limits = &app.settings.limits;
    let version = HeaderValue::from(VERSION);
    let jobs = Router::new()
        .route("/v1/jobs", get(jobs::own).post(jobs::submit))
        .route("/v1/jobs/{id}", get(jobs::state).delete(jobs::cancel))
        .route("/v1/jobs/{id}/events", get(jobs::events))
        .route("/v1/jobs/{id}/result", get(jobs::result))
        .route("/v1/models", get(models::all))
        .route("/v1/models/{*name}", get(models::tree))
        .route("/v1/status", get(models::status))
        .route("/openapi.json", get(models::openapi))
        .route("/metrics", get(models::metrics))
        .route("/health", get(|| async { "ok\n" }))
        .route("/ready", get(models::ready))
        .route("/", get(page::page))
        .route("/live", get(page::live))
        .fallback(refused::nothing_here)
        .method_not_allowed_fallback(refused::not_that_way);
    jobs.layer(RequestDecompressionLayer::new())
        .layer(DefaultBodyLimit::max(limits.request_bytes))
        .layer(RequestBodyTimeoutLayer::new(limits.patience))
        .layer(CompressionLayer::new().compress_when(jobs::is_worth_packing()))
        .layer(SetResponseHeaderLayer::overriding(
            HeaderName::from_static(VERSION_HEADER),
            version,
        ))
        .with_state(app)
}
