//! The `nnsight` command: looks at models without writing a program.

use clap::{Parser, Subcommand};
use nnsight::models::gpt2::{Gpt2, Gpt2Config, large, medium, small, xl};
use nnsight::models::{Error, LanguageModel, Result};
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
}

fn main() -> ExitCode {
    let Command::Tree { model } = Arguments::parse().command;
    let sizes = [
        tree::<small::Small>,
        tree::<medium::Medium>,
        tree::<large::Large>,
        tree::<xl::Xl>,
    ];
    let mut shown = Ok(());
    for tree in sizes {
        shown = tree(&model);
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

fn tree<C: Gpt2Config>(model: &str) -> Result<()> {
    println!("{}", LanguageModel::<Gpt2<C>>::from_pretrained(model)?.tree());
    Ok(())
}
