//! What the body of a trace holds: values, sites, gradients, typed by their axes.

pub(crate) mod found;
pub(crate) mod grad;
pub(crate) mod guesses;
pub(crate) mod ops;
pub(crate) mod site;
pub(crate) mod steps;
pub(crate) mod together;
pub(crate) mod value;
