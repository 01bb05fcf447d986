//! Errors of crates that make models.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// An error of a crate that makes models, which knows more than this one does.
pub struct ModelError(AssertUnwindSafe<Arc<dyn std::error::Error + Send + Sync>>);

impl Clone for ModelError {
    fn clone(&self) -> Self {
        ModelError(AssertUnwindSafe(Arc::clone(&self.0)))
    }
}

impl ModelError {
    /// Any error.
    pub fn new(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        ModelError(AssertUnwindSafe(Arc::new(error)))
    }

    /// The error itself, where it is an `E`.
    pub fn downcast_ref<E: std::error::Error + 'static>(&self) -> Option<&E> {
        self.0.downcast_ref()
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self.0, f)
    }
}

impl fmt::Debug for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self.0, f)
    }
}

impl std::error::Error for ModelError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}
