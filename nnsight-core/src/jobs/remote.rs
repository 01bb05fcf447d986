//! A model that is used here and runs elsewhere.

use std::ops::Deref;

/// A model whose traces a server runs: used as the model itself, to which it dereferences.
///
/// No weights are loaded for it. What depends on weights of this process, such as a plain call of its forward, would
/// load them.
#[derive(Clone, Debug)]
pub struct Remote<T>(T);

impl<T> Remote<T> {
    /// A model that has been told who runs its traces.
    pub fn new(model: T) -> Self {
        Remote(model)
    }

    /// The model itself, for a place that wants its type: its traces still run on the server.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Remote<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
