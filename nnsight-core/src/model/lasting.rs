//! What lasts beyond a trace: edits, and modules that are attached.

use super::NnSight;
use super::pinned::Pinned;
use crate::error::Result;
use crate::model::attach::{Attached, Attachments};
use crate::model::edits::Edits;
use crate::tree::module::Inspectable;
use std::sync::Arc;

impl<M: Inspectable> NnSight<M> {
    /// The same model, with interventions that every later trace of it begins with; this one stays as it is.
    ///
    /// Edits compose, in the order in which they are made. The parameters are shared. In `trace!`'s language:
    /// `edit!(net, move |m: Net| m.layer1.output *= 2.0)`.
    #[must_use = "the edits are in what is returned"]
    pub fn edit(&self, edit: impl Fn(M::Sites) + Send + Sync + 'static) -> Self {
        NnSight {
            edits: self.edits.and(edit),
            ..self.clone()
        }
    }

    /// The same model without edits.
    #[must_use]
    pub fn without_edits(&self) -> Self {
        NnSight {
            edits: Edits::default(),
            ..self.clone()
        }
    }

    /// The same model, whose traces lose nothing in silence: an edit or a closure that nothing saved can see, which
    /// otherwise is in the [`Report`](crate::run::report::Report) and in the program's log, is an [`Error::Lost`] before the model
    /// runs; an edit that the model does not come to is one afterwards. This one stays as it is. What
    /// [`edit`](Self::edit) makes last is exempt: a trace need not look at all of it.
    ///
    /// [`Error::Lost`]: crate::error::Error::Lost
    #[must_use = "what is returned is strict"]
    pub fn strict(&self) -> Self {
        NnSight {
            strict: true,
            ..self.clone()
        }
    }

    /// The same model with a module beside it, such as a sparse autoencoder or an adapter, and the handle to it;
    /// this one stays as it is, and the parameters are shared.
    ///
    /// The model does not call it: a trace does, or better an edit, which every later trace begins with.
    ///
    /// ```standalone_crate
    /// # extern crate nnsight_core as nnsight;
    /// # use burn::nn::{Linear, LinearConfig};
    /// # use burn::tensor::{Device, Tensor};
    /// # use nnsight::{Attach, Inspectable, NnSight, edit, inspectable, trace};
    /// # nnsight::axes! { Batch; Features = 2; Latent = 8; }
    /// # #[derive(burn::module::Module, Debug, Inspectable)]
    /// # #[inspect((Batch, Features) -> (Batch, Features))]
    /// # struct Net { #[inspect((Batch, Features) -> (Batch, Features))] layer: Linear }
    /// # #[inspectable]
    /// # impl Net { fn forward(&self, x: Tensor<2>) -> Tensor<2> { self.layer.forward(x) } }
    /// # #[derive(burn::module::Module, Debug, Inspectable)]
    /// # #[inspect((Batch, Features) -> (Batch, Features))]
    /// # struct Sae {
    /// #     #[inspect((Batch, Features) -> (Batch, Latent))]
    /// #     encoder: Linear,
    /// #     #[inspect((Batch, Latent) -> (Batch, Features))]
    /// #     decoder: Linear,
    /// # }
    /// # #[inspectable]
    /// # impl Sae {
    /// #     fn forward(&self, x: Tensor<2>) -> Tensor<2> { self.decoder.forward(self.encoder.forward(x)) }
    /// # }
    /// # fn main() -> nnsight::Result<()> {
    /// # let device = Device::flex();
    /// # let net = NnSight::new(Net { layer: LinearConfig::new(2, 2).init(&device) });
    /// # let (encoder, decoder) = (LinearConfig::new(2, 8).init(&device), LinearConfig::new(8, 2).init(&device));
    /// # let input = Tensor::<2>::ones([1, 2], &device);
    /// let (net, sae) = net.attach("sae", Sae { encoder, decoder })?;
    /// let net = edit!(net, move |m: Net| m.layer.output = m.attached(sae).call(m.layer.output));
    /// let (latents, without) = (
    ///     trace!(net, &input, |m: Net| m.attached(sae).encoder.output.save())?,
    ///     trace!(net, &input, |m: Net| {
    ///         m.attached(sae).encoder.output[.., 3] = 0.0;
    ///         m.output.save()
    ///     })?,
    /// );
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::NameTaken`](crate::Error::NameTaken) if a field of the model's, or another attached module, has the name.
    pub fn attach<E: Inspectable + Sync>(&self, name: &str, module: E) -> Result<(Self, Attached<E>)> {
        let fields = self.tree().fields();
        let (attached, handle) = self.pinned.attached.and(name, module, &fields)?;
        Ok((self.with_attachments(attached), handle))
    }

    /// The same model with other modules attached.
    #[must_use]
    pub fn with_attachments(&self, attached: Attachments) -> Self {
        NnSight {
            pinned: Pinned::new(
                Arc::clone(&self.pinned.model),
                attached,
                self.pinned.placement.clone(),
            ),
            instances: Arc::default(),
            edits: self.edits.clone(),
            strict: self.strict,
            executor: self.executor.clone(),
        }
    }
}
