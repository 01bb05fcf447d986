//! The one integration test binary: a module for each public idea.

mod attached;
#[cfg(feature = "command")]
mod command;
mod device;
mod device_map;
mod experiments;
mod generation;
mod goldens;
mod gpt2;
mod gpt2_gradients;
mod induction;
mod language_model;
mod lasting;
mod prompts;
#[cfg(all(feature = "command", feature = "remote"))]
mod remote;
mod replay;
mod served;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "command")]
mod shipped;
#[path = "../../nnsight-core/tests/devices/support.rs"]
mod support;
