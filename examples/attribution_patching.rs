//! Attribution patching: what activation patching would find at every layer and position, guessed from one
//! backward pass.
//!
//! Activation patching writes an activation of one run (the source) into another (the base), one place at a
//! time, and looks at how a metric moves: a forward pass for each place. [Attribution
//! patching](https://www.neelnanda.io/mechanistic-interpretability/attribution-patching) (Nanda, 2023) takes
//! the metric for linear: what a place would move it by is its gradient times the difference of the activations,
//! and one backward pass gives the gradients of all places. This program does both and compares them.
//!
//! ```text
//! cargo run --release --example attribution_patching
//! cargo run --release --example attribution_patching -- \
//!     --source "The capital of Japan is" --base "The capital of Italy is"
//! ```

mod support;

use clap::Parser;
use nnsight::models::axes::{Batch, Seq};
use nnsight::models::{self, Decoder, LanguageModel};
use nnsight::prelude::*;
use std::fmt;
use std::process::ExitCode;
use support::Outcome;
use support::open::{Experiment, Model, run};
use support::print::{exit_code, visible};

#[derive(Parser)]
#[command(about = "Attribution patching against activation patching")]
struct Arguments {
    #[command(flatten)]
    model: Model,
    /// The prompt whose activations are written into the other run.
    #[arg(long, default_value = "The Eiffel Tower is in the city of")]
    source: String,
    /// The prompt whose run is patched; as many tokens as the source.
    #[arg(long, default_value = "The Galata Tower is in the city of")]
    base: String,
    /// What the source should be answered with, one token, often with a leading space; without it, what the
    /// model says.
    #[arg(long)]
    source_answer: Option<String>,
    /// The same for the base.
    #[arg(long)]
    base_answer: Option<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    exit_code(run(&arguments.model, &arguments))
}

impl Experiment for Arguments {
    fn run<M: Decoder>(&self, lm: &LanguageModel<M>) -> Outcome {
        Ok(compare(lm, self)?)
    }
}

/// What the attributed and the patched places hold.
type Residual<M> = Value<(Batch, Seq, <M as Decoder>::Hidden)>;

/// How far the metric would move if a place of the base's residual stream held what the source's holds: the
/// gradient there times the difference. One forward pass of each prompt, one backward pass of the base.
fn attribution_patching<M: Decoder>(lm: &LanguageModel<M>, pair: &Pair) -> models::Result<Table> {
    let source = residual_stream(lm, &pair.source)?;
    let [source_answer, base_answer] = pair.answers;
    let rows = trace!(lm, &pair.base.ids, |m: M| {
        let logits = M::logits_site(m).get()[0, -1];
        (logits[source_answer] - logits[base_answer]).backward();
        let attribution = |layer: usize| {
            let base = M::blocks(m)[layer].resid_pre.output;
            let difference = Residual::<M>::constant(&source[layer]) - base;
            (base.grad * difference).sum_over(M::HIDDEN)[0].save()
        };
        (0..M::LAYERS).map(attribution).collect::<Vec<_>>()
    })?;
    Ok(rows.into_iter().map(numbers).collect())
}

/// The same, measured: a forward pass of the base for each place, with the source's activation written there.
fn activation_patching<M: Decoder>(lm: &LanguageModel<M>, pair: &Pair) -> models::Result<Table> {
    let source = residual_stream(lm, &pair.source)?;
    let [source_answer, base_answer] = pair.answers;
    let patched = |layer: usize, position: usize| {
        let metric = trace!(lm, &pair.base.ids, |m: M| {
            let source = Residual::<M>::constant(&source[layer]);
            M::blocks(m)[layer].resid_pre.output[.., position] = source[.., position];
            let logits = M::logits_site(m).get()[0, -1];
            (logits[source_answer] - logits[base_answer]).save()
        })?;
        Ok(metric.into_scalar::<f32>() - pair.metric(&pair.base))
    };
    let positions = 0..pair.base.ids.len();
    (0..M::LAYERS)
        .map(|layer| {
            positions
                .clone()
                .map(|position| patched(layer, position))
                .collect()
        })
        .collect()
}

/// The residual stream as it enters each layer.
fn residual_stream<M: Decoder>(lm: &LanguageModel<M>, prompt: &Run) -> models::Result<Vec<Tensor<3>>> {
    trace!(lm, &prompt.ids, |m: M| {
        let blocks = M::blocks(m).into_iter();
        blocks
            .map(|block| block.resid_pre.output.save())
            .collect::<Vec<_>>()
    })
}

/// A number for each layer and position.
type Table = Vec<Vec<f32>>;

/// A prompt, and what the model says to it.
struct Run {
    ids: Vec<u32>,
    tokens: Vec<String>,
    /// Of the last position.
    logits: Vec<f32>,
}

impl Run {
    fn of<M: Decoder>(lm: &LanguageModel<M>, prompt: &str) -> models::Result<Self> {
        let ids = lm.tokenizer().encode(prompt)?;
        let logits = trace!(lm, &ids, |m: M| M::logits_site(m).get()[0, -1].save())?;
        Ok(Run {
            tokens: lm.tokenizer().decode_each(&ids)?,
            logits: numbers(logits),
            ids,
        })
    }

    /// The id of `text`, which is one token, or else of the likeliest token.
    fn answer<M: Decoder>(&self, lm: &LanguageModel<M>, text: Option<&str>) -> Result<usize, PatchingError> {
        let Some(text) = text else {
            let likeliest = self.logits.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
            return Ok(likeliest.map_or(0, |(id, _)| id));
        };
        match lm.tokenizer().encode(text)?[..] {
            [id] => Ok(id as usize),
            ref ids => Err(PatchingError::Answer {
                text: text.to_owned(),
                tokens: lm.tokenizer().decode_each(ids)?,
            }),
        }
    }
}

/// A source and a base of the same length, and the answers whose logits are compared.
struct Pair {
    source: Run,
    base: Run,
    /// The source's, then the base's.
    answers: [usize; 2],
}

impl Pair {
    fn new<M: Decoder>(lm: &LanguageModel<M>, arguments: &Arguments) -> Result<Self, PatchingError> {
        let source = Run::of(lm, &arguments.source)?;
        let base = Run::of(lm, &arguments.base)?;
        if source.ids.len() != base.ids.len() {
            return Err(PatchingError::Lengths {
                source: source.tokens,
                base: base.tokens,
            });
        }
        let answers = [
            source.answer(lm, arguments.source_answer.as_deref())?,
            base.answer(lm, arguments.base_answer.as_deref())?,
        ];
        if answers[0] == answers[1] {
            return Err(PatchingError::SameAnswer {
                answer: lm.tokenizer().decode(answers[0] as i64)?,
            });
        }
        Ok(Pair {
            source,
            base,
            answers,
        })
    }

    /// How much more likely the source's answer is than the base's, in logits.
    fn metric(&self, run: &Run) -> f32 {
        run.logits[self.answers[0]] - run.logits[self.answers[1]]
    }

    /// The first position whose token differs. What lies before it is the same in both runs, since a position
    /// sees only what comes before.
    fn first_difference(&self) -> usize {
        let mut pairs = self.source.ids.iter().zip(&self.base.ids);
        pairs
            .position(|(source, base)| source != base)
            .unwrap_or(self.base.ids.len())
    }
}

/// Runs both kinds of patching and prints what they find.
fn compare<M: Decoder>(lm: &LanguageModel<M>, arguments: &Arguments) -> Result<(), PatchingError> {
    let pair = Pair::new(lm, arguments)?;
    let [source_answer, base_answer] = pair.answers.map(|id| lm.tokenizer().decode(id as i64));
    let (source_answer, base_answer) = (source_answer?, base_answer?);
    println!("metric: the logit of {source_answer:?} minus that of {base_answer:?}, at the last position");
    println!("source  {:>7.2}  {}", pair.metric(&pair.source), arguments.source);
    println!("base    {:>7.2}  {}", pair.metric(&pair.base), arguments.base);

    let attributed = attribution_patching(lm, &pair)?;
    println!("\nattribution patching: gradient times difference, one backward pass");
    print_table(&pair, &attributed);
    let patched = activation_patching(lm, &pair)?;
    let passes = patched.concat().len();
    println!("\nactivation patching: how far the metric moves, {passes} forward passes");
    print_table(&pair, &patched);

    let first = pair.first_difference();
    let compared = |table: &Table| {
        table
            .iter()
            .flat_map(|row| row[first..].to_vec())
            .collect::<Vec<_>>()
    };
    match Fit::of(&compared(&attributed), &compared(&patched)) {
        Some(Fit { correlation, slope }) => println!(
            "\nPearson correlation {correlation:.3}; the metric moves {slope:.1} times as far as attributed (least squares).\n\
             (Places before the first token that differs are left out: both are 0 there.)"
        ),
        None => println!("\nThere is no correlation: one of the tables is constant."),
    }
    Ok(())
}

fn print_table(pair: &Pair, table: &Table) {
    let [source, base] = [&pair.source, &pair.base]
        .map(|run| run.tokens.iter().map(|token| visible(token)).collect::<Vec<_>>());
    let longest = source
        .iter()
        .chain(&base)
        .map(|token| token.chars().count())
        .max();
    let width = longest.unwrap_or(0).max(6) + 2;
    let print_row = |name: &str, cells: &[String]| {
        let cells = cells
            .iter()
            .map(|cell| format!("{cell:>width$}"))
            .collect::<String>();
        println!("{name:<12}{cells}");
    };
    print_row("source", &source);
    print_row("base", &base);
    for (layer, row) in table.iter().enumerate() {
        // The addition turns -0 into 0.
        let cells = row
            .iter()
            .map(|x| format!("{:.2}", (x * 100.0).round() / 100.0 + 0.0));
        print_row(&format!("resid_pre {layer}"), &cells.collect::<Vec<_>>());
    }
}

/// How well a straight line through `x` and `y` fits.
struct Fit {
    /// Pearson's coefficient.
    correlation: f64,
    /// By least squares.
    slope: f64,
}

impl Fit {
    /// None if all of `x` or all of `y` are the same.
    fn of(x: &[f32], y: &[f32]) -> Option<Fit> {
        let deviations = |numbers: &[f32]| {
            let mean = numbers.iter().copied().map(f64::from).sum::<f64>() / numbers.len() as f64;
            numbers
                .iter()
                .map(|&number| f64::from(number) - mean)
                .collect::<Vec<_>>()
        };
        let (x, y) = (deviations(x), deviations(y));
        let product = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
        let (xx, yy, xy) = (product(&x, &x), product(&y, &y), product(&x, &y));
        (xx > 0.0 && yy > 0.0).then(|| Fit {
            correlation: xy / (xx * yy).sqrt(),
            slope: xy / xx,
        })
    }
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// Why two prompts cannot be compared.
#[derive(Debug)]
enum PatchingError {
    /// The model, a prompt or a trace.
    Model(models::Error),
    /// A place of one prompt is no place of the other.
    Lengths { source: Vec<String>, base: Vec<String> },
    /// An answer without a logit of its own.
    Answer { text: String, tokens: Vec<String> },
    /// A metric that is always 0.
    SameAnswer { answer: String },
}

impl From<models::Error> for PatchingError {
    fn from(error: models::Error) -> Self {
        PatchingError::Model(error)
    }
}

impl std::error::Error for PatchingError {}

impl fmt::Display for PatchingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PatchingError::Model(error) => error.fmt(f),
            PatchingError::Lengths { source, base } => write!(
                f,
                "the source has {} tokens and the base {}, so their positions do not correspond: {source:?} and \
                 {base:?}. Give prompts whose differing words have the same number of tokens",
                source.len(),
                base.len()
            ),
            PatchingError::Answer { text, tokens } => write!(
                f,
                "the answer {text:?} is {} tokens, wanted one, whose logit can be compared: {tokens:?}. An answer \
                 that follows a word usually begins with a space, as \" Paris\"",
                tokens.len()
            ),
            PatchingError::SameAnswer { answer } => write!(
                f,
                "both prompts are answered with {answer:?}, so there is no difference of logits: give prompts \
                 with different answers, or name them with --source-answer and --base-answer"
            ),
        }
    }
}
