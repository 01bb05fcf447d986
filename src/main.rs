//! The `nnsight` command: looks at models without writing a program.

use clap::{Parser, Subcommand};
use nnsight::models::gpt2::{Gpt2, Gpt2Config, large, medium, small, xl};
use nnsight::models::{Error, LanguageModel, Result};
use nnsight::{DeviceName, devices};
use std::process::ExitCode;

nnsight::models::gpt2_config! {
    /// The model that ships with the repository.
    mod facts {
        pub struct Facts = "../checkpoints/facts-gpt2/config.json";
    }
}

#[derive(Parser)]
#[command(version, about = "Look inside Burn models")]
struct Arguments {
    /// Where the model lives: `cpu`, `wgpu` or `cuda`, the last two also with a number, as in `wgpu:1`.
    #[arg(long, global = true, default_value_t)]
    device: DeviceName,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prints a model's modules with the axes of their sites. Reads no weights.
    Tree {
        /// A directory in Hugging Face's layout, or a model's name on the hub: a published size of GPT-2, or the
        /// model that ships with the repository.
        model: String,
    },
    /// Lists what `--device` can be on this machine.
    Devices,
}

fn main() -> ExitCode {
    let Arguments { device, command } = Arguments::parse();
    match command {
        Command::Tree { model } => show_tree(&model, device),
        Command::Devices => {
            devices().iter().for_each(|device| println!("{device}"));
            ExitCode::SUCCESS
        }
    }
}

fn show_tree(model: &str, device: DeviceName) -> ExitCode {
    let sizes = [
        tree::<small::Small>,
        tree::<medium::Medium>,
        tree::<large::Large>,
        tree::<xl::Xl>,
    ];
    let mut shown = Ok(());
    for tree in sizes {
        shown = tree(model, device);
        // Another size may be the right one; every other answer is final.
        if !matches!(shown, Err(Error::OtherSize { .. })) {
            break;
        }
    }
    match shown {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn tree<C: Gpt2Config>(model: &str, device: DeviceName) -> Result<()> {
    let lm = LanguageModel::<Gpt2<C>>::from_pretrained(model)?.with_device(device.open()?);
    println!("{}", lm.tree());
    Ok(())
}
