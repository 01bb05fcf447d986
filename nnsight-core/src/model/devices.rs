//! A model on several devices.

use super::NnSight;
use super::pinned::Pinned;
use crate::error::Result;
use crate::model::device_map::DeviceMap;
use crate::tree::module::Inspectable;
use burn::tensor::Device;
use std::sync::Arc;

impl<M: Inspectable> NnSight<M> {
    /// The model with its modules on the devices that a map names. What is attached stays where it is, and so do tensors
    /// in the model that are no parameters.
    ///
    /// Activations move where they are wanted: into a module on another device, and between what a trace computes.
    /// An intervention runs where its site is, and what is saved stays there. Only traces move them, and
    /// [`forward_passes`](Self::forward_passes): a plain call of such a model would mix tensors of several devices.
    ///
    /// # Errors
    /// [`DeviceMap`](crate::error::Error::DeviceMap) if the map does not fit the model.
    pub fn with_device_map(self, map: &DeviceMap) -> Result<Self> {
        let (edits, pinned, strict) = (self.edits.clone(), self.pinned.clone(), self.strict);
        let executor = self.executor.clone();
        let (model, placement) = map.place(self.into_model(), &pinned.tree)?;
        Ok(NnSight {
            pinned: Pinned::new(Arc::new(model), pinned.attached, Some(placement)),
            instances: Arc::default(),
            edits,
            strict,
            executor,
        })
    }

    /// Where a module is, by its path, of a model with a [`DeviceMap`]; the model's own path is empty.
    pub fn device_of(&self, path: &str) -> Option<&Device> {
        let module = self.tree().by_path(path)?;
        self.pinned.placement.as_ref()?.device(module)
    }

    /// The devices that the model's parameters are on, the first parameter's first.
    pub(super) fn devices(&self) -> &[Device] {
        self.instances.devices(&self.pinned.model)
    }

    /// Where what goes into the model is moved: to the device of all parameters, if it is one. On several devices the
    /// hooks see to it.
    pub(super) fn home(&self) -> Option<&Device> {
        match self.devices() {
            [home] => Some(home),
            _ => None,
        }
    }

    /// The same model with other parameters, in the same places: what `change` makes of it. This is how weights are
    /// loaded into a model that a [`DeviceMap`] has spread:
    ///
    /// ```no_run
    /// # use burn::module::Module;
    /// # use burn::store::{ModuleSnapshot, SafetensorsStore, SafetensorsStoreError};
    /// # use nnsight_core::{Inspectable, NnSight};
    /// fn loaded<M: Inspectable>(net: NnSight<M>) -> Result<NnSight<M>, SafetensorsStoreError> {
    ///     net.try_map_model(|mut model| {
    ///         model.load_from(&mut SafetensorsStore::from_file("model.safetensors"))?;
    ///         Ok(model)
    ///     })
    /// }
    /// ```
    ///
    /// # Errors
    /// Those of `change`.
    pub fn try_map_model<E>(self, change: impl FnOnce(M) -> Result<M, E>) -> Result<Self, E> {
        let (edits, pinned, strict) = (self.edits.clone(), self.pinned.clone(), self.strict);
        let executor = self.executor.clone();
        let model = change(self.into_model())?;
        Ok(NnSight {
            pinned: pinned.with(model, pinned.attached.clone()),
            instances: Arc::default(),
            edits,
            strict,
            executor,
        })
    }
}
