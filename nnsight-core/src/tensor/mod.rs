//! Tensors whose rank is known at run time only, what passes a module's boundary, and the tap on autodiff.

pub mod carrier;
pub(crate) mod erased;
pub(crate) mod real;
pub(crate) mod tap;
