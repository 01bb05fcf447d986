//! A language model by name: its tokenizer and sizes at once, its weights when they are needed.

mod batch;
mod causal_lm;
mod devices;
mod dtype;
mod elsewhere;
mod generation;
mod lasting;
mod prompt;
mod prompts;
mod sampling;

pub use causal_lm::CausalLm;
pub use generation::{FromInvokes, Generating, GeneratingPrompts, Generation, Generator, NewToken, Tokens};
pub use prompt::{Limits, Prompt};
pub use prompts::Prompts;
pub use sampling::Sampling;

use crate::error::{Error, Result};
use crate::load::{Source, WeightFiles};
use crate::tokenizer::Tokenizer;
use batch::Batch;
use burn::prelude::*;
use burn::tensor::FloatDType;
use nnsight_core::driving::{Drive, Driven, Planned, Rehearse};
use nnsight_core::jobs::Executor;
use nnsight_core::{Attachments, Collect, DeviceMap, Edits, NnSight, Plan, Report, Tree};
use prompts::Invoked;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A language model with its tokenizer, whose weights are loaded when they are first needed.
///
/// ```no_run
/// use nnsight_models::{CausalLm, LanguageModel, gpt2::small::Gpt2};
///
/// # fn main() -> nnsight_models::Result<()> {
/// let lm = LanguageModel::<Gpt2>::from_pretrained("openai-community/gpt2")?;
/// let ids = lm.token_ids("The Eiffel Tower is in the city of")?;
/// let logits = lm.model()?.logits(ids);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct LanguageModel<M: CausalLm> {
    name: String,
    /// Where the weights come from; `None` for a model that was handed over with them.
    source: Option<Source>,
    tokenizer: Tokenizer,
    /// Where its inputs go.
    device: Device,
    /// Where its modules are, if on several devices.
    device_map: Option<DeviceMap>,
    /// The float type that was asked for.
    dtype: Option<FloatDType>,
    weights: Arc<Weights<M>>,
    edits: Edits<M>,
    attached: Attachments,
    /// Whether a trace that asks for something in vain is refused.
    strict: bool,
    /// Who runs its traces, if a server does: then no weights are loaded.
    executor: Option<Arc<dyn Executor>>,
    /// The weights' model with what is attached, if anything is, or if it is strict; of a model that a server runs, one
    /// without weights.
    extended: Arc<OnceLock<NnSight<M>>>,
}

/// A model's weights, which edited models share.
#[derive(Debug)]
struct Weights<M: CausalLm> {
    model: OnceLock<NnSight<M>>,
    /// Held while loading, so that two threads do not load the same weights.
    loading: Mutex<()>,
}

impl<M: CausalLm> LanguageModel<M> {
    /// Opens a model of a directory, or of the hub if there is no directory of that name; a name that ends in
    /// `.gguf` is a file, see [`from_gguf`](Self::from_gguf).
    ///
    /// Reads its `config.json` and `tokenizer.json` and checks that they fit the type `M`. The
    /// weights stay where they are until [`dispatch`](Self::dispatch), or the first use. A
    /// directory without a `tokenizer.json` makes a model that takes token ids only.
    ///
    /// # Errors
    ///
    /// [`Error::NotADirectory`], [`Error::NotFound`], [`Error::MissingFile`] if there is no such model;
    /// [`Error::OtherFamily`], [`Error::OtherSize`], [`Error::ConfigField`] if it is not an `M`;
    /// [`Error::BrokenTokenizer`], [`Error::TokenizerTooLarge`] if its tokenizer does not fit.
    pub fn from_pretrained(name: &str) -> Result<Self> {
        Self::open(name, Source::resolve(name)?)
    }

    /// Opens a GGUF file of the Llama family. Its weights are dequantised to f32 when they are loaded; its
    /// tokenizer is the `tokenizer.json` beside it if there is one, or else the one in the file.
    ///
    /// # Errors
    ///
    /// [`Error::MissingFile`], [`Error::BrokenGguf`], [`Error::GgufFeature`], [`Error::UnknownTokenizer`], and
    /// those of [`from_pretrained`](Self::from_pretrained).
    pub fn from_gguf(file: impl AsRef<Path>) -> Result<Self> {
        let source = Source::gguf(file)?;
        Self::open(&source.name(), source)
    }

    fn open(name: &str, source: Source) -> Result<Self> {
        M::check_config(&source.config()?)?;
        let tokenizer = source.tokenizer()?.unwrap_or_else(|| Tokenizer::absent(name));
        Self::new(name, Some(source), tokenizer, OnceLock::new())
    }

    /// A language model of parts that are in memory.
    ///
    /// # Errors
    ///
    /// [`Error::TokenizerTooLarge`] if the tokenizer has tokens that the model does not have.
    pub fn from_parts(model: M, tokenizer: Tokenizer) -> Result<Self> {
        let device = model.devices().into_iter().next().unwrap_or_default();
        let mut this = Self::new(M::FAMILY, None, tokenizer, OnceLock::from(NnSight::new(model)))?;
        this.device = device;
        Ok(this)
    }

    fn new(
        name: &str,
        source: Option<Source>,
        tokenizer: Tokenizer,
        model: OnceLock<NnSight<M>>,
    ) -> Result<Self> {
        if tokenizer.vocab_size() > M::VOCAB {
            return Err(Error::TokenizerTooLarge {
                model: name.to_owned(),
                tokenizer: tokenizer.vocab_size(),
                vocab: M::VOCAB,
            });
        }
        Ok(Self {
            name: name.to_owned(),
            source,
            tokenizer,
            device: Device::default(),
            device_map: None,
            dtype: None,
            weights: Arc::new(Weights {
                model,
                loading: Mutex::new(()),
            }),
            edits: Edits::default(),
            attached: Attachments::default(),
            strict: false,
            executor: None,
            extended: Arc::default(),
        })
    }

    /// The float type of the weights, and so of what passes the sites; of saved tensors it is
    /// [`Tensor::dtype`].
    pub fn dtype(&self) -> FloatDType {
        let loaded = self
            .weights
            .model
            .get()
            .and_then(|model| dtype::of(model.model()));
        loaded.or(self.dtype).unwrap_or(FloatDType::F32)
    }

    /// The name it was opened by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its tokenizer.
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// Whether the weights are in memory.
    pub fn is_dispatched(&self) -> bool {
        self.weights.model.get().is_some()
    }

    /// Loads the weights now, instead of at the first use.
    ///
    /// # Errors
    ///
    /// As [`model`](Self::model).
    pub fn dispatch(self) -> Result<Self> {
        self.model()?;
        Ok(self)
    }

    /// The model itself, with its weights, which are loaded if they are not yet.
    ///
    /// # Errors
    ///
    /// [`Error::MissingFile`] or [`Error::NotFound`] if there are none, and what
    /// [`WeightFiles::load_into`] finds wrong with them.
    pub fn model(&self) -> Result<&M> {
        self.loaded().map(NnSight::model)
    }

    /// Runs the model on a prompt with the interventions of `body`, and gives what `body` saved; the
    /// first trace loads the weights. This is what [`trace!`](nnsight_core::trace!) calls.
    ///
    /// # Errors
    ///
    /// As [`token_ids`](Self::token_ids), [`model`](Self::model), and [`NnSight::trace`].
    pub fn trace<R: Collect>(
        &self,
        prompt: impl Into<Prompt>,
        body: impl FnOnce(M::Sites) -> R,
    ) -> Result<R::Output> {
        self.trace_with_report(prompt, body).map(|(kept, _)| kept)
    }

    /// The plan of a trace, without running it or loading weights: what would be read and written, in which sizes.
    /// Its [`graph`](Plan::graph) can be sent and [replayed](nnsight_core::graph::Graph::replay) elsewhere.
    ///
    /// # Errors
    ///
    /// As [`token_ids`](Self::token_ids), and what [`NnSight::trace`] reports before the forward pass.
    pub fn plan<R: Collect>(
        &self,
        prompt: impl Into<Prompt>,
        body: impl FnOnce(M::Sites) -> R,
    ) -> Result<Plan> {
        let input = self.input(prompt)?;
        let body = |sites| {
            self.edits.write(sites);
            body(sites)
        };
        let plan = self.pinned_for_plan()?.plan(input, body)?;
        Ok(plan.with_floats(self.dtype()))
    }

    /// [`plan`](Self::plan) of several prompts, which `body` adds with [`Prompts::invoke`].
    ///
    /// # Errors
    ///
    /// The same, and [`NoInvokes`](nnsight_core::Error::NoInvokes) if the body adds none.
    pub fn plan_body<R: Collect>(
        &self,
        _: PhantomData<M>,
        body: impl FnOnce(Prompts<'_, M>) -> R,
    ) -> Result<Plan> {
        let pinned = self.pinned_for_plan()?;
        let invoked = RefCell::default();
        let prompts = Prompts::new(self, pinned.tree(), &invoked);
        let prepare = || {
            let batch = Invoked::take(&invoked)?;
            let windows = batch.windows(pinned.tree());
            let rehearse: Rehearse<M> = Box::new(move |device, forward| {
                drop(forward((batch.ids(device), batch.context(None))));
                Ok(())
            });
            Ok::<_, Error>(Planned { windows, rehearse })
        };
        let plan = pinned.plan_driven(None, || body(prompts), prepare)?;
        Ok(plan.with_floats(self.dtype()))
    }

    /// The model with the tree of its sites. No weights are loaded for it.
    fn pinned_for_plan(&self) -> Result<NnSight<M>> {
        match self.is_dispatched() || self.executor.is_some() {
            true => self.pinned().cloned(),
            false => Ok(NnSight::new(M::init(&self.device)).with_attachments(self.attached.clone())),
        }
    }

    /// A prompt as the model takes it.
    fn input(&self, prompt: impl Into<Prompt>) -> Result<M::Args> {
        let rows = prompt.into().into_rows(&self.tokenizer, Limits::of::<M>())?;
        let mut batch = Batch::default();
        batch.push(rows);
        Ok((batch.ids(&self.device), batch.context(None)))
    }

    /// [`trace`](Self::trace), with what the run left out.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn trace_with_report<R: Collect>(
        &self,
        prompt: impl Into<Prompt>,
        body: impl FnOnce(M::Sites) -> R,
    ) -> Result<(R::Output, Report)> {
        if self.executor.is_some() {
            return Ok((self.submit(prompt, body)?.wait()?, Report::default()));
        }
        let input = self.input(prompt)?;
        let body = |sites| {
            self.edits.write(sites);
            body(sites)
        };
        Ok(self.pinned()?.trace_with_report(input, body)?)
    }

    /// Runs the model once on all the prompts that `body` adds with [`Prompts::invoke`]:
    /// `trace!(lm, |t: Gpt2| { let a = t.invoke("one"); let b = t.invoke("another"); .. })`.
    ///
    /// # Errors
    ///
    /// As [`trace`](Self::trace), and
    /// [`NoInvokes`](nnsight_core::Error::NoInvokes) if the body adds none.
    pub fn trace_body<R: Collect>(
        &self,
        _: PhantomData<M>,
        body: impl FnOnce(Prompts<'_, M>) -> R,
    ) -> Result<R::Output> {
        if self.executor.is_some() {
            return Ok(self.submit_body(PhantomData, body)?.wait()?);
        }
        let pinned = self.pinned()?;
        let invoked = RefCell::default();
        let prompts = Prompts::new(self, pinned.tree(), &invoked);
        let prepare = || {
            let batch = Invoked::take(&invoked)?;
            let windows = batch.windows(pinned.tree());
            let drive: Drive<'_, M> = Box::new(move |forward| {
                drop(forward((batch.ids(&self.device), batch.context(None))));
                Ok(())
            });
            Ok::<_, Error>(Driven { windows, drive })
        };
        let (kept, _) = pinned.trace_driven(None, || body(prompts), prepare)?;
        Ok(kept)
    }

    /// The model with the tree of its sites, with its weights and what is attached to it.
    ///
    /// # Errors
    ///
    /// As [`model`](Self::model).
    pub fn pinned(&self) -> Result<&NnSight<M>> {
        if let Some(executor) = &self.executor {
            return Ok(self.extended.get_or_init(|| self.without_weights(executor)));
        }
        let plain = self.loaded()?;
        if self.attached.is_empty() && !self.strict {
            return Ok(plain);
        }
        let extend = || {
            let extended = plain.with_attachments(self.attached.clone());
            if self.strict { extended.strict() } else { extended }
        };
        Ok(self.extended.get_or_init(extend))
    }

    /// The model with its weights alone.
    fn loaded(&self) -> Result<&NnSight<M>> {
        if let Some(model) = self.weights.model.get() {
            return Ok(model);
        }
        // A thread that panicked while loading left nothing behind that could be wrong.
        let _loading = self
            .weights
            .loading
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = self.weights.model.get() {
            return Ok(model);
        }
        let model = self.load()?;
        Ok(self.weights.model.get_or_init(|| model))
    }

    /// The token ids of a prompt, on the model's device, checked against the model's limits:
    /// (Batch, Seq). Of a list of prompts, shorter ones are padded on the left.
    ///
    /// # Errors
    ///
    /// As [`Prompt::into_rows`].
    pub fn token_ids(&self, prompt: impl Into<Prompt>) -> Result<Tensor<2, Int>> {
        let prompt = prompt.into();
        if let Prompt::Tensor(ids) = &prompt {
            let ids = ids.clone().to_device(&self.device);
            prompt.into_rows(&self.tokenizer, Limits::of::<M>())?;
            return Ok(ids);
        }
        let mut batch = Batch::default();
        batch.push(prompt.into_rows(&self.tokenizer, Limits::of::<M>())?);
        Ok(batch.ids(&self.device))
    }

    /// The tree of its modules and sites, with those of what is attached, without weights.
    pub fn tree(&self) -> Tree {
        let model = NnSight::new(M::init(&self.device));
        model.with_attachments(self.attached.clone()).tree().clone()
    }

    fn load(&self) -> Result<NnSight<M>> {
        // Parameters are drawn or read where they stay.
        let model = self.placed(NnSight::new(M::init(&self.device)))?;
        model.try_map_model(|mut model| {
            if let Some(source) = &self.source {
                model.load_weights(&WeightFiles::new(source.weights()?))?;
            }
            match self.dtype {
                Some(dtype) => self.check_dtype(dtype).map(|()| dtype::cast(model, dtype)),
                None => Ok(model),
            }
        })
    }
}
