//! What lasts beyond a trace: edits, and modules that are attached.

use super::{CausalLm, LanguageModel};
use crate::error::Result;
use nnsight_core::{Attached, Edits, Inspectable};
use std::sync::Arc;

impl<M: CausalLm> LanguageModel<M> {
    /// The same model, with interventions that every later trace and generation of it begins with; this one
    /// stays as it is, and the weights are shared. Edits compose, in the order in which they are made.
    ///
    /// In `trace!`'s language: `edit!(lm, move |m: Gpt2| m.transformer.h[5].output += &steer)`.
    #[must_use = "the edits are in what is returned"]
    pub fn edit(&self, edit: impl Fn(M::Sites) + Send + Sync + 'static) -> Self {
        self.with_edits(self.edits.and(edit))
    }

    /// The same model with a module beside it (a sparse autoencoder, an adapter, a LoRA), and the handle to it; this
    /// one stays as it is, and the weights are shared.
    ///
    /// The model does not call it: a trace does, or better an edit, which every later trace and generation begins
    /// with. Its own sites are then sites like the model's.
    ///
    /// ```no_run
    /// use nnsight_core::{Attach, Inspectable, Probe, axes, edit, inspectable, trace};
    /// use nnsight_models::LanguageModel;
    /// use nnsight_models::gpt2::small::{Batch, Gpt2, Hidden, Seq};
    /// # extern crate nnsight_core as nnsight;
    /// # use burn::{module::Module, nn::Linear, tensor::{Tensor, activation::relu}};
    ///
    /// axes! { Latent = 24_576; }
    ///
    /// #[derive(Module, Debug, Inspectable)]
    /// #[inspect((Batch, Seq, Hidden) -> (Batch, Seq, Hidden))]
    /// struct Sae {
    ///     #[inspect((Batch, Seq, Hidden) -> (Batch, Seq, Latent))]
    ///     encoder: Linear,
    ///     latents: Probe<(Batch, Seq, Latent)>,
    ///     #[inspect((Batch, Seq, Latent) -> (Batch, Seq, Hidden))]
    ///     decoder: Linear,
    /// }
    ///
    /// #[inspectable]
    /// impl Sae {
    ///     fn forward(&self, x: Tensor<3>) -> Tensor<3> {
    ///         self.decoder.forward(self.latents.forward(relu(self.encoder.forward(x))))
    ///     }
    /// }
    ///
    /// # fn example(lm: LanguageModel<Gpt2>, sae: Sae) -> nnsight_models::Result<()> {
    /// let (lm, sae) = lm.attach("sae", sae)?;
    /// let lm = edit!(lm, move |m: Gpt2| {
    ///     m.transformer.h[5].output = m.attached(sae).call(m.transformer.h[5].output);
    /// });
    /// let text = "The Eiffel Tower is in the city of";
    /// let latents = trace!(lm, text, |m: Gpt2| m.attached(sae).latents.output.save())?;
    /// let without = trace!(lm, text, |m: Gpt2| {
    ///     m.attached(sae).latents.output[.., .., 17] = 0.0;
    ///     m.lm_head.output.save()
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NameTaken`](nnsight_core::Error::NameTaken) if a field of the model's, or another attached module, has the
    /// name.
    pub fn attach<E: Inspectable + Sync>(&self, name: &str, module: E) -> Result<(Self, Attached<E>)> {
        let module = match &self.device_map {
            // On which of the devices it is to be, only the user knows.
            Some(_) => module,
            None => module.to_device(&self.device),
        };
        let tree = self.tree();
        let (attached, handle) = self.attached.and(name, module, &tree.fields())?;
        let extended = Self {
            attached,
            extended: Arc::default(),
            ..self.with_edits(self.edits.clone())
        };
        Ok((extended, handle))
    }

    /// The same model, whose traces and generations lose nothing in silence: an edit or a closure that nothing saved
    /// can see is an error, as [`NnSight::strict`](nnsight_core::NnSight::strict) says. This one stays as it is.
    #[must_use = "what is returned is strict"]
    pub fn strict(&self) -> Self {
        Self {
            strict: true,
            extended: Arc::default(),
            ..self.with_edits(self.edits.clone())
        }
    }

    /// The same model without edits. What is attached stays so.
    #[must_use]
    pub fn without_edits(&self) -> Self {
        self.with_edits(Edits::default())
    }

    pub(super) fn with_edits(&self, edits: Edits<M>) -> Self {
        Self {
            name: self.name.clone(),
            source: self.source.clone(),
            tokenizer: self.tokenizer.clone(),
            device: self.device.clone(),
            device_map: self.device_map.clone(),
            dtype: self.dtype,
            weights: Arc::clone(&self.weights),
            edits,
            attached: self.attached.clone(),
            strict: self.strict,
            executor: self.executor.clone(),
            extended: Arc::clone(&self.extended),
        }
    }
}
