//! `bench`: a forward pass alone, and under a trace.

use super::{Error, Inputs, Model, Result, Writer};
use clap::Args;
use std::time::{Duration, Instant};

/// Times the forward pass alone, and under a trace that saves its output.
#[derive(Args, Clone, Debug)]
#[group(skip)] // The command has a group of that name for each subcommand.
pub struct Bench {
    /// What it is run on.
    #[command(flatten)]
    pub inputs: Inputs,
    /// How often each is timed
    #[arg(long, default_value_t = 100)]
    pub rounds: usize,
}

/// The passes to be timed, each on the same input. Each waits for its device.
pub struct Passes<'a> {
    /// The forward pass with hooks and no trace.
    pub plain: Box<dyn FnMut() -> Result<()> + 'a>,
    /// A trace that saves what the model gives.
    pub traced: Box<dyn FnMut() -> Result<()> + 'a>,
}

impl Bench {
    /// Times them in turn, so that a busy machine slows both, and prints medians and quartiles.
    ///
    /// # Errors
    ///
    /// What [`Model::passes`] refuses.
    pub fn run(&self, model: &dyn Model, out: Writer<'_>) -> Result<()> {
        let Passes {
            mut plain,
            mut traced,
        } = model.passes(&self.inputs)?;
        for _ in 0..self.rounds.div_ceil(10) {
            plain()?;
            traced()?;
        }
        let (mut plain_times, mut traced_times) = (Vec::new(), Vec::new());
        for _ in 0..self.rounds.max(1) {
            plain_times.push(time(&mut plain)?);
            traced_times.push(time(&mut traced)?);
        }
        let (plain, traced) = (Timing::of(plain_times), Timing::of(traced_times));
        writeln!(out, "{:<36}{:>12}  quartiles", "", "median").map_err(Error::Output)?;
        for (what, timing) in [
            ("forward pass, no trace", &plain),
            ("trace that saves the output", &traced),
        ] {
            let [low, median, high] = timing.0.map(|time| format!("{time:.2?}"));
            writeln!(out, "{what:<36}{median:>12}  {low} to {high}").map_err(Error::Output)?;
        }
        let ratio = traced.median().as_secs_f64() / plain.median().as_secs_f64();
        writeln!(out, "{:<36}{ratio:>12.3}", "ratio").map_err(Error::Output)
    }
}

fn time(pass: &mut dyn FnMut() -> Result<()>) -> Result<Duration> {
    let start = Instant::now();
    pass()?;
    Ok(start.elapsed())
}

/// The quartiles of some times, the median in the middle.
struct Timing([Duration; 3]);

impl Timing {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let last = times.len().saturating_sub(1);
        Timing([1, 2, 3].map(|quarter| times.get(quarter * last / 4).copied().unwrap_or_default()))
    }

    fn median(&self) -> Duration {
        self.0[1]
    }
}
