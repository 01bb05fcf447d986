//! Trains the small GPT-2 that this repository ships in `checkpoints/facts-gpt2`.
//!
//! It learns about five hundred facts (landmarks and their cities, capitals, inventors, ...), each from
//! several phrasings, so that "The Eiffel Tower is in the city of" is followed by " Paris". A part of
//! the facts is never shown in some phrasings. The report at the end says how many of those the model
//! answers all the same: it learned facts and not strings.
//!
//! ```text
//! cargo run --release --example train_facts
//! cargo run --release --example train_facts -- --seed 7 --steps 500 --out my-gpt2
//! ```
//!
//! Training takes minutes on two cores, with a progress bar on stderr, and depends on the seed alone.
//! Nothing in it is special to nnsight: plain Burn modules, Burn's AdamW, and a folder in Hugging
//! Face's layout (`config.json`, `model.safetensors` in f16, `tokenizer.json`) that any GPT-2 loader
//! reads. To renew the shipped checkpoint, pass `--out checkpoints/facts-gpt2`.

mod checkpoint;
mod evaluate;
mod facts;
mod model;
mod random;
mod relations;
mod sentences;
mod texts;
mod tokenizer;
mod train;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use burn::tensor::Device;
use clap::Parser;
use nnsight::DeviceName;
use tokenizers::Tokenizer;

use crate::evaluate::{next_tokens, scores};
use crate::sentences::{Corpus, Sentence};
use crate::train::Settings;

/// Train a small GPT-2 on generated facts and save it in Hugging Face's layout.
#[derive(Parser, Debug)]
struct Arguments {
    /// Decides the held-out facts, the first weights and the order of the data
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Optimiser steps
    #[arg(long, default_value_t = 1000, value_parser = positive)]
    steps: usize,
    /// Texts per step
    #[arg(long, default_value_t = 64, value_parser = positive)]
    batch: usize,
    /// The highest learning rate, reached after the warm-up
    #[arg(long, default_value_t = 3e-3, value_parser = rate)]
    learning_rate: f64,
    /// The folder to write
    #[arg(long, default_value = "target/facts-gpt2")]
    out: PathBuf,
    /// Where it runs: `cpu`, `wgpu` or `cuda`, the last two also with a number, as in `wgpu:1`
    #[arg(long, default_value_t)]
    device: DeviceName,
}

/// Prompts whose next tokens the report prints.
const PROMPTS: &[&str] = &[
    "The Eiffel Tower is in the city of",
    "The Colosseum is in the city of",
    "Madison Square Garden is in the city of",
    "The Space Needle is in the country of",
    "The capital of Japan is",
    "People in Brazil speak",
    "The telephone was invented by",
    "Hamlet was written by",
];

fn main() -> Result<(), Box<dyn Error>> {
    let Arguments {
        seed,
        steps,
        batch,
        learning_rate,
        out,
        device,
    } = Arguments::parse();
    // A folder that cannot be written should not cost minutes of training.
    std::fs::create_dir_all(&out)?;
    let corpus = Corpus::generate(seed);
    let tokenizer = tokenizer::train(&corpus).map_err(|error| error.to_string())?;

    let start = Instant::now();
    let settings = Settings {
        seed,
        device,
        steps,
        batch,
        learning_rate,
    };
    let model = train::train(&corpus.train, &tokenizer, settings).map_err(|error| error.to_string())?;
    println!("trained in {:.0} s", start.elapsed().as_secs_f64());

    checkpoint::save(&out, &model, &tokenizer)?;
    println!("saved in {}", out.display());
    report(&out, &tokenizer, &corpus)
}

/// Asks the saved model, rounded to f16 as it is, and prints what it knows.
fn report(folder: &Path, tokenizer: &Tokenizer, corpus: &Corpus) -> Result<(), Box<dyn Error>> {
    let device = Device::flex();
    let model = checkpoint::load(folder, tokenizer, &device)?;
    let score = |sentences: &[Sentence]| {
        scores(&model, tokenizer, sentences, &device).map_err(|error| error.to_string())
    };

    println!(
        "\n{:<24} {:>16} {:>16}",
        "right answers", "seen sentences", "held out"
    );
    let (train, held_out) = (score(&corpus.train)?, score(&corpus.held_out)?);
    for (train, held_out) in train.iter().zip(&held_out) {
        let cells = [train, held_out].map(|score| format!("{} / {}", score.right, score.asked));
        println!("{:<24} {:>16} {:>16}", train.relation, cells[0], cells[1]);
    }
    let cells = [train, held_out].map(|scores| {
        let right: usize = scores.iter().map(|score| score.right).sum();
        let asked: usize = scores.iter().map(|score| score.asked).sum();
        format!("{:.1} %", 100.0 * right as f64 / asked.max(1) as f64)
    });
    println!("{:<24} {:>16} {:>16}\n", "all", cells[0], cells[1]);

    let answers = next_tokens(&model, tokenizer, PROMPTS, &device).map_err(|error| error.to_string())?;
    for (prompt, answer) in PROMPTS.iter().zip(answers) {
        let answer = tokenizer.decode(&[u32::try_from(answer)?], false);
        println!("{prompt} ->{}", answer.map_err(|error| error.to_string())?);
    }
    Ok(())
}

fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".to_string()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("not a whole number: {error}")),
    }
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if rate > 0.0 && rate <= 1.0 => Ok(rate),
        Ok(_) => Err("must be above 0 and at most 1".to_string()),
        Err(error) => Err(format!("not a number: {error}")),
    }
}
