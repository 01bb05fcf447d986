//! Text that goes on: a forward pass for each new token. Here is how it is asked for.

mod sites;
mod steps;
mod text;
mod tracing;

pub use sites::{Generating, GeneratingPrompts, Generator, Tokens};

use super::sampling::Sampling;
use super::{CausalLm, LanguageModel, Prompt};
use nnsight_core::driving::Steps;
use nnsight_core::jobs::Drawing;
use std::cell::RefCell;

/// A prompt and how it goes on; see [`LanguageModel::generate`].
///
/// `trace!(lm.generate(prompt).max_new_tokens(3), |m: Gpt2| ..)` runs it with interventions: `m.lm_head.output`
/// is the first step's, `m.lm_head.next().output` the second's, `m.lm_head.call_idx(2).output` the third's;
/// `m.transformer.h[5].output.every_step() += steer` acts at each.
#[must_use = "a generation does nothing until it is run: `text()`, `tokens()`, or `trace!`"]
pub struct Generation<'a, M: CausalLm, P = Prompt> {
    lm: &'a LanguageModel<M>,
    prompt: P,
    max_new_tokens: usize,
    sampling: Sampling,
    stop: Vec<i64>,
    cached: bool,
    stream: Option<Stream<'a>>,
}

/// Called with each new token.
type Stream<'a> = RefCell<Box<dyn FnMut(NewToken) + 'a>>;

/// A token that a generation has just made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// Which prompt, in the order in which they were given.
    pub row: usize,
    /// Which step, counted from 0.
    pub step: usize,
    /// The token.
    pub id: i64,
}

/// The prompts come from the body of the trace.
#[derive(Clone, Copy, Debug)]
pub struct FromInvokes;

impl<M: CausalLm> LanguageModel<M> {
    /// Continues a prompt, or a list of prompts, by 50 tokens unless told otherwise.
    ///
    /// Keys and values are kept from step to step, and with them what an edit has made of them: an edit belongs to the pass
    /// that it is made in, and stays in what that pass has computed. [`without_cache`](Generation::without_cache) says where
    /// that differs from computing everything again.
    ///
    /// ```no_run
    /// # use nnsight_models::{LanguageModel, gpt2::small::Gpt2};
    /// # fn main() -> nnsight_models::Result<()> {
    /// let lm = LanguageModel::<Gpt2>::from_pretrained("openai-community/gpt2")?;
    /// println!("{}", lm.generate("The Eiffel Tower is in").max_new_tokens(5).text()?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn generate(&self, prompt: impl Into<Prompt>) -> Generation<'_, M> {
        Generation::new(self, prompt.into())
    }

    /// Continues the prompts that the body of a trace adds:
    /// `trace!(lm.generate_each().max_new_tokens(3), |t: Gpt2| { let a = t.invoke("one"); .. })`.
    pub fn generate_each(&self) -> Generation<'_, M, FromInvokes> {
        Generation::new(self, FromInvokes)
    }
}

impl<'a, M: CausalLm, P> Generation<'a, M, P> {
    fn new(lm: &'a LanguageModel<M>, prompt: P) -> Self {
        Self {
            lm,
            prompt,
            max_new_tokens: 50,
            sampling: Sampling::default(),
            stop: Vec::new(),
            cached: true,
            stream: None,
        }
    }

    /// At most so many tokens.
    pub fn max_new_tokens(mut self, tokens: usize) -> Self {
        self.max_new_tokens = tokens;
        self
    }

    /// Draws at this temperature; 0, the default, takes the most likely token.
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.sampling.temperature = temperature;
        self
    }

    /// Draws from so many most likely tokens only.
    pub fn top_k(mut self, tokens: usize) -> Self {
        self.sampling.top_k = Some(tokens);
        self
    }

    /// Draws from the most likely tokens only that have this probability together.
    pub fn top_p(mut self, probability: f64) -> Self {
        self.sampling.top_p = Some(probability);
        self
    }

    /// The same seed draws the same tokens; each prompt draws by itself.
    pub fn seed(mut self, seed: u64) -> Self {
        self.sampling.seed = seed;
        self
    }

    /// Ends a prompt after any of these tokens.
    pub fn stop_at(mut self, tokens: impl IntoIterator<Item = i64>) -> Self {
        self.stop.extend(tokens);
        self
    }

    /// Computes all positions again at each step, instead of keeping keys and values. Sites then have all
    /// positions at each step.
    ///
    /// An edit belongs to the pass that it is made in. With a cache, what that pass computed for its positions stays there,
    /// edited, for all later steps, as in every library that caches; without one, the next step computes the same
    /// positions anew, and an edit of one step is gone. An edit at every step, and one that changes nothing (a module's own
    /// output in its place), gives the same both ways.
    pub fn without_cache(mut self) -> Self {
        self.cached = false;
        self
    }

    /// Calls `on_token` with each token as soon as it is there; of a model on a server, once the generation is over. It may
    /// borrow what lives shorter than the model.
    pub fn stream<'b>(self, on_token: impl FnMut(NewToken) + 'b) -> Generation<'b, M, P>
    where
        'a: 'b,
    {
        Generation {
            lm: self.lm,
            prompt: self.prompt,
            max_new_tokens: self.max_new_tokens,
            sampling: self.sampling,
            stop: self.stop,
            cached: self.cached,
            stream: Some(RefCell::new(Box::new(on_token))),
        }
    }

    /// The same, drawn as another process was told to.
    pub fn drawn_as(mut self, drawing: Drawing) -> Self {
        let Drawing {
            temperature,
            top_k,
            top_p,
            seed,
            stop,
        } = drawing;
        self.sampling = Sampling {
            temperature,
            top_k,
            top_p,
            seed,
        };
        self.stop = stop;
        self
    }

    /// How it draws, for another process.
    fn drawing(&self) -> Drawing {
        let Sampling {
            temperature,
            top_k,
            top_p,
            seed,
        } = self.sampling;
        Drawing {
            temperature,
            top_k,
            top_p,
            seed,
            stop: self.stop.clone(),
        }
    }

    fn steps(&self) -> Steps {
        Steps {
            most: self.max_new_tokens as u32,
            cached: self.cached,
        }
    }
}
