//! What the body of a trace holds: values, sites, gradients, typed by their axes.

pub mod boundary;
pub(crate) mod calls;
pub mod check;
pub(crate) mod compared;
pub(crate) mod declared;
pub(crate) mod found;
pub(crate) mod grad;
pub(crate) mod guesses;
pub(crate) mod list;
pub(crate) mod ops;
pub(crate) mod parameter;
pub(crate) mod question;
pub(crate) mod read;
pub(crate) mod site;
pub(crate) mod steps;
pub(crate) mod together;
pub(crate) mod value;
