//! The one integration test binary: a module for each public idea.

mod attached;
mod calls;
#[cfg(feature = "command")]
mod command;
mod control_flow;
mod device;
mod device_map;
mod edits;
mod errors;
mod experiments;
mod generation;
mod goldens;
mod gpt2;
mod gpt2_gradients;
mod gradient_laws;
mod gradients;
mod induction;
mod invokes;
mod isolation;
mod language_model;
mod lasting;
mod laws;
mod leaves;
mod losses;
mod memory;
mod ops;
mod panics;
mod plan;
mod prompts;
mod reading;
#[cfg(all(feature = "command", feature = "remote"))]
mod remote;
mod replay;
#[cfg(feature = "command")]
mod shipped;
mod skipping;
mod support;
