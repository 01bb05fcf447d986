//! Interventions that last: edits that every later trace begins with.

use crate::tree::module::Inspectable;
use crate::write::open;
use std::fmt;
use std::sync::Arc;

/// What one edit does to the sites of a model.
type Edit<M> = Arc<dyn Fn(<M as Inspectable>::Sites) + Send + Sync>;

/// Edits in the order in which they were made.
pub struct Edits<M: Inspectable> {
    all: Vec<Edit<M>>,
}

impl<M: Inspectable> Default for Edits<M> {
    fn default() -> Self {
        Edits { all: Vec::new() }
    }
}

impl<M: Inspectable> Clone for Edits<M> {
    fn clone(&self) -> Self {
        Edits {
            all: self.all.clone(),
        }
    }
}

impl<M: Inspectable> fmt::Debug for Edits<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} edits", self.all.len())
    }
}

impl<M: Inspectable> Edits<M> {
    /// These, and then another one.
    #[must_use]
    pub fn and(&self, edit: impl Fn(M::Sites) + Send + Sync + 'static) -> Self {
        let mut all = self.all.clone();
        all.push(Arc::new(edit));
        Edits { all }
    }

    /// Writes the edits into the trace that is being written on this thread, as if they stood in its body.
    pub fn write(&self, sites: M::Sites) {
        if !self.is_empty() {
            open::lasting(|| self.all.iter().for_each(|edit| edit(sites)));
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}
