//! Traces that run on a server: the protocol, and the client.
//!
//! A [`protocol::Request`] is a trace as data; a server checks it, runs it, and answers with tensors. The page
//! `docs/protocol.md` has it field by field.

#[cfg(feature = "client")]
mod client;
pub mod protocol;

#[cfg(feature = "client")]
pub use client::{Error, Found, Named, Result, Server, Show, forget, save};
