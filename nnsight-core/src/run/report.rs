//! What a run left out.

use crate::error::LostWhat;
use crate::plan::lost::Lost;

/// What a run left out, and what it did in vain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Edits that no saved value could see, with the place where they were written: most often a mistake.
    pub unused_edits: Vec<String>,
    /// Closures that did not run because nothing saved needs what they give, with their places.
    pub unused_closures: Vec<String>,
    /// Modules that did not run because their output was replaced.
    pub skipped: Vec<String>,
    /// The module at which the forward pass ended early, because everything saved was there.
    pub stopped_at: Option<String>,
}

impl Report {
    /// The same with what was asked for in vain.
    pub(crate) fn with_lost<'a>(mut self, lost: impl IntoIterator<Item = &'a Lost>) -> Self {
        for lost in lost {
            match lost.what {
                LostWhat::Closure => self.unused_closures.push(lost.place()),
                LostWhat::Edit | LostWhat::Overwritten | LostWhat::NotMade => {
                    self.unused_edits.push(lost.place())
                }
            }
        }
        self
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for edit in &self.unused_edits {
            writeln!(f, "warning: no saved value depends on the edit of {edit}")?;
        }
        for closure in &self.unused_closures {
            writeln!(f, "warning: no saved value depends on the closure over {closure}")?;
        }
        for module in &self.skipped {
            writeln!(f, "{module} was not run: its output is replaced")?;
        }
        match &self.stopped_at {
            Some(module) => writeln!(f, "the forward pass ended at {module}"),
            None => writeln!(f, "the forward pass ran to its end"),
        }
    }
}
