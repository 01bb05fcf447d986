//! The interleaver: runs a plan from inside the model's forward pass.

mod edit;
mod hook;
mod machine;
mod run;
mod stop;

pub(crate) use hook::Installed;
pub use hook::{Field, call};
pub(crate) use machine::Machine;
pub(crate) use stop::{Stop, catch};
