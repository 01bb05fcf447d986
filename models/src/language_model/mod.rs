//! A language model by name: its tokenizer and sizes at once, its weights when they are needed.

mod causal_lm;
mod prompt;

pub use causal_lm::CausalLm;
pub use prompt::{Limits, Prompt};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::load::{ConfigFile, Source, WeightFiles};
use crate::tokenizer::Tokenizer;
use burn::prelude::*;
use nnsight_core::{Collect, NnSight, Report, Tree};
use std::sync::{Mutex, OnceLock, PoisonError};

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
    device: Device,
    model: OnceLock<NnSight<M>>,
    /// Held while loading, so that two threads do not load the same weights.
    loading: Mutex<()>,
}

impl<M: CausalLm> LanguageModel<M> {
    /// Opens a model of a directory, or of the hub if there is no directory of that name.
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
        let source = Source::resolve(name)?;
        M::check_config(&ConfigFile::read(source.file("config.json")?)?)?;
        let tokenizer = match source.optional_file("tokenizer.json")? {
            Some(file) => Tokenizer::from_file(file)?,
            None => Tokenizer::absent(name),
        };
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
            model,
            loading: Mutex::new(()),
        })
    }

    /// Puts the model on `device`; one that is loaded already is moved there.
    #[must_use]
    pub fn with_device(mut self, device: Device) -> Self {
        if let Some(model) = self.model.take() {
            self.model = OnceLock::from(NnSight::new(model.into_model().to_device(&device)));
        }
        self.device = device;
        self
    }

    /// The device that the model is on, or will be.
    pub fn device(&self) -> &Device {
        &self.device
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
        self.model.get().is_some()
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
        self.pinned().map(NnSight::model)
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
        let ids = self.token_ids(prompt)?;
        Ok(self
            .pinned()?
            .trace_with_report((ids, Context::default()), body)?)
    }

    /// The model with the tree of its sites, with its weights.
    ///
    /// # Errors
    ///
    /// As [`model`](Self::model).
    pub fn pinned(&self) -> Result<&NnSight<M>> {
        if let Some(model) = self.model.get() {
            return Ok(model);
        }
        // A thread that panicked while loading left nothing behind that could be wrong.
        let _loading = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = self.model.get() {
            return Ok(model);
        }
        let model = self.load()?;
        Ok(self.model.get_or_init(|| NnSight::new(model)))
    }

    /// The token ids of a prompt, on the model's device, checked against the model's limits:
    /// (Batch, Seq).
    ///
    /// # Errors
    ///
    /// As [`Prompt::into_ids`].
    pub fn token_ids(&self, prompt: impl Into<Prompt>) -> Result<Tensor<2, Int>> {
        prompt
            .into()
            .into_ids(&self.tokenizer, Limits::of::<M>(), &self.device)
    }

    /// The tree of its modules and sites, without weights.
    pub fn tree(&self) -> Tree {
        NnSight::new(M::init(&self.device)).tree().clone()
    }

    fn load(&self) -> Result<M> {
        let mut model = M::init(&self.device);
        if let Some(source) = &self.source {
            model.load_weights(&WeightFiles::new(source.weights()?))?;
        }
        Ok(model)
    }
}
