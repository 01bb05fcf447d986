//! What a family of models offers so that it can be used by name.

use crate::context::Context;
use crate::error::Result;
use crate::load::{ConfigFile, Source, WeightFiles};
use burn::prelude::*;
use nnsight_core::{Forward, Inspectable};
use std::path::Path;

/// A family of models that predict the next token, such as [`Gpt2`](crate::gpt2::Gpt2), of one size.
///
/// What [`LanguageModel`](crate::LanguageModel) needs to know of it, and no more: the rest of a
/// family's code is plain Burn.
pub trait CausalLm: Inspectable + Forward<Args = (Tensor<2, Int>, Context), Result = Tensor<3>> {
    /// The type that holds its sizes.
    type Config;

    /// The family: `model_type` in a `config.json`.
    const FAMILY: &'static str;
    /// How many tokens it knows.
    const VOCAB: usize;
    /// The longest sequence that it takes.
    const POSITIONS: usize;

    /// A model without weights: its parameters are drawn when first used.
    fn init(device: &Device) -> Self;

    /// Holds a `config.json` against the sizes in the type.
    ///
    /// # Errors
    ///
    /// [`OtherFamily`](crate::Error::OtherFamily), [`OtherSize`](crate::Error::OtherSize),
    /// [`ConfigField`](crate::Error::ConfigField).
    fn check_config(config: &ConfigFile) -> Result<()>;

    /// Fills the parameters.
    ///
    /// # Errors
    ///
    /// As [`WeightFiles::load_into`].
    fn load_weights(&mut self, files: &WeightFiles) -> Result<()>;

    /// The logits of the next token: (Batch, Seq) to (Batch, Seq, Vocab).
    fn logits(&self, ids: Tensor<2, Int>) -> Tensor<3> {
        self.forward_args((ids, Context::default()))
    }

    /// The model of a directory in Hugging Face's layout: `config.json` and `model.safetensors`.
    ///
    /// # Errors
    ///
    /// Those of [`check_config`](Self::check_config) and [`load_weights`](Self::load_weights), and
    /// [`MissingFile`](crate::Error::MissingFile).
    fn from_dir(directory: impl AsRef<Path>, device: &Device) -> Result<Self> {
        Self::from_source(&Source::Directory(directory.as_ref().to_owned()), device)
    }

    /// The model of a GGUF file, its weights dequantised to f32.
    ///
    /// # Errors
    ///
    /// Those of [`Source::config`], [`check_config`](Self::check_config) and
    /// [`load_weights`](Self::load_weights).
    fn from_gguf(file: impl AsRef<Path>, device: &Device) -> Result<Self> {
        Self::from_source(&Source::gguf(file)?, device)
    }

    /// The model of a directory, of the hub, or of a GGUF file.
    ///
    /// # Errors
    ///
    /// Those of [`Source::config`], [`check_config`](Self::check_config), [`Source::weights`] and
    /// [`load_weights`](Self::load_weights).
    fn from_source(source: &Source, device: &Device) -> Result<Self> {
        Self::check_config(&source.config()?)?;
        let mut model = Self::init(device);
        model.load_weights(&WeightFiles::new(source.weights()?))?;
        Ok(model)
    }
}
