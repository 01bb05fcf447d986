//! The float type that a model computes in.

use crate::error::{Error, Result};
use burn::module::{ModuleMapper, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::FloatDType;

/// A model whose float parameters are in another type; its activations follow them.
pub(super) fn cast<M: Module>(model: M, dtype: FloatDType) -> M {
    model.map(&mut Cast(dtype))
}

/// Refuses a type that a device does not compute in.
pub(super) fn check(dtype: FloatDType, device: &Device) -> Result<()> {
    if device.supports_dtype(dtype) {
        return Ok(());
    }
    Err(Error::DType {
        dtype,
        device: format!("{device:?}"),
    })
}

/// That of a model's first float parameter.
pub(super) fn of<M: Module>(model: &M) -> Option<FloatDType> {
    let mut first = First(None);
    model.visit(&mut first);
    first.0
}

struct First(Option<FloatDType>);

impl ModuleVisitor for First {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if self.0.is_none() {
            self.0 = Some(param.val().dtype().into());
        }
    }
}

struct Cast(FloatDType);

impl ModuleMapper for Cast {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| tensor.cast(self.0))
    }
}
