//! What a trace gives back.

pub(crate) mod cache;
pub(crate) mod collect;
pub(crate) mod named;
pub(crate) mod parameter_grads;
