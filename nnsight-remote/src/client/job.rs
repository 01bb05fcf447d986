//! Jobs, from when they are handed over until their results are there.

use super::error::elsewhere;
use super::show::Shown;
use super::{Error, Result, Server};
use crate::protocol::{Event, JobState, Status, decode_named, decode_result};
use burn::tensor::TensorData;
use nnsight_core::jobs::{Answer, Running};
use std::fmt;
use std::time::Duration;

/// A job that this process has handed over.
#[derive(Debug)]
pub(super) struct Submitted {
    server: Server,
    state: JobState,
}

impl Submitted {
    pub(super) fn new(server: Server, state: JobState) -> Self {
        Submitted { server, state }
    }

    fn wait_for_bytes(&mut self) -> Result<Vec<u8>> {
        let mut shown = Shown::new(self.server.show);
        let state = wait(&self.server, &self.state.id, &mut shown)?;
        let all = state.result_bytes;
        let id = state.id.clone();
        self.state = state;
        self.server.wire.result(&id, &mut |bytes| shown.bytes(bytes, all))
    }
}

/// Waits until a job is completed, and shows what happens to it meanwhile.
///
/// # Errors
/// [`Error::Ended`] if it ends in another way.
fn wait(server: &Server, id: &str, shown: &mut Shown) -> Result<JobState> {
    let mut last: Option<Event> = None;
    loop {
        let from = last.as_ref().map(|event| event.number);
        server.wire.events(id, from, &mut |event| {
            shown.event(id, &event);
            let is_final = event.status.is_final();
            last = Some(event);
            !is_final
        })?;
        match &last {
            Some(event) if event.status == Status::Completed => break,
            Some(event) if event.status.is_final() => {
                return Err(Error::Ended {
                    id: id.to_owned(),
                    status: event.status,
                    sentence: event.sentence.clone(),
                });
            }
            // The connection broke: the server is asked again, which waits where it does not answer.
            _ => std::thread::sleep(Duration::from_millis(100)),
        }
    }
    server.wire.get(&format!("/v1/jobs/{id}"))
}

impl Running for Submitted {
    fn id(&self) -> &str {
        &self.state.id
    }

    fn wait(&mut self) -> nnsight_core::Result<Answer> {
        let bytes = self.wait_for_bytes().map_err(elsewhere)?;
        decode_result(&bytes).map_err(|error| elsewhere(error.into()))
    }

    fn is_done(&mut self) -> nnsight_core::Result<bool> {
        let state = self.server.wire.get(&format!("/v1/jobs/{}", self.state.id));
        self.state = state.map_err(elsewhere)?;
        Ok(self.state.last.status.is_final())
    }

    fn cancel(&mut self) -> nnsight_core::Result<()> {
        let state = self.server.wire.cancel(&self.state.id);
        self.state = state.map_err(elsewhere)?;
        Ok(())
    }
}

/// A job that was found by its number, whoever has handed it over.
#[derive(Debug)]
pub struct Found(Submitted);

impl Found {
    pub(super) fn new(server: Server, id: &str) -> Result<Self> {
        let state = server
            .wire
            .get(&format!("/v1/jobs/{}", super::wire::escaped(id)))?;
        Ok(Found(Submitted::new(server, state)))
    }

    /// How far it was when the server was asked last.
    pub fn state(&self) -> &JobState {
        &self.0.state
    }

    /// Asks the server how far it is.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Unreachable`].
    pub fn poll(&mut self) -> Result<&JobState> {
        self.0.state = self.0.server.wire.get(&format!("/v1/jobs/{}", self.0.state.id))?;
        Ok(&self.0.state)
    }

    /// Asks for it to be stopped.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Unreachable`].
    pub fn cancel(&mut self) -> Result<&JobState> {
        self.0.state = self.0.server.wire.cancel(&self.0.state.id)?;
        Ok(&self.0.state)
    }

    /// Waits for it, and gives what it saved by name, in the order of names.
    ///
    /// # Errors
    /// [`Error::Ended`] if it ends without a result; [`Error::Refused`], [`Error::Unreachable`], [`Error::Broken`].
    pub fn wait(mut self) -> Result<Vec<(String, TensorData)>> {
        Ok(decode_named(&self.0.wait_for_bytes()?)?)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.state.fmt(f)
    }
}
