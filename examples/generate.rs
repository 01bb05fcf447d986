//! Text that goes on, token by token, and interventions while it does.
//!
//! ```text
//! cargo run --release --example generate
//! cargo run --release --example generate -- "The capital of" --temperature 1 --top-k 40 --top-p 0.95 --seed 7
//! cargo run --release --example generate -- "The Louvre is in" --stop . --layer 1
//! ```

mod support;

use clap::Parser;
use nnsight::models::{self, Decoder, Generating, Generation, LanguageModel, NewToken, TokenIds};
use nnsight::prelude::*;
use std::io::Write;
use std::process::ExitCode;
use support::Outcome;
use support::open::{Experiment, Model, run};
use support::print::{exit_code, title};

#[derive(Parser)]
#[command(about = "Generates text, and changes the model at the steps of a generation")]
struct Arguments {
    /// The text that goes on.
    #[arg(default_value = "The Eiffel Tower is in")]
    prompt: String,
    #[command(flatten)]
    model: Model,
    /// At most so many tokens.
    #[arg(long, default_value_t = 20)]
    max_new_tokens: usize,
    /// Draw at this temperature; 0 takes the likeliest token.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    temperature: f64,
    /// Draw from so many likeliest tokens only.
    #[arg(long)]
    top_k: Option<usize>,
    /// Draw from the likeliest tokens only that have this probability together.
    #[arg(long)]
    top_p: Option<f64>,
    /// The same seed draws the same tokens.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Stop after this token, by its spelling in the vocabulary; may be given several times. Without it, after
    /// the tokens that usually end a text.
    #[arg(long)]
    stop: Vec<String>,
    /// The layer whose mlp is switched off; without it, the last.
    #[arg(long)]
    layer: Option<usize>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    exit_code(run(&arguments.model, &arguments))
}

impl Experiment for Arguments {
    fn run<M: Decoder>(&self, lm: &LanguageModel<M>) -> Outcome {
        let layer = support::layer::<M>(self.layer, M::LAYERS - 1)?;
        let stop = self.stop_tokens(lm)?;
        let generation = || self.generation(lm, &stop);

        title("Tokens as they come");
        stream(lm, &self.prompt, generation())?;
        title("A step is a call of the model: .next() is the second one");
        read_steps(lm, generation())?;
        title(&format!("The mlp of layer {layer} switched off"));
        switch_off(lm, layer, generation)?;
        Ok(())
    }
}

impl Arguments {
    fn generation<'a, M: Decoder>(&self, lm: &'a LanguageModel<M>, stop: &[i64]) -> Generation<'a, M> {
        let mut generation = lm
            .generate(&self.prompt)
            .max_new_tokens(self.max_new_tokens)
            .temperature(self.temperature)
            .seed(self.seed)
            .stop_at(stop.iter().copied());
        if let Some(top_k) = self.top_k {
            generation = generation.top_k(top_k);
        }
        if let Some(top_p) = self.top_p {
            generation = generation.top_p(top_p);
        }
        generation
    }

    fn stop_tokens<M: Decoder>(&self, lm: &LanguageModel<M>) -> Result<Vec<i64>, String> {
        if self.stop.is_empty() {
            return Ok(support::ends_of_text(lm));
        }
        let known = |token: &String| {
            let id = lm.tokenizer().token_to_id(token).map(i64::from);
            id.ok_or_else(|| {
                format!(
                    "{token:?} is no token of this model; a leading space is spelt Ġ in most vocabularies"
                )
            })
        };
        self.stop.iter().map(known).collect()
    }
}

/// Prints each token when it is there; the prompt with the first one.
fn stream<M: Decoder>(lm: &LanguageModel<M>, prompt: &str, generation: Generation<'_, M>) -> Outcome {
    // A character can be made of several tokens: the stream gives it when it is whole.
    let mut decoder = lm.tokenizer().inner()?.decode_stream(false);
    let mut stdout = std::io::stdout().lock();
    let mut show = |id: i64| -> Outcome {
        let text = decoder
            .step(u32::try_from(id)?)
            .map_err(|error| error.to_string())?;
        write!(stdout, "{}", text.unwrap_or_default())?;
        Ok(stdout.flush()?)
    };
    let mut before = lm.token_ids(prompt)?.token_ids();
    let mut shown = Ok(());
    let on_token = |token: NewToken| {
        if shown.is_ok() {
            shown = before.drain(..).chain([token.id]).try_for_each(&mut show);
        }
    };
    generation.stream(on_token).tokens()?;
    println!();
    shown
}

/// What the model thinks at its first steps, beside what comes out in the end.
fn read_steps<M: Decoder>(lm: &LanguageModel<M>, generation: Generation<'_, M>) -> models::Result<()> {
    let (first, second, tokens) = trace!(generation, |m: M| {
        let logits: &Site<_> = &M::logits_site(*m);
        let likeliest = |logits: Value<_>| logits.softmax(M::TOKENS)[0, -1].topk(M::TOKENS, 3);
        let (first, second) = (likeliest(logits.get()), likeliest(logits.next().get()));
        // The text may end before a second step: then there is nothing to save, and that is no error.
        let second = (second.0.try_save(), second.1.try_save());
        ((first.0.save(), first.1.save()), second, m.generator.output.save())
    })?;
    let show = |step: &str, probabilities: Tensor<1>, ids: Tensor<1, Int>| -> models::Result<()> {
        let (tokens, probabilities) = (lm.tokenizer().decode_each(ids)?, probabilities.into_data());
        let pairs = tokens.iter().zip(probabilities.iter::<f32>());
        let cells = pairs.map(|(token, p)| format!("{:<12}{:>3.0}%   ", format!("{token:?}"), 100.0 * p));
        println!("{step:<8}{}", cells.collect::<String>());
        Ok(())
    };
    show("first", first.0, first.1)?;
    if let (Some(probabilities), Some(ids)) = second {
        show("second", probabilities, ids)?;
    }
    println!("all     {:?}", lm.tokenizer().decode(tokens)?);
    Ok(())
}

/// The same generation with the mlp of a layer set to zero: never, at each step, and at later steps only.
fn switch_off<'a, M: Decoder>(
    lm: &'a LanguageModel<M>,
    layer: usize,
    generation: impl Fn() -> Generation<'a, M>,
) -> models::Result<()> {
    let mlp = |m: Generating<M>| M::blocks(*m)[layer].mlp_out;
    let plain = trace!(generation(), |m: M| m.generator.output.save())?;
    let always = trace!(generation(), |m: M| {
        let mlp: &Site<_> = &mlp(m);
        mlp.every_step() = 0.0;
        m.generator.output.save()
    })?;
    let later = trace!(generation(), |m: M| {
        let mlp: &Site<_> = &mlp(m);
        mlp.steps(2..) = 0.0;
        m.generator.output.save()
    })?;
    for (when, tokens) in [
        ("never", plain),
        ("at every step", always),
        ("from the third step on", later),
    ] {
        println!("{when:<24}{:?}", lm.tokenizer().decode(tokens)?);
    }
    Ok(())
}
