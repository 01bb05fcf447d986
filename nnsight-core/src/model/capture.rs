//! Models on Burn's capture device: what runs there is recorded, and nothing is computed.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Bool, Device, FloatDType, Int, Tensor};
use std::sync::{Mutex, PoisonError};

/// Capture devices that nobody records on: a process can have some thousands only, and they can be used again.
static FREE: Mutex<Vec<Device>> = Mutex::new(Vec::new());

/// A capture device for one rehearsal.
pub(crate) struct Borrowed(Device);

impl Borrowed {
    pub(crate) fn take() -> Self {
        let free = FREE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Borrowed(free.unwrap_or_else(Device::capture))
    }

    pub(crate) fn device(&self) -> Device {
        self.0.clone()
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        FREE.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(self.device());
    }
}

/// Puts a model's parameters on a capture device: their sizes and types, and no numbers.
pub(crate) struct OnCapture<'a> {
    device: &'a Device,
    /// The type of floats that are not drawn or loaded yet.
    floats: FloatDType,
}

impl<'a> OnCapture<'a> {
    pub(crate) fn new(device: &'a Device, floats: FloatDType) -> Self {
        OnCapture { device, floats }
    }

    pub(crate) fn put<M: Module>(&mut self, module: M) -> M {
        // What is no parameter moves with its numbers.
        module.map(self).to_device(self.device)
    }
}

impl ModuleMapper for OnCapture<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let dtype = match param.is_initialized() {
            true => param.base().dtype(),
            false => self.floats.into(),
        };
        let tensor = Tensor::zeros(param.lazy_shape(), (self.device, dtype));
        Param::initialized(param.id, tensor)
    }

    fn map_int<const D: usize>(&mut self, param: Param<Tensor<D, Int>>) -> Param<Tensor<D, Int>> {
        Param::initialized(param.id, Tensor::zeros(param.lazy_shape(), self.device))
    }

    fn map_bool<const D: usize>(&mut self, param: Param<Tensor<D, Bool>>) -> Param<Tensor<D, Bool>> {
        Param::initialized(param.id, Tensor::zeros(param.lazy_shape(), self.device))
    }
}
