//! The fields of a `config.json`, read by the compiler or by a running program.
//!
//! What [`gpt2_config!`](crate::gpt2_config) and its like for other families are made of: `include_str!` brings
//! the text, the functions here find a field in it, and a field that is missing or of another type stops the
//! build with a message that names it. When a file is opened, the same readers give an
//! [`Error`](crate::Error) instead.
//!
//! | file | what it holds |
//! |---|---|
//! | `fields` | [`ConfigJson`] and its getters |
//! | `number` | decimal fractions |
//! | `reading` | what the readers of all families are written with |
//! | `scan` | where in the text a value is |
//! | `wrong` | [`Wrong`], and how it stops the compiler |

mod fields;
mod number;
mod reading;
mod scan;
#[cfg(test)]
mod tests;
mod wrong;

pub use fields::ConfigJson;
pub(crate) use reading::{or, required, tri};
pub use wrong::{Found, Wrong};
