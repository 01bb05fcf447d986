//! The interleaver: runs a plan from inside the model's forward pass.

pub(crate) mod attached;
pub(crate) mod attached_runs;
pub(crate) mod backward;
pub(crate) mod edit;
pub(crate) mod facts;
pub(crate) mod hook;
pub(crate) mod machine;
pub(crate) mod nodes;
pub(crate) mod outcome;
pub(crate) mod passes;
pub(crate) mod receiver;
#[cfg(feature = "cost")]
pub(crate) mod rehearsal;
#[cfg(feature = "cost")]
mod rehearsed;
pub(crate) mod replace;
pub(crate) mod report;
pub(crate) mod state;
pub(crate) mod stop;
pub(crate) mod tape;
