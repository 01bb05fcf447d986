//! The interleaver: runs a plan from inside the model's forward pass.

mod attached;
mod backward;
mod edit;
mod hook;
mod machine;
mod outcome;
mod replace;
mod run;
mod stop;

pub use hook::{Field, call};
pub(crate) use hook::{Installed, call_spread, on_gradient, start, with_running};
pub(crate) use machine::{CallModule, Machine, Placed};
pub(crate) use stop::{Stop, catch};
