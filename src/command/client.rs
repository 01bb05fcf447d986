//! `login`, `logout` and `status`: what clients of a server are asked for.

use super::{Error, Result, Writer};
use clap::Args;
use nnsight_remote::{Server, forget, save};

/// Saves a key for a server, so that programs need not name it. The key is read from stdin, a line.
#[derive(Args, Clone, Debug)]
pub struct Login {
    /// The server, as in http://127.0.0.1:7777
    pub url: String,
    /// Forgets the key instead
    #[arg(long)]
    pub forget: bool,
}

impl Login {
    /// Saves it.
    ///
    /// # Errors
    ///
    /// [`Error::Server`] for a key that the server does not know, or a file that cannot be written.
    pub fn run(&self, out: Writer<'_>) -> Result<()> {
        if self.forget {
            return Ok(forget(&self.url)?);
        }
        let mut key = String::new();
        std::io::stdin().read_line(&mut key).map_err(Error::Output)?;
        let key = key.trim();
        Server::connect_with(&self.url, key)?.status()?;
        save(&self.url, key)?;
        writeln!(out, "the key for {} is saved", self.url).map_err(Error::Output)
    }
}

/// Says what a server has and is doing.
#[derive(Args, Clone, Debug)]
pub struct Status {
    /// The server, as in http://127.0.0.1:7777
    pub url: String,
    /// For programs
    #[arg(long)]
    pub json: bool,
}

impl Status {
    /// Says it.
    ///
    /// # Errors
    ///
    /// [`Error::Server`] if the server does not answer, or refuses.
    pub fn run(&self, out: Writer<'_>) -> Result<()> {
        let state = Server::connect(&self.url)?.status()?;
        let written = match self.json {
            true => serde_json::to_writer_pretty(&mut *out, &state)
                .map_err(std::io::Error::from)
                .and_then(|()| writeln!(out)),
            false => (|| {
                writeln!(
                    out,
                    "nnsight {}, up {:.0} s: {} queued, {} running, {} completed, {} failed",
                    state.release, state.uptime, state.queued, state.running, state.completed, state.failed
                )?;
                for model in &state.models {
                    let (name, weights) = (&model.name, model.weights);
                    writeln!(out, "{name}  {} parameters, {weights:?}", model.parameters)?;
                }
                for worker in &state.workers {
                    let models = worker.models.join(", ");
                    writeln!(
                        out,
                        "worker on {}: [{models}], {} restarts",
                        worker.device, worker.restarts
                    )?;
                }
                Ok(())
            })(),
        };
        written.map_err(Error::Output)
    }
}
