//! Trains the induction model that this repository ships in `checkpoints/induction`.
//!
//! Two layers of attention learn to predict sequences of random tokens in which everything comes twice. The only way
//! to do well in the second half is to find the earlier occurrence of the token at hand and to say what followed it:
//! an induction head does that. `examples/induction` looks for it in the trained model.
//!
//! ```text
//! cargo run --release --example train_induction
//! cargo run --release --example train_induction -- --seed 7 --steps 500 --out my-model
//! ```
//!
//! Training takes minutes on two cores, with a progress bar on stderr, and depends on the settings alone. The model
//! derives `Inspectable`, and trains as it would without: plain Burn modules, Burn's AdamW, Burn's checkpoints. To
//! renew the shipped checkpoint, pass `--out checkpoints/induction`.

mod curve;
#[path = "../induction/losses.rs"]
mod losses;
#[path = "../induction/model.rs"]
mod model;
#[path = "../train_facts/random.rs"]
mod random;
#[path = "../induction/sequences.rs"]
mod sequences;
mod train;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use burn::store::{ModuleSnapshot, SafetensorsStore};
use burn::tensor::Device;
use clap::Parser;
use nnsight::DeviceName;
use nnsight::NnSight;

use crate::losses::{Losses, losses};
use crate::model::AttentionOnly;
use crate::random::Random;
use crate::sequences::{repeated, unrepeated};
use crate::train::Settings;

/// Train a two-layer attention-only transformer on repeated random tokens.
#[derive(Parser, Debug)]
struct Arguments {
    /// Decides the first weights and the sequences
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Optimiser steps
    #[arg(long, default_value_t = 1500, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// Sequences per step
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..))]
    batch: u32,
    /// The learning rate of the first step, above 0 and at most 1
    #[arg(long, default_value_t = 1e-2)]
    learning_rate: f64,
    /// What is added to the loss for the norm of each head, in the end
    #[arg(long, default_value_t = 3e-2)]
    head_penalty: f64,
    /// The folder to write
    #[arg(long, default_value = "target/induction")]
    out: PathBuf,
    /// Where it runs: `cpu`, `wgpu` or `cuda`, the last two also with a number, as in `wgpu:1`
    #[arg(long, default_value_t)]
    device: DeviceName,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let out = &arguments.out;
    // A folder that cannot be written should not cost minutes of training.
    std::fs::create_dir_all(out)?;
    let start = Instant::now();
    let settings = Settings {
        seed: arguments.seed,
        device: arguments.device,
        steps: arguments.steps as usize,
        batch: arguments.batch as usize,
        learning_rate: arguments.learning_rate,
        head_penalty: arguments.head_penalty,
    };
    let (model, curve) = train::train(settings)?;
    println!("trained in {:.0} s", start.elapsed().as_secs_f64());

    // Nothing in the file that is not decided by the settings: they give the same bytes again.
    let mut store = SafetensorsStore::from_file(out.join(AttentionOnly::WEIGHTS))
        .overwrite(true)
        .clear_metadata();
    model.save_into(&mut store)?;
    std::fs::write(out.join("loss.csv"), curve.csv())?;
    println!("saved in {}", out.display());
    report(out)
}

/// Asks the saved model about sequences that it has not been trained on.
fn report(folder: &Path) -> Result<(), Box<dyn Error>> {
    const SEED: u64 = 1_000_000;
    let device = Device::flex();
    let net = NnSight::new(AttentionOnly::load(folder, &device)?);
    let mut random = Random::new(SEED);
    let repeated = repeated(256, 24, &mut random, &device);
    let unrepeated = unrepeated(256, 24, &mut random, &device);
    println!("\nnew sequences  first half  second half");
    for (name, ids) in [("repeated", repeated), ("not repeated", unrepeated)] {
        let Losses {
            first_half,
            second_half,
        } = losses(&net, &ids)?;
        println!("{name:<13}  {first_half:>10.4}  {second_half:>11.4}");
    }
    Ok(())
}
