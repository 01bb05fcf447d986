//! `serve`: a server that many people share, and what belongs to it.

use super::device::first;
use super::{DeviceArgument, Error, Result, Writer};
use crate::models::{CausalLm, LanguageModel};
use crate::{DeviceMap, models};
use burn::tensor::Device;
use clap::{Args, Subcommand};
use nnsight_server::{Catalog, Hosted, Keys, Limits, Open, Role, Settings, serve, work};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Opens a model by its name for a server, on some devices.
pub type OpenHosted = fn(&str, &[Device]) -> Result<Arc<dyn Hosted>>;

/// The models of a server, by the names that requests have: `NAME=MODEL`, or `MODEL` for both.
#[derive(Args, Clone, Debug)]
pub struct Models {
    /// The models: directories in Hugging Face's layout, GGUF files, or names on the hub; `NAME=MODEL` gives one a name of
    /// its own for clients
    #[arg(value_name = "MODEL", required = true)]
    pub models: Vec<String>,
}

impl Models {
    fn by_name(&self) -> BTreeMap<String, String> {
        let models = self.models.iter();
        let split = |model: &String| match model.split_once('=') {
            Some((name, model)) => (name.to_owned(), model.to_owned()),
            None => (model.clone(), model.clone()),
        };
        models.map(split).collect()
    }

    fn catalog(&self, devices: Vec<Device>, open: OpenHosted) -> Catalog {
        let models = self.by_name();
        let names = models.keys().cloned().collect();
        let open: Open = Arc::new(move |name| {
            let model = models
                .get(name)
                .ok_or_else(|| format!("there is no model `{name}`"))?;
            open(model, &devices).map_err(|error| error.to_string())
        });
        Catalog::new(names, open)
    }
}

/// Serves models to many people until it is told to stop. Its address goes to stdout.
///
/// Workers are processes of their own, one for each device: what goes wrong there harms no other job. Jobs, their states and
/// their results survive a restart.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct Serve {
    /// What it serves.
    #[command(flatten)]
    pub models: Models,
    /// Where it listens; port 0 takes a free one
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:7777")]
    pub address: SocketAddr,
    /// Where its books, its keys and its results are
    #[arg(long, value_name = "DIR", default_value = "nnsight-data")]
    pub data: PathBuf,
    /// Lets in whoever asks, without a key
    #[arg(long)]
    pub open: bool,
    /// For how many hours results are kept
    #[arg(long, value_name = "HOURS", default_value_t = 24.0)]
    pub keep: f64,
    /// How many jobs of a key may wait or run
    #[arg(long, value_name = "JOBS", default_value_t = 100)]
    pub unfinished: usize,
    /// How many jobs may share a forward pass; 1 runs each by itself
    #[arg(long, value_name = "JOBS", default_value_t = 32)]
    pub together: usize,
}

impl Serve {
    /// Serves.
    ///
    /// # Errors
    ///
    /// [`Error::Serve`] for an address, a folder or a model that cannot be had.
    pub fn run(&self, device: &DeviceArgument, open: OpenHosted, out: Writer<'_>) -> Result<()> {
        let failed = |reason: String| Error::Serve { reason };
        let program = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
        let mut worker = vec![
            program.display().to_string(),
            String::from("worker"),
            String::from("--device"),
            device.names.join(","),
        ];
        worker.extend(self.models.models.iter().cloned());
        let settings = Settings {
            address: self.address,
            data: self.data.clone(),
            models: self.models.by_name().into_keys().collect(),
            worker,
            workers: 1,
            open: self.open,
            limits: Limits {
                // More hours than there are is for ever.
                keep: Duration::try_from_secs_f64(self.keep.max(0.0) * 3600.0).unwrap_or(Duration::MAX),
                unfinished: self.unfinished,
                together: self.together,
                ..Limits::default()
            },
        };
        // The front end computes nothing: its models have no weights, wherever the workers' are.
        let catalog = self.models.catalog(vec![Device::flex()], open);
        let running = serve(settings, catalog).map_err(|error| failed(error.to_string()))?;
        writeln!(out, "{}", running.url()).map_err(Error::Output)?;
        out.flush().map_err(Error::Output)?;
        running
            .stop_on_signals()
            .map_err(|error| failed(error.to_string()))?;
        running.wait();
        Ok(())
    }
}

/// Runs the jobs that a server's front end hands over: started by `serve`, not by people.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct Worker {
    /// What it serves.
    #[command(flatten)]
    pub models: Models,
}

impl Worker {
    /// Works until its input ends.
    ///
    /// # Errors
    ///
    /// Devices that cannot be opened, and [`Error::Output`] where the front end is gone.
    pub fn run(&self, device: &DeviceArgument, open: OpenHosted) -> Result<()> {
        let devices = device.open()?;
        let catalog = self.models.catalog(devices, open);
        let name = device.names.join(",");
        let (orders, reports) = (std::io::stdin().lock(), std::io::stdout().lock());
        work(&catalog, &name, &Limits::default(), orders, reports).map_err(Error::Output)
    }
}

/// The keys of a server.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct KeysCommand {
    /// The server's folder
    #[arg(long, value_name = "DIR", default_value = "nnsight-data", global = true)]
    pub data: PathBuf,
    /// What to do.
    #[command(subcommand)]
    pub action: KeyAction,
}

/// What is done with keys. A server that runs sees it at once.
#[derive(Clone, Debug, Subcommand)]
pub enum KeyAction {
    /// Makes a key, and prints it: it is told once, and never again
    Add {
        /// Whose it is
        name: String,
        /// It may see and stop the jobs of others too
        #[arg(long)]
        operator: bool,
        /// How many of its jobs may wait or run
        #[arg(long, value_name = "JOBS")]
        unfinished: Option<usize>,
    },
    /// Lists the keys
    List,
    /// Revokes a key: from now on it opens nothing
    Revoke {
        /// Whose it is
        name: String,
    },
}

impl KeysCommand {
    /// Does it.
    ///
    /// # Errors
    ///
    /// [`Error::Serve`] for a name that is taken or not there, and for a folder that cannot be read or written.
    pub fn run(&self, out: Writer<'_>) -> Result<()> {
        let failed = |error: nnsight_server::KeyError| Error::Serve {
            reason: error.to_string(),
        };
        let keys = Keys::open(&self.data).map_err(failed)?;
        match &self.action {
            KeyAction::Add {
                name,
                operator,
                unfinished,
            } => {
                let role = if *operator { Role::Operator } else { Role::User };
                let key = keys.add(name, role, *unfinished).map_err(failed)?;
                writeln!(out, "{key}").map_err(Error::Output)
            }
            KeyAction::Revoke { name } => keys.revoke(name).map_err(failed),
            KeyAction::List => {
                for key in keys.list().map_err(failed)? {
                    let state = match key.revoked_at {
                        Some(_) => "revoked",
                        None => "good",
                    };
                    writeln!(out, "{}  {:?}  {state}", key.name, key.role).map_err(Error::Output)?;
                }
                Ok(())
            }
        }
    }
}

/// A language model for a server: its weights are read when the first job asks for them.
///
/// # Errors
///
/// Those of [`LanguageModel::from_pretrained`], and a device map that does not fit.
pub fn hosted<M: CausalLm + Sync>(name: &str, devices: &[Device]) -> Result<Arc<dyn Hosted>> {
    let lm: models::Result<LanguageModel<M>> = LanguageModel::from_pretrained(name);
    let lm = lm?.with_device(first(devices)?.clone());
    Ok(match devices {
        [_] => Arc::new(lm),
        several => Arc::new(lm.with_device_map(DeviceMap::auto(several))?),
    })
}
