//! The books of a server, and its keys.

mod board;
mod keys;
