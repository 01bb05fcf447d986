//! `generate`: text that goes on.

use super::{Error, Model, Result, Writer};
use crate::models::{CausalLm, Generation};
use clap::Args;

/// Continues a prompt.
#[derive(Args, Clone, Debug)]
#[group(skip)] // The command has a group of that name for each subcommand.
pub struct Generate {
    /// What goes on
    pub prompt: String,
    /// How many tokens at most
    #[arg(long, default_value_t = 50, value_name = "TOKENS")]
    pub max_new_tokens: usize,
    /// Draws at this temperature; 0 takes the most likely token
    #[arg(long, default_value_t = 0.0)]
    pub temperature: f64,
    /// Draws from so many most likely tokens only
    #[arg(long, value_name = "TOKENS")]
    pub top_k: Option<usize>,
    /// Draws from the most likely tokens only that have this probability together
    #[arg(long, value_name = "PROBABILITY")]
    pub top_p: Option<f64>,
    /// The same seed draws the same tokens
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Prints each token as soon as it is there
    #[arg(long)]
    pub stream: bool,
}

impl Generate {
    /// Prints the prompt and what follows it.
    ///
    /// # Errors
    ///
    /// [`Error::NoLanguageModel`]; a prompt that cannot be had; settings that nothing can be drawn with.
    pub fn run(&self, model: &dyn Model, out: Writer<'_>) -> Result<()> {
        let mut text = String::new();
        let mut written = Ok(());
        model.generate(self, &mut |piece| match self.stream {
            false => text.push_str(piece),
            true if written.is_ok() => {
                written = out.write_all(piece.as_bytes()).and_then(|()| out.flush());
            }
            true => {}
        })?;
        written
            .and_then(|()| writeln!(out, "{text}"))
            .map_err(Error::Output)
    }

    /// The settings on a generation.
    pub(super) fn apply<'a, M: CausalLm>(&self, generation: Generation<'a, M>) -> Generation<'a, M> {
        let generation = generation
            .max_new_tokens(self.max_new_tokens)
            .temperature(self.temperature)
            .seed(self.seed);
        let generation = match self.top_k {
            Some(tokens) => generation.top_k(tokens),
            None => generation,
        };
        match self.top_p {
            Some(probability) => generation.top_p(probability),
            None => generation,
        }
    }
}
