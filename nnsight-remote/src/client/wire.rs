//! Requests and answers over HTTP.

use super::{Error, Result};
use crate::protocol::{
    Code, HASH_HEADER, IDEMPOTENCY_HEADER, JobState, MEDIA_TYPE, Refusal, VERSION, VERSION_HEADER, hash,
};
use serde::de::DeserializeOwned;
use std::io::{BufRead, BufReader, Read, Write};
use std::time::Duration;
use ureq::http::Response;
use ureq::{Agent, Body};

/// How often something is tried again that the network broke.
const TRIES: u32 = 5;

/// How long nothing may come while a connection stands: a server says that it is there more often.
const SILENCE: Duration = Duration::from_secs(60);

/// Bytes from which on a request is packed, and up to which: numbers do not shrink.
const PACKED: std::ops::Range<usize> = 4096..(4 << 20);

/// A connection to a server.
pub(super) struct Wire {
    agent: Agent,
    url: String,
    key: Option<String>,
}

/// A path's part, as an address has it.
pub(super) fn escaped(part: &str) -> String {
    let mut escaped = String::with_capacity(part.len());
    for byte in part.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                escaped.push(byte.into());
            }
            byte => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

impl Wire {
    pub(super) fn new(url: &str, key: Option<String>) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_recv_response(Some(SILENCE))
            .user_agent(concat!("nnsight/", env!("CARGO_PKG_VERSION")))
            .build();
        Wire {
            agent: config.into(),
            url: url.trim_end_matches('/').to_owned(),
            key,
        }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    fn unreachable(&self, reason: impl ToString) -> Error {
        Error::Unreachable {
            url: self.url.clone(),
            reason: reason.to_string(),
        }
    }

    /// Whether there is a server of this protocol.
    pub(super) fn find(&self) -> Result<()> {
        let response = self.agent.get(format!("{}/health", self.url)).call();
        self.checked(response.map_err(|error| self.unreachable(error))?)
            .map(drop)
    }

    /// An answer of a server that speaks this version, and does not refuse.
    fn checked(&self, mut response: Response<Body>) -> Result<Response<Body>> {
        let version = response.headers().get(VERSION_HEADER);
        let version = version.and_then(|version| version.to_str().ok());
        match version.map(str::parse::<u32>) {
            Some(Ok(VERSION)) => {}
            Some(Ok(found)) => {
                return Err(Error::OtherVersion {
                    url: self.url.clone(),
                    found,
                });
            }
            _ => {
                return Err(Error::NoServer {
                    url: self.url.clone(),
                    reason: format!("status {}, and no version of the protocol", response.status()),
                });
            }
        }
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let text = response.body_mut().read_to_string().unwrap_or_default();
        let refusal = serde_json::from_str(&text)
            .unwrap_or_else(|_| Refusal::new(Code::Internal, format!("the server answers {status}: {text}")));
        Err(Error::Refused(refusal))
    }

    /// The value of the header that shows the key.
    fn bearer(&self) -> Option<String> {
        self.key.as_ref().map(|key| format!("Bearer {key}"))
    }

    fn once(&self, path: &str, headers: &[(&str, String)]) -> Result<Response<Body>> {
        let mut request = self.agent.get(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if let Some(bearer) = self.bearer() {
            request = request.header("authorization", bearer);
        }
        let response = request.call().map_err(|error| self.unreachable(error))?;
        self.checked(response)
    }

    /// What is at a path, as JSON.
    pub(super) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let mut response = again(|| self.once(path, &[]))?;
        self.json(&mut response)
    }

    fn json<T: DeserializeOwned>(&self, response: &mut Response<Body>) -> Result<T> {
        let text = response.body_mut().read_to_string();
        let text = text.map_err(|error| self.unreachable(error))?;
        serde_json::from_str(&text).map_err(|error| Error::NoServer {
            url: self.url.clone(),
            reason: error.to_string(),
        })
    }

    /// Hands a request over. One that is sent again because the network broke has the same idempotency key.
    pub(super) fn submit(&self, bytes: &[u8]) -> Result<JobState> {
        let key = idempotency_key();
        let packed = PACKED.contains(&bytes.len()).then(|| pack(bytes)).flatten();
        let body = packed.as_deref().unwrap_or(bytes);
        again(|| {
            let mut request = self
                .agent
                .post(format!("{}/v1/jobs", self.url))
                .header("content-type", MEDIA_TYPE)
                .header(VERSION_HEADER, VERSION.to_string())
                .header(IDEMPOTENCY_HEADER, &key);
            if packed.is_some() {
                request = request.header("content-encoding", "gzip");
            }
            if let Some(bearer) = self.bearer() {
                request = request.header("authorization", bearer);
            }
            let response = request.send(body).map_err(|error| self.unreachable(error))?;
            self.json(&mut self.checked(response)?)
        })
    }

    /// Asks for a job to be stopped.
    pub(super) fn cancel(&self, id: &str) -> Result<JobState> {
        again(|| {
            let mut request = self.agent.delete(format!("{}/v1/jobs/{id}", self.url));
            if let Some(bearer) = self.bearer() {
                request = request.header("authorization", bearer);
            }
            let response = request.call().map_err(|error| self.unreachable(error))?;
            self.json(&mut self.checked(response)?)
        })
    }

    /// The events of a job, from after `last` on; `on_event` says whether more are wanted. Gives up quietly where the
    /// connection breaks: the caller asks again.
    pub(super) fn events(
        &self,
        id: &str,
        last: Option<u64>,
        on_event: &mut dyn FnMut(crate::protocol::Event) -> bool,
    ) -> Result<()> {
        let last = last.map(|last| ("last-event-id", last.to_string()));
        let headers: Vec<(&str, String)> = last.into_iter().collect();
        let response = again(|| self.once(&format!("/v1/jobs/{id}/events"), &headers))?;
        let mut lines = BufReader::new(response.into_body().into_reader()).lines();
        // What is left after the last event is read, so that the connection can be used again.
        let mut wants_more = true;
        for line in &mut lines {
            let Ok(line) = line else { return Ok(()) };
            let Some(data) = line.strip_prefix("data:") else {
                continue;
            };
            if !wants_more {
                continue;
            }
            let event = serde_json::from_str(data.trim()).map_err(|error| Error::NoServer {
                url: self.url.clone(),
                reason: error.to_string(),
            })?;
            wants_more = on_event(event);
        }
        Ok(())
    }

    /// The result of a job. What the network breaks off goes on where it was; `on_bytes` is told how many there are.
    pub(super) fn result(&self, id: &str, on_bytes: &mut dyn FnMut(u64)) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut wanted = None;
        let mut tries = 0;
        loop {
            let before = bytes.len();
            let range = (before > 0).then(|| ("range", format!("bytes={before}-")));
            let headers: Vec<(&str, String)> = range.into_iter().collect();
            let response = again(|| self.once(&format!("/v1/jobs/{id}/result"), &headers))?;
            let header = |name: &str| {
                let value = response.headers().get(name);
                value.and_then(|value| value.to_str().ok()).map(str::to_owned)
            };
            let left = header("content-length").and_then(|length| length.parse::<u64>().ok());
            wanted = header(HASH_HEADER).or(wanted);
            if response.status() == 200 {
                bytes.clear();
            }
            let all = left.map(|left| left + bytes.len() as u64);
            let mut reader = response.into_body().into_reader();
            let mut piece = vec![0; 1 << 16];
            while let Ok(read @ 1..) = reader.read(&mut piece) {
                bytes.extend_from_slice(&piece[..read]);
                on_bytes(bytes.len() as u64);
            }
            if all.is_none_or(|all| bytes.len() as u64 >= all) {
                break;
            }
            tries = if bytes.len() > before { 0 } else { tries + 1 };
            if tries >= TRIES {
                return Err(self.unreachable("the result breaks off again and again"));
            }
            std::thread::sleep(pause(tries));
        }
        let found = hash(&bytes);
        match wanted {
            Some(wanted) if wanted != found => Err(Error::Broken {
                id: id.to_owned(),
                wanted,
                found,
            }),
            _ => Ok(bytes),
        }
    }
}

fn pause(tries: u32) -> Duration {
    Duration::from_millis(50) * 2u32.pow(tries.min(6))
}

/// Tries what the network may break a few times.
fn again<T>(mut ask: impl FnMut() -> Result<T>) -> Result<T> {
    let mut tries = 0;
    loop {
        match ask() {
            Err(Error::Unreachable { .. }) if tries + 1 < TRIES => {
                std::thread::sleep(pause(tries));
                tries += 1;
            }
            done => return done,
        }
    }
}

/// Bytes packed by gzip, if that works.
fn pack(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).ok()?;
    packer.finish().ok()
}

/// A key that no other request has.
fn idempotency_key() -> String {
    let mut bytes = [0; 16];
    // Without random numbers the time and the process tell requests apart.
    if getrandom::fill(&mut bytes).is_err() {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = now.map_or(0, |now| now.as_nanos());
        bytes = (now ^ u128::from(std::process::id())).to_le_bytes();
    }
    crate::protocol::hex(&bytes)
}
