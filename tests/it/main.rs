//! The one integration test binary: a module for each public idea.

mod calls;
mod control_flow;
mod edits;
mod errors;
mod goldens;
mod gpt2;
mod gradients;
mod invokes;
mod isolation;
mod language_model;
mod laws;
mod leaves;
mod losses;
mod memory;
mod ops;
mod panics;
mod plan;
mod reading;
mod skipping;
mod support;
