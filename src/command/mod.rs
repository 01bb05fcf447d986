//! A command line for any inspectable model: [`main!`](crate::main!) makes a program of one.
//!
//! ```no_run
//! # use burn::nn::{Linear, LinearConfig};
//! # use nnsight::prelude::*;
//! # axes! { Batch; Features = 5; Classes = 2; }
//! # #[derive(Module, Debug, Inspectable)]
//! # #[inspect((Batch, Features) -> (Batch, Classes))]
//! # struct Net { #[inspect((Batch, Features) -> (Batch, Classes))] layer: Linear }
//! # #[inspectable]
//! # impl Net { fn forward(&self, x: Tensor<2>) -> Tensor<2> { self.layer.forward(x) } }
//! nnsight::main!(Net, |device| -> nnsight::Result<Net> {
//!     Ok(Net { layer: LinearConfig::new(5, 2).init(device) })
//! });
//! ```
//!
//! | subcommand | what it does |
//! |---|---|
//! | `tree` | prints the modules with the axes of their sites; `--json` for programs |
//! | `trace graph.json` | runs a graph that was written to a file, and writes what it saves as safetensors |
//! | `bench` | times the forward pass alone and under a trace |
//! | `info` | counts parameters and bytes, and says what this program was built with |
//! | `generate` | continues a prompt, where the model is a language model |
//!
//! Each is a file here, and works on a [`Model`]: a [`PlainModel`] or a [`TextModel`].

mod bench;
#[cfg(feature = "client")]
mod client;
mod device;
mod error;
mod files;
mod generate;
#[cfg(feature = "remote")]
mod host;
mod info;
mod inputs;
mod model;
mod parameters;
mod plain;
#[cfg(feature = "server")]
mod serve;
mod text;
mod trace;
mod tree;

pub use bench::{Bench, Passes};
#[cfg(feature = "client")]
pub use client::{Login, Status};
pub use device::DeviceArgument;
pub use error::{Error, Result};
pub use generate::Generate;
#[cfg(feature = "remote")]
pub use host::Host;
pub use info::Info;
pub use inputs::Inputs;
pub use model::{Model, Writer};
pub use parameters::Parameter;
pub use plain::PlainModel;
#[cfg(feature = "server")]
pub use serve::{KeyAction, KeysCommand, Models, OpenHosted, Serve, Worker, hosted};
pub use text::TextModel;
pub use trace::Trace;
pub use tree::PrintTree;

use crate::models::{CausalLm, LanguageModel};
use crate::{Forward, Inspectable};
use burn::tensor::Device;
use clap::{Parser, Subcommand};
use device::first;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

/// What a program of one model can be asked.
#[derive(Debug, Parser)]
#[command(about = "Look inside this model and change what it computes")]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Where the model runs.
    #[command(flatten)]
    pub device: DeviceArgument,
}

/// The subcommands of a program of one model.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Prints the model's modules with the axes of their sites
    Tree(PrintTree),
    /// Runs a graph that was written to a file, and prints and writes what it saves
    Trace(Trace),
    /// Times the forward pass alone, and under a trace that saves its output
    Bench(Bench),
    /// Counts parameters and bytes, and says what this program was built with
    Info(Info),
    /// Continues a prompt, where the model is a language model
    Generate(Generate),
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    ///
    /// What the subcommand finds, and [`Error::Output`] where `out` does not take what it writes.
    pub fn run(&self, model: &dyn Model, out: Writer<'_>) -> Result<()> {
        match self {
            Self::Tree(tree) => tree.run(model, out),
            Self::Trace(trace) => trace.run(model, out),
            Self::Bench(bench) => bench.run(model, out),
            Self::Info(info) => info.run(model, out),
            Self::Generate(generate) => generate.run(model, out),
        }
    }
}

/// What `load` may fail with: any error, or a text.
type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command line of a model: what [`main!`](crate::main!) calls. `load` makes the model on a device.
///
/// An error is one line on stderr, and exit code 1.
pub fn run<M, E>(load: impl FnOnce(&Device) -> Result<M, E>) -> ExitCode
where
    M: Inspectable + Forward,
    E: Into<AnyError>,
{
    run_model(|devices| {
        let model = load(first(devices)?).map_err(Error::load)?;
        Ok(Box::new(PlainModel::new(model, devices)?))
    })
}

/// [`run`] for a language model, which takes prompts.
pub fn run_language_model<M, E>(load: impl FnOnce(&Device) -> Result<LanguageModel<M>, E>) -> ExitCode
where
    M: CausalLm,
    E: Into<AnyError>,
{
    run_model(|devices| {
        let lm = load(first(devices)?).map_err(Error::load)?;
        Ok(Box::new(TextModel::new(lm, devices)?))
    })
}

fn run_model(load: impl FnOnce(&[Device]) -> Result<Box<dyn Model>>) -> ExitCode {
    let Arguments { command, device } = Arguments::parse();
    exit(|out| command.run(load(&device.open()?)?.as_ref(), out))
}

/// Runs a command that writes to stdout: its error is one line on stderr, and exit code 1.
pub fn exit(command: impl FnOnce(Writer<'_>) -> Result<()>) -> ExitCode {
    // Not locked: what serves devices logs there too, from other threads.
    let mut out = std::io::stdout();
    let done = command(&mut out).and_then(|()| out.flush().map_err(Error::Output));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has read enough, as `head` has.
        Err(Error::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", error.to_string().replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

/// Makes a program of a model: `tree`, `trace`, `bench`, `info`, with `--help`.
///
/// The first form takes a type that is [`Inspectable`](trait@crate::Inspectable) and has an inspectable `forward`, the
/// second a language model, which then takes prompts. The closure makes the model on the [`Device`] that `--device`
/// names (the first of several, over which the model is spread then), with its weights, and may fail with any error.
///
/// ```no_run
/// use nnsight::models::{self, LanguageModel, gpt2::small::Gpt2};
///
/// nnsight::main!(LanguageModel<Gpt2>, |_device| -> models::Result<_> {
///     LanguageModel::<Gpt2>::from_pretrained("openai-community/gpt2")
/// });
/// ```
#[macro_export]
macro_rules! main {
    (LanguageModel<$model:ty>, $load:expr $(,)?) => {
        fn main() -> ::std::process::ExitCode {
            $crate::command::run_language_model::<$model, _>($load)
        }
    };
    ($model:ty, $load:expr $(,)?) => {
        fn main() -> ::std::process::ExitCode {
            $crate::command::run::<$model, _>($load)
        }
    };
}
