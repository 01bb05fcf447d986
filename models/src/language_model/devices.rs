//! Where a language model is, and in which float type it computes.

use super::{CausalLm, LanguageModel, Weights, dtype};
use crate::error::{Error, Result};
use burn::tensor::{Device, FloatDType};
use nnsight_core::{DeviceMap, NnSight};
use std::sync::{Arc, Mutex, OnceLock};

impl<M: CausalLm> LanguageModel<M> {
    /// Puts the model on `device`, as [`nnsight::device`](nnsight_core::device()) gives it, with what is attached to
    /// it; one that is loaded already is moved there. Without this it is on Burn's default device: a GPU, if the
    /// program was built for one.
    #[must_use]
    pub fn with_device(mut self, device: Device) -> Self {
        let loaded = self.weights.model.get().cloned();
        self.set_weights(loaded.map(|model| NnSight::new(model.into_model().to_device(&device))));
        self.attached = self.attached.to_device(&device);
        self.device = device;
        self.device_map = None;
        self
    }

    /// Spreads the model over several devices: `lm.with_device_map(DeviceMap::auto(&[first, second]))`. Weights are
    /// loaded where they stay; those that are loaded already are moved.
    ///
    /// Traces and generations work as on one device: see [`NnSight::with_device_map`]. A call of
    /// [`model`](Self::model)'s own forward does not. What is attached is where it was made.
    ///
    /// # Errors
    ///
    /// [`DeviceMap`](nnsight_core::Error::DeviceMap) if the map does not fit the model.
    pub fn with_device_map(mut self, map: DeviceMap) -> Result<Self> {
        let loaded = self.weights.model.get().cloned();
        let is_loaded = loaded.is_some();
        let model = loaded.unwrap_or_else(|| NnSight::new(M::init(&self.device)));
        let model = model.with_device_map(&map)?;
        if let Some(device) = model.device_of("") {
            self.device = device.clone();
        }
        self.set_weights(is_loaded.then_some(model));
        self.device_map = Some(map);
        Ok(self)
    }

    /// Computes in `dtype`, weights and activations; f32 is what weights are loaded in otherwise, whatever their files
    /// hold. One that is loaded already is rounded. Choose the device first.
    ///
    /// # Errors
    ///
    /// [`Error::DType`] if a device of the model's does not compute in that type.
    pub fn with_dtype(mut self, dtype: FloatDType) -> Result<Self> {
        self.check_dtype(dtype)?;
        let loaded = self.weights.model.get().cloned();
        let cast = |model: NnSight<M>| model.try_map_model(|model| Ok::<_, Error>(dtype::cast(model, dtype)));
        let cast = loaded.map(cast).transpose();
        self.set_weights(cast?);
        self.dtype = Some(dtype);
        Ok(self)
    }

    /// Refuses a type that a device of the model's does not compute in.
    pub(super) fn check_dtype(&self, dtype: FloatDType) -> Result<()> {
        let others = self.device_map.iter().flat_map(DeviceMap::devices);
        let mut devices = std::iter::once(&self.device).chain(others);
        devices.try_for_each(|device| dtype::check(dtype, device))
    }

    /// A model that has no weights yet, where this one's are to be.
    pub(super) fn placed(&self, model: NnSight<M>) -> Result<NnSight<M>> {
        match &self.device_map {
            Some(map) => Ok(model.with_device_map(map)?),
            None => Ok(model),
        }
    }

    /// Weights of its own, or none until they are loaded.
    fn set_weights(&mut self, model: Option<NnSight<M>>) {
        self.weights = Arc::new(Weights {
            model: model.map_or_else(OnceLock::new, OnceLock::from),
            loading: Mutex::new(()),
        });
        self.extended = Arc::default();
    }

    /// The device that the model is on, or will be; of one that is spread over several, where its inputs go.
    pub fn device(&self) -> &Device {
        &self.device
    }
}
