//! The `nnsight` command: looks at language models and changes what they compute, without a program of one's own.

mod families;

use clap::{Parser, Subcommand};
use nnsight::command::{
    Bench, Command, DeviceArgument, Error, Generate, Info, PrintTree, Result, Trace, Writer, exit,
};
use std::process::ExitCode;

#[derive(Parser)]
#[command(version, about = "Look inside language models and change what they compute")]
struct Arguments {
    #[command(subcommand)]
    command: OnModel,
    #[command(flatten)]
    device: DeviceArgument,
}

/// A model is a directory in Hugging Face's layout, a GGUF file, or a name on the hub.
#[derive(Subcommand)]
enum OnModel {
    /// Prints a model's modules with the axes of their sites; reads no weights
    Tree {
        /// A directory in Hugging Face's layout, a GGUF file, or a name on the hub
        model: String,
        #[command(flatten)]
        tree: PrintTree,
    },
    /// Runs a graph that was written to a file, and prints and writes what it saves
    Trace {
        /// A directory in Hugging Face's layout, a GGUF file, or a name on the hub
        model: String,
        #[command(flatten)]
        trace: Trace,
    },
    /// Continues a prompt
    Generate {
        /// A directory in Hugging Face's layout, a GGUF file, or a name on the hub
        model: String,
        #[command(flatten)]
        generate: Generate,
    },
    /// Times the forward pass alone, and under a trace that saves its output
    Bench {
        /// A directory in Hugging Face's layout, a GGUF file, or a name on the hub
        model: String,
        #[command(flatten)]
        bench: Bench,
    },
    /// Counts a model's parameters and bytes, and says what this program was built with; reads no weights
    Info {
        /// A directory in Hugging Face's layout, a GGUF file, or a name on the hub
        model: String,
        #[command(flatten)]
        info: Info,
    },
    /// Lists what `--device` can be
    Devices,
    /// Serves the devices of `--device` to other processes and machines, and prints their names
    #[cfg(feature = "remote")]
    Host(nnsight::command::Host),
    /// Serves models to many people, and prints its address
    #[cfg(feature = "server")]
    Serve(nnsight::command::Serve),
    /// Runs the jobs that a server hands over
    #[cfg(feature = "server")]
    #[command(hide = true)]
    Worker(nnsight::command::Worker),
    /// Makes, lists and revokes the keys of a server
    #[cfg(feature = "server")]
    Keys(nnsight::command::KeysCommand),
    /// Saves a key for a server
    #[cfg(feature = "client")]
    Login(nnsight::command::Login),
    /// Says what a server has and is doing
    #[cfg(feature = "client")]
    Status(nnsight::command::Status),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    exit(|out| run(arguments, out))
}

fn run(Arguments { command, device }: Arguments, out: Writer<'_>) -> Result<()> {
    let (model, command) = match command {
        OnModel::Tree { model, tree } => (model, Command::Tree(tree)),
        OnModel::Trace { model, trace } => (model, Command::Trace(trace)),
        OnModel::Generate { model, generate } => (model, Command::Generate(generate)),
        OnModel::Bench { model, bench } => (model, Command::Bench(bench)),
        OnModel::Info { model, info } => (model, Command::Info(info)),
        OnModel::Devices => {
            let mut devices = nnsight::devices().into_iter();
            return devices.try_for_each(|device| writeln!(out, "{device}").map_err(Error::Output));
        }
        #[cfg(feature = "remote")]
        OnModel::Host(host) => return host.run(device.open()?, out),
        #[cfg(feature = "server")]
        OnModel::Serve(serve) => return serve.run(&device, families::host, out),
        #[cfg(feature = "server")]
        OnModel::Worker(worker) => return worker.run(&device, families::host),
        #[cfg(feature = "server")]
        OnModel::Keys(keys) => return keys.run(out),
        #[cfg(feature = "client")]
        OnModel::Login(login) => return login.run(out),
        #[cfg(feature = "client")]
        OnModel::Status(status) => return status.run(out),
    };
    command.run(families::open(&model, &device.open()?)?.as_ref(), out)
}
