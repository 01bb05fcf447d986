//! Several prompts in one forward pass, each with interventions of its own.
//!
//! Prompts of different lengths are padded, positions and masks see to it that each gets what it would get
//! alone, and values may cross from one prompt to another: activation patching of all layers is one pass.
//!
//! ```text
//! cargo run --release --example batching
//! cargo run --release --example batching -- --source "Hamlet was written by" --base "Dracula was written by"
//! ```

mod support;

use clap::Parser;
use nnsight::models::{self, Decoder, LanguageModel, TokenIds};
use nnsight::prelude::*;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use support::Outcome;
use support::open::{Experiment, Model, run};
use support::print::{exit_code, title};

#[derive(Parser)]
#[command(about = "Several prompts in one forward pass, and values that cross from one to another")]
struct Arguments {
    /// The prompts of a batch.
    #[arg(default_values = [
        "The Eiffel Tower is in the city of",
        "The capital of Japan is",
        "Hamlet was written by",
        "The telephone was invented by",
    ])]
    prompts: Vec<String>,
    #[command(flatten)]
    model: Model,
    /// The prompt whose activations are patched into the other run.
    #[arg(long, default_value = "The Colosseum is in the city of")]
    source: String,
    /// The prompt whose run is patched.
    #[arg(long, default_value = "The Eiffel Tower is in the city of")]
    base: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    exit_code(run(&arguments.model, &arguments))
}

impl Experiment for Arguments {
    fn run<M: Decoder>(&self, lm: &LanguageModel<M>) -> Outcome {
        title("One pass, a prompt for each invoke");
        each_as_if_alone(lm, &self.prompts)?;
        title("A list of prompts is one invoke, with a row for each");
        lists(lm, &self.prompts, &self.base)?;
        title("Activation patching of every layer, in one pass");
        patch_each_layer(lm, &self.source, &self.base)?;
        title("The time of a batch");
        compare_times(lm, &self.prompts)?;
        Ok(())
    }
}

/// Each prompt's logits in the batch, beside those of a trace of its own.
fn each_as_if_alone<M: Decoder>(lm: &LanguageModel<M>, prompts: &[String]) -> models::Result<()> {
    let together = trace!(lm, |t: M| {
        let logits = |prompt| M::logits_site(t.invoke(prompt)).get().save();
        prompts.iter().map(logits).collect::<Vec<_>>()
    })?;
    let mut largest = 0.0f32;
    for (prompt, together) in prompts.iter().zip(together) {
        let alone = trace!(lm, prompt, |m: M| M::logits_site(m).get().save())?;
        let [_, tokens, _] = together.dims();
        let answer = lm.tokenizer().decode(last(&together).argmax(0))?;
        println!("{tokens:>2} tokens  {prompt}{answer}");
        largest = largest.max((together - alone).abs().max().into_scalar());
    }
    println!("largest difference of any logit to the run alone: {largest:?}");
    Ok(())
}

/// The logits at the last position of the only row.
fn last(logits: &Tensor<3>) -> Tensor<1> {
    let [_, seq, vocab] = logits.dims();
    logits.clone().narrow(1, seq - 1, 1).reshape([vocab])
}

/// A list where a prompt is wanted: its prompts share an invoke, and so its edits.
fn lists<M: Decoder>(lm: &LanguageModel<M>, list: &[String], single: &str) -> models::Result<()> {
    let (of_list, of_single) = trace!(lm, |t: M| {
        let list = M::logits_site(t.invoke(list)).get();
        let single = M::logits_site(t.invoke(single)).get();
        println!("the list's logits are {:?}, those of the other prompt {:?}", list.shape(), single.shape());
        let answers = |logits: Value<_>| logits[.., -1].argmax(M::TOKENS).save();
        (answers(list), answers(single))
    })?;
    println!("the list:         {:?}", lm.tokenizer().decode_each(of_list)?);
    println!("the other prompt: {:?}", lm.tokenizer().decode_each(of_single)?);
    Ok(())
}

/// The base once for each layer, with the source's residual stream at the last position after that layer.
fn patch_each_layer<M: Decoder>(lm: &LanguageModel<M>, source: &str, base: &str) -> Outcome {
    let (source_logits, base_logits, patched) = trace!(lm, |t: M| {
        let (from, plain) = (t.invoke(source), t.invoke(base));
        let logits = |m| M::logits_site(m).get()[0, -1].save();
        let patched = (0..M::LAYERS).map(|layer| {
            let to = t.invoke(base);
            M::blocks(to)[layer].resid_post.output[.., -1] = M::blocks(from)[layer].resid_post.output[.., -1];
            logits(to)
        });
        let patched = patched.collect::<Vec<_>>();
        (logits(from), logits(plain), patched)
    })?;
    let answer = |logits: &Tensor<1>| logits.clone().argmax(0);
    let (source_id, base_id) = (answer(&source_logits), answer(&base_logits));
    let tokens = lm.tokenizer();
    println!("source  {source}{}", tokens.decode(&source_id)?);
    println!("base    {base}{}", tokens.decode(&base_id)?);
    if source_id.token_ids() == base_id.token_ids() {
        return Err(
            "source and base have the same answer, so no patch could show: give other prompts".into(),
        );
    }
    println!("base, patched at the end of   logit diff   it says");
    for (layer, logits) in patched.iter().enumerate() {
        let logit = |id: &Tensor<1, Int>| logits.clone().select(0, id.clone());
        let difference = (logit(&source_id) - logit(&base_id)).into_scalar::<f32>();
        println!(
            "layer {layer:<22}{difference:>12.2}  {}",
            tokens.decode(answer(logits))?
        );
    }
    println!(
        "(the source's answer minus the base's; {} rows in the batch)",
        M::LAYERS + 2
    );
    Ok(())
}

/// The median time of a pass over all prompts, and of a pass for each.
fn compare_times<M: Decoder>(lm: &LanguageModel<M>, prompts: &[String]) -> models::Result<()> {
    const ROUNDS: usize = 7;
    let prompts: Vec<&String> = prompts.iter().cycle().take(16).collect();
    let answer = |m| M::logits_site(m).get().at((.., -1)).argmax(M::TOKENS).save();
    let batched = || {
        let answers = trace!(lm, |t: M| prompts
            .iter()
            .map(|prompt| answer(t.invoke(*prompt)))
            .collect::<Vec<_>>());
        answers.map(read)
    };
    let separate = || {
        let answers = prompts.iter().map(|prompt| trace!(lm, *prompt, |m: M| answer(m)));
        answers.collect::<models::Result<Vec<_>>>().map(read)
    };
    // In turn, so that whatever else the machine does slows both.
    let (mut batched_times, mut separate_times) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        batched_times.push(timed(batched)?);
        separate_times.push(timed(separate)?);
    }
    let (batched, separate) = (median(batched_times), median(separate_times));
    println!(
        "{} prompts: one pass takes {:.2} of the time of separate ones ({batched:.1?}, {separate:.1?})",
        prompts.len(),
        batched.as_secs_f64() / separate.as_secs_f64()
    );
    Ok(())
}

/// Fetches the answers, which waits for the device.
fn read(answers: Vec<Tensor<1, Int>>) -> Vec<i64> {
    answers.iter().flat_map(TokenIds::token_ids).collect()
}

fn timed<T>(run: impl Fn() -> models::Result<T>) -> models::Result<Duration> {
    let start = Instant::now();
    run().map(|_| start.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
