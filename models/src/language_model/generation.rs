//! Text that goes on: a forward pass for each new token.

use super::batch::{self, Batch};
use super::prompts::{Invoked, Prompts};
use super::sampling::{Sampler, Sampling};
use super::{CausalLm, LanguageModel, Limits, Prompt};
use crate::axes::{Batch as Rows, Generated};
use crate::context::{Context, KeyValueCache};
use crate::error::{Error, Result};
use crate::tokenizer::TokenIds;
use burn::prelude::*;
use nnsight_core::__private::Read;
use nnsight_core::driving::{self, Drive, Driven, Steps};
use nnsight_core::{Collect, Erased, Plan, Saved, Sites, Value};
use std::cell::RefCell;
use std::marker::PhantomData;
use std::ops::Deref;

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
    pub fn without_cache(mut self) -> Self {
        self.cached = false;
        self
    }

    /// Calls `on_token` with each token as soon as it is there. It may borrow what lives shorter than the model.
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

    fn steps(&self) -> Steps {
        Steps {
            most: self.max_new_tokens as u32,
            cached: self.cached,
        }
    }

    /// Refuses what cannot be run.
    fn check(&self, batch: &Batch) -> Result<()> {
        self.sampling.check()?;
        if self.max_new_tokens == 0 {
            return Err(Error::Sampling {
                what: "max_new_tokens",
                wanted: "at least 1",
                found: String::from("0"),
            });
        }
        // The last token is made, and not read.
        match batch.len().saturating_add(self.max_new_tokens - 1) > M::POSITIONS {
            true => Err(Error::GenerationTooLong {
                prompt: batch.len(),
                new: self.max_new_tokens,
                positions: M::POSITIONS,
            }),
            false => Ok(()),
        }
    }

    /// Runs the steps: `forward` is the model's. Gives all tokens of each row.
    fn run(
        &self,
        batch: &Batch,
        forward: &mut dyn FnMut((Tensor<2, Int>, Context)) -> Tensor<3>,
    ) -> Vec<Vec<i64>> {
        let device = self.lm.device();
        let padding = batch.padding();
        let cache = self.cached.then(KeyValueCache::new);
        let mut rows = batch.rows().to_vec();
        let mut ended = vec![false; rows.len()];
        let mut sampler = Sampler::new(self.sampling.clone(), rows.len());
        // What the next pass reads: whole rows, or the last tokens where a cache has the others.
        let mut fed = rows.clone();
        for step in 0..self.max_new_tokens {
            let context = Context::new(padding.clone(), cache.clone());
            let logits = forward((batch::ids(&fed, device), context));
            let next = sampler.next(logits);
            for (row, id) in next.iter().copied().enumerate() {
                if ended[row] {
                    continue;
                }
                rows[row].push(id);
                ended[row] = self.stop.contains(&id);
                if let Some(stream) = &self.stream {
                    stream.borrow_mut()(NewToken { row, step, id });
                }
            }
            for (invoke, own) in batch.invokes().enumerate() {
                if ended[own].iter().all(|ended| *ended) {
                    driving::end_invoke(invoke as u16 + 1);
                }
            }
            if ended.iter().all(|ended| *ended) || !driving::wants_more() {
                break;
            }
            if self.cached {
                fed = next.into_iter().map(|id| vec![id]).collect();
            } else {
                fed.iter_mut().zip(next).for_each(|(row, id)| row.push(id));
            }
        }
        rows
    }

    /// [`run`](Self::run) under a trace.
    fn drive(self, batch: Batch) -> Result<Drive<'a, M>>
    where
        P: 'a,
    {
        self.check(&batch)?;
        Ok(Box::new(move |forward| {
            let rows = self.run(&batch, forward);
            let device = self.lm.device();
            let tokens = batch
                .invokes()
                .map(|own| Erased::new(batch::ids(&rows[own], device)));
            driving::end_generation(&tokens.collect::<Vec<_>>());
            Ok(())
        }))
    }
}

impl<'a, M: CausalLm> Generation<'a, M> {
    /// All tokens of each prompt, the prompt's own included.
    ///
    /// # Errors
    ///
    /// As [`LanguageModel::trace`]; [`Error::GenerationTooLong`] if the last step would see more positions than the
    /// model has; [`Error::Sampling`].
    pub fn tokens(self) -> Result<Vec<Vec<i64>>> {
        if !self.lm.edits.is_empty() {
            return self.edited_tokens();
        }
        let mut batch = Batch::default();
        batch.push(
            self.prompt
                .clone()
                .into_rows(self.lm.tokenizer(), Limits::of::<M>())?,
        );
        self.check(&batch)?;
        let model = self.lm.loaded()?;
        Ok(model.forward_passes(|forward| self.run(&batch, forward))?)
    }

    /// The tokens of a model with edits, which only a trace makes.
    fn edited_tokens(self) -> Result<Vec<Vec<i64>>> {
        let rows = self
            .prompt
            .clone()
            .into_rows(self.lm.tokenizer(), Limits::of::<M>())?;
        let generation = Generation {
            lm: self.lm,
            prompt: FromInvokes,
            max_new_tokens: self.max_new_tokens,
            sampling: self.sampling,
            stop: self.stop,
            cached: self.cached,
            stream: self.stream,
        };
        // A row each, so that none has another's padding.
        let tokens = generation.trace_body(PhantomData, |t| {
            let rows = rows.into_iter().map(Prompt::from);
            rows.map(|row| t.invoke(row).generator.output.save())
                .collect::<Vec<_>>()
        })?;
        Ok(tokens.iter().map(TokenIds::token_ids).collect())
    }

    /// The text of the first prompt with what follows it.
    ///
    /// # Errors
    ///
    /// As [`tokens`](Self::tokens).
    pub fn text(self) -> Result<String> {
        let tokenizer = self.lm.tokenizer();
        let rows = self.tokens()?;
        tokenizer.decode(rows.first().map_or(&[][..], Vec::as_slice))
    }

    /// Runs the steps with the interventions of `body`; `trace!` calls this.
    ///
    /// # Errors
    ///
    /// As [`tokens`](Self::tokens) and [`LanguageModel::trace`];
    /// [`StepNotReached`](nnsight_core::Error::StepNotReached) for a saved value of a step after the end.
    pub fn trace_body<R: Collect>(
        self,
        _: PhantomData<M>,
        body: impl FnOnce(Generating<M>) -> R,
    ) -> Result<R::Output> {
        let pinned = self.lm.pinned()?;
        let invoked = RefCell::default();
        let prompts = Prompts::new(self.lm, pinned.tree(), &invoked);
        let (steps, prompt) = (self.steps(), self.prompt.clone());
        let prepare = || {
            let drive = self.drive(Invoked::take(&invoked)?)?;
            // The whole batch is the only prompt's.
            Ok::<_, Error>(Driven {
                windows: Vec::new(),
                drive,
            })
        };
        let body = || body(Generating::new(prompts.only(prompt)));
        let (kept, _) = pinned.trace_driven(Some(steps), body, prepare)?;
        Ok(kept)
    }
}

impl<'a, M: CausalLm> Generation<'a, M> {
    /// The plan of a generation with the interventions of `body`, without running it or loading weights; see
    /// [`LanguageModel::plan`].
    ///
    /// # Errors
    ///
    /// As [`LanguageModel::plan`].
    pub fn plan_body<R: Collect>(
        self,
        _: PhantomData<M>,
        body: impl FnOnce(Generating<M>) -> R,
    ) -> Result<Plan> {
        let pinned = self.lm.pinned_for_plan()?;
        let invoked = RefCell::default();
        let prompts = Prompts::new(self.lm, pinned.tree(), &invoked);
        let (steps, prompt) = (self.steps(), self.prompt.clone());
        // The whole batch is the only prompt's.
        let windows = || self.check(&Invoked::take(&invoked)?).map(|()| Vec::new());
        let body = || body(Generating::new(prompts.only(prompt)));
        pinned.plan_driven(Some(steps), body, windows)
    }
}

impl<'a, M: CausalLm> Generation<'a, M, FromInvokes> {
    /// [`plan_body`](Generation::plan_body) of several prompts, which `body` adds.
    ///
    /// # Errors
    ///
    /// As [`LanguageModel::plan_body`].
    pub fn plan_body<R: Collect>(
        self,
        _: PhantomData<M>,
        body: impl FnOnce(GeneratingPrompts<'_, M>) -> R,
    ) -> Result<Plan> {
        let pinned = self.lm.pinned_for_plan()?;
        let invoked = RefCell::default();
        let prompts = Prompts::new(self.lm, pinned.tree(), &invoked);
        let windows = || {
            let batch = Invoked::take(&invoked)?;
            self.check(&batch).map(|()| batch.windows(pinned.tree()))
        };
        let body = || body(GeneratingPrompts { prompts });
        pinned.plan_driven(Some(self.steps()), body, windows)
    }

    /// Runs the steps on all the prompts that `body` adds, with its interventions; `trace!` calls this.
    ///
    /// # Errors
    ///
    /// As [`Generation::tokens`] and [`LanguageModel::trace_body`].
    pub fn trace_body<R: Collect>(
        self,
        _: PhantomData<M>,
        body: impl FnOnce(GeneratingPrompts<'_, M>) -> R,
    ) -> Result<R::Output> {
        let pinned = self.lm.pinned()?;
        let invoked = RefCell::default();
        let prompts = Prompts::new(self.lm, pinned.tree(), &invoked);
        let steps = self.steps();
        let prepare = || {
            let batch = Invoked::take(&invoked)?;
            let windows = batch.windows(pinned.tree());
            let drive = self.drive(batch)?;
            Ok::<_, Error>(Driven { windows, drive })
        };
        let body = || body(GeneratingPrompts { prompts });
        let (kept, _) = pinned.trace_driven(Some(steps), body, prepare)?;
        Ok(kept)
    }
}

/// The prompts of a generation; [`Prompts`] of one that goes on.
#[derive(Debug)]
pub struct GeneratingPrompts<'a, M: CausalLm> {
    prompts: Prompts<'a, M>,
}

impl<M: CausalLm> GeneratingPrompts<'_, M> {
    /// Adds a prompt, and gives the model as it alone sees it; see [`Prompts::invoke`].
    pub fn invoke(&self, prompt: impl Into<Prompt>) -> Generating<M> {
        Generating::new(self.prompts.invoke(prompt))
    }
}

/// The model in a generation: its sites, and what it has generated.
pub struct Generating<M: CausalLm> {
    sites: Sites<M>,
    /// What comes of the generation.
    pub generator: Generator,
}

impl<M: CausalLm> Clone for Generating<M> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M: CausalLm> Copy for Generating<M> {}

impl<M: CausalLm> Generating<M> {
    fn new(sites: Sites<M>) -> Self {
        let output = Tokens {
            invoke: driving::invoke_of(sites),
        };
        Self {
            sites,
            generator: Generator { output },
        }
    }
}

impl<M: CausalLm> Deref for Generating<M> {
    type Target = Sites<M>;
    fn deref(&self) -> &Sites<M> {
        &self.sites
    }
}

impl<M: CausalLm> nnsight_core::__private::Generates for Generating<M> {}
impl<M: CausalLm> nnsight_core::__private::Generates for GeneratingPrompts<'_, M> {}

/// What comes of a generation: `m.generator.output`.
#[derive(Clone, Copy, Debug)]
pub struct Generator {
    /// The tokens, the prompt's own included: (Batch, Generated).
    pub output: Tokens,
}

/// The tokens of a prompt when its generation is over.
#[derive(Clone, Copy, Debug)]
pub struct Tokens {
    invoke: u16,
}

impl Tokens {
    /// The tokens, for operations on them.
    #[track_caller]
    pub fn get(self) -> Value<(Rows, Generated), Int> {
        driving::generated(self.invoke)
    }

    /// Keeps the tokens.
    #[track_caller]
    pub fn save(self) -> Saved<(Rows, Generated), Int> {
        self.get().save()
    }
}

impl Read for Tokens {
    type Value = Value<(Rows, Generated), Int>;
    #[track_caller]
    fn read(self) -> Self::Value {
        self.get()
    }
}
