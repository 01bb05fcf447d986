//! A steering vector: what makes the difference between two prompts, added to the residual stream of another one.
//!
//! The vector is the difference of the residual streams of two contrasting prompts, after one layer at the last
//! position ([Activation addition](https://arxiv.org/abs/2308.10248), Turner et al. 2023, and the contrastive
//! vectors after it). `edit!` makes models that add it, with some strength, at every step of a generation.
//!
//! ```text
//! cargo run --release --example steering
//! cargo run --release --example steering -- --model HuggingFaceTB/SmolLM2-135M-Instruct --layer 15 \
//!     --toward "I love this, it is wonderful" --away "I hate this, it is terrible" --strengths=-1,0,1 \
//!     "The film that we saw yesterday was"
//! ```

mod support;

use clap::Parser;
use nnsight::models::{self, Decoder, LanguageModel};
use nnsight::prelude::*;
use std::process::ExitCode;
use support::Outcome;
use support::open::{Experiment, Model, run};
use support::print::{exit_code, title};

#[derive(Parser)]
#[command(about = "Adds the difference of two prompts to the residual stream while text is generated")]
struct Arguments {
    /// The text that is steered.
    #[arg(default_value = "The Uffizi Gallery is in the country of")]
    prompt: String,
    #[command(flatten)]
    model: Model,
    /// The prompt that the vector leads to.
    #[arg(long, default_value = "The Eiffel Tower is in the country of")]
    toward: String,
    /// The prompt that the vector leads away from.
    #[arg(long, default_value = "The Colosseum is in the country of")]
    away: String,
    /// The layer after which the vector is taken, and added; without it, the one in the middle.
    #[arg(long)]
    layer: Option<usize>,
    /// How many times the vector is added.
    #[arg(long, value_delimiter = ',', default_values_t = [0.0, 0.5, 1.0, 2.0], allow_negative_numbers = true)]
    strengths: Vec<f64>,
    /// Tokens of each text.
    #[arg(long, default_value_t = 12)]
    max_new_tokens: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    exit_code(run(&arguments.model, &arguments))
}

impl Experiment for Arguments {
    fn run<M: Decoder>(&self, lm: &LanguageModel<M>) -> Outcome {
        let layer = support::layer::<M>(self.layer, M::LAYERS / 2)?;
        let vector = steering_vector(lm, layer, &self.toward, &self.away)?;
        println!("toward   {}", self.toward);
        println!("away     {}", self.away);
        println!(
            "vector   after layer {layer}, of length {:.2}",
            vector.clone().powi_scalar(2).sum().sqrt().into_scalar::<f32>()
        );
        for &strength in &self.strengths {
            title(&format!("strength {strength}"));
            let steered = steer(lm, layer, vector.clone() * strength);
            println!("{}", next_tokens(&steered, &self.prompt)?);
            let generation = steered.generate(&self.prompt).max_new_tokens(self.max_new_tokens);
            println!("{}", generation.stop_at(support::ends_of_text(lm)).text()?);
        }
        Ok(())
    }
}

/// The residual stream of `toward` minus that of `away`, after a layer, at the last position. One forward pass.
fn steering_vector<M: Decoder>(
    lm: &LanguageModel<M>,
    layer: usize,
    toward: &str,
    away: &str,
) -> models::Result<Tensor<1>> {
    trace!(lm, |t: M| {
        let stream = |prompt| M::blocks(t.invoke(prompt))[layer].resid_post.output[0, -1];
        (stream(toward) - stream(away)).save()
    })
}

/// The same model and weights, which add `vector` after a layer, at all positions of every step.
fn steer<M: Decoder>(lm: &LanguageModel<M>, layer: usize, vector: Tensor<1>) -> LanguageModel<M> {
    edit!(lm, move |m: M| {
        let vector = Value::<(M::Hidden,)>::constant(&vector);
        M::blocks(m)[layer].resid_post.output.every_step() += vector;
    })
}

/// The likeliest next tokens with their probabilities, for reading.
fn next_tokens<M: Decoder>(lm: &LanguageModel<M>, prompt: &str) -> models::Result<String> {
    let (probabilities, ids) = trace!(lm, prompt, |m: M| {
        let last = M::logits_site(m).get()[0, -1];
        let (probabilities, ids) = last.softmax(M::TOKENS).topk(M::TOKENS, 4);
        (probabilities.save(), ids.save())
    })?;
    let tokens = lm.tokenizer().decode_each(ids)?;
    let probabilities = probabilities.into_data();
    let pairs = tokens.iter().zip(probabilities.iter::<f32>());
    Ok(pairs
        .map(|(token, p)| format!("{token:?} {:.0}%   ", 100.0 * p))
        .collect())
}
