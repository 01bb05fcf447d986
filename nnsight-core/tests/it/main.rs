//! The core's integration tests: a module for each public idea, on models small enough to be checked by hand.
//! They build without language models, so that a change of the core is tested in seconds, and run on the CPU, whatever
//! else is compiled in: Burn prefers a GPU where the device is not named.

// The derives write `::nnsight::..`.
extern crate nnsight_core as nnsight;

mod axes;
mod bodies;
mod broadcast;
mod check;
#[cfg(feature = "cost")]
mod cost;
mod cycles;
mod dialect;
mod errors;
mod halves;
mod hooks;
mod identity;
mod inputs;
mod layers;
mod operations;
mod order;
mod reuse;
mod silence;
mod sizes;
mod skipping;
mod strangers;
mod support;
mod together;
mod trace;
