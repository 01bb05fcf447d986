//! The [logit lens](https://www.lesswrong.com/posts/AcKRB8wDpdaN6v6ru/interpreting-gpt-the-logit-lens)
//! (nostalgebraist, 2020): which token the model would say if it stopped after each layer, at each position.
//!
//! The residual stream after each block goes through the final norm and the head, in one trace. A row is a
//! layer, a column a position, with the token that stands there on top.
//!
//! ```text
//! cargo run --release --example logit_lens
//! cargo run --release --example logit_lens -- "Hamlet was written by"
//! cargo run --release --example logit_lens -- --model HuggingFaceTB/SmolLM2-135M "The capital of Japan is"
//! ```

mod support;

use clap::Parser;
use nnsight::models::{self, Decoder, LanguageModel};
use nnsight::prelude::*;
use std::io::IsTerminal;
use std::process::ExitCode;
use support::Outcome;
use support::open::{Experiment, Model, run};
use support::print::{exit_code, visible};

#[derive(Parser)]
#[command(about = "What each layer of a language model would say next, at each position")]
struct Arguments {
    /// What the model reads.
    #[arg(default_value = "The Eiffel Tower is in the city of")]
    prompt: String,
    #[command(flatten)]
    model: Model,
    /// Show so many positions at the end of the prompt only.
    #[arg(long)]
    last: Option<usize>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    exit_code(run(&arguments.model, &arguments))
}

impl Experiment for Arguments {
    fn run<M: Decoder>(&self, lm: &LanguageModel<M>) -> Outcome {
        let tokens = lm.tokenizer().decode_each(lm.token_ids(&self.prompt)?)?;
        let lens = logit_lens(lm, &self.prompt)?;
        let hidden = self.last.map_or(0, |last| tokens.len().saturating_sub(last));
        print_table(&tokens[hidden..], lens.iter().map(|row| &row[hidden..]));
        Ok(())
    }
}

/// What is read at one place.
struct Reading {
    token: String,
    probability: f32,
}

/// The likeliest token and its probability, after each layer at each position.
fn logit_lens<M: Decoder>(lm: &LanguageModel<M>, prompt: &str) -> models::Result<Vec<Vec<Reading>>> {
    let layers = trace!(lm, prompt, |m: M| {
        let read = |stream| {
            let probabilities = M::unembed(m, stream).softmax(M::TOKENS)[0, ..];
            let likeliest = probabilities.argmax(M::TOKENS);
            (likeliest.save(), probabilities.max_over(M::TOKENS).save())
        };
        let blocks = M::blocks(m).into_iter();
        blocks.map(|block| read(block.resid_post.output)).collect::<Vec<_>>()
    })?;
    let readings = |(ids, probabilities): (Tensor<1, Int>, Tensor<1>)| {
        let tokens = lm.tokenizer().decode_each(ids)?.into_iter();
        let probabilities = probabilities.into_data();
        let readings = tokens.zip(probabilities.iter::<f32>());
        Ok(readings
            .map(|(token, probability)| Reading { token, probability })
            .collect())
    };
    layers.into_iter().map(readings).collect()
}

fn print_table<'a>(tokens: &[String], layers: impl ExactSizeIterator<Item = &'a [Reading]> + Clone) {
    let header = tokens.iter().map(|token| visible(token)).collect::<Vec<_>>();
    let read = layers.clone().flatten().map(|reading| visible(&reading.token));
    let longest = read
        .chain(header.iter().cloned())
        .map(|token| token.chars().count())
        .max();
    let width = longest.unwrap_or(0).clamp(4, 12);
    let cell = |token: &str| format!("{:<width$}", token.chars().take(width).collect::<String>());

    let columns = header
        .iter()
        .map(|token| format!(" {}     ", cell(token)))
        .collect::<String>();
    println!("layer {columns}");
    let is_coloured = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    for (layer, row) in layers.enumerate() {
        let cells = row.iter().map(|reading| {
            let text = format!(
                " {} {:>3.0}%",
                cell(&visible(&reading.token)),
                100.0 * reading.probability
            );
            match is_coloured {
                true => shaded(&text, reading.probability),
                false => text,
            }
        });
        println!("{layer:>5} {}", cells.collect::<String>());
    }
}

/// The text on a ground that is the brighter, the greater the probability: ANSI's 256 colours, of which 16 to 21
/// go from black to blue.
fn shaded(text: &str, probability: f32) -> String {
    let blue = 16 + (5.0 * probability).round() as u8;
    format!("\x1b[97;48;5;{blue}m{text}\x1b[0m")
}
