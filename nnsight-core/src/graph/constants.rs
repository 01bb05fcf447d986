//! The tensors that a graph brings along.

use crate::error::Result;
use crate::graph::node::Constant;
use crate::tensor::erased::{Erased, check_data};
use burn::tensor::Device;

/// Makes tensors of constants that are data: on a device, or in this process' memory.
pub(crate) fn place_constants(constants: &mut [Constant], device: Option<&Device>) -> Result<()> {
    for constant in constants {
        if let Constant::Data(data) = constant {
            let memory = Device::flex();
            let tensor = Erased::from_data(data.clone(), device.unwrap_or(&memory))?;
            *constant = Constant::Tensor(tensor);
        }
    }
    Ok(())
}

/// Refuses numbers that no tensor has: the model is not run for them.
pub(crate) fn check_constant(constant: &Constant) -> Result<()> {
    match constant {
        Constant::Tensor(_) => Ok(()),
        Constant::Data(data) => check_data(data),
    }
}
