//! The core's integration tests that run on any device, the one that `NNSIGHT_DEVICE` names: a module for each public
//! idea, on tiny networks. They build without language models.

// The derives write `::nnsight::..`.
extern crate nnsight_core as nnsight;

mod calls;
mod control_flow;
mod edits;
mod einsum;
mod errors;
mod gradient_laws;
mod gradients;
mod invokes;
mod isolation;
mod laws;
mod leaves;
mod losses;
mod memory;
mod ops;
mod own_tape;
mod panics;
mod parameters;
mod plan;
mod reading;
mod skipping;
mod support;

/// What these tests need of `nnsight::prelude`.
mod prelude {
    pub use burn::module::Module;
    pub use burn::tensor::{Bool, Device, Float, Int, Tensor};
    pub use nnsight::{
        Carrier, Collect, Error, Inspectable, NnSight, Part, Probe, Saved, Site, Value, axes, inspectable,
        trace,
    };
}
