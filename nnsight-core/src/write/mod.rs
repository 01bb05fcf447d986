//! A trace while it is written, on this thread.

pub(crate) mod append;
pub(crate) mod builder;
pub(crate) mod calls;
pub(crate) mod gradients;
pub(crate) mod handles;
pub(crate) mod like;
pub(crate) mod open;
pub(crate) mod outside;
pub(crate) mod owner;
pub(crate) mod parameters;
pub(crate) mod place;
pub(crate) mod replay;
pub(crate) mod saved;
pub(crate) mod show;
pub(crate) mod typed;
