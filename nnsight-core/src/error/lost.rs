//! What is asked for in vain.

use crate::error::written::WrittenAt;

/// What was asked for and is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LostWhat {
    /// An edit that nothing saved can see.
    Edit,
    /// An edit whose site a later one replaces before anything reads it.
    Overwritten,
    /// An edit that the run did not come to.
    NotMade,
    /// A closure whose result nothing saved needs.
    Closure,
}

/// What was lost, and why.
pub(super) fn lost(what: LostWhat, name: &str, at: &WrittenAt) -> String {
    match what {
        LostWhat::Edit => format!(
            "edit of {name} reaches nothing that is saved{at}: at one site a value is what the lines before left, \
             between sites the order is that of the model"
        ),
        LostWhat::Overwritten => {
            format!("edit of {name} is undone{at}: a later line replaces the site before anything reads it")
        }
        LostWhat::NotMade => format!(
            "edit of {name} was not made{at}: the model did not come to it, or was left before, since everything \
             saved was there"
        ),
        LostWhat::Closure => format!(
            "closure over {name} does not run{at}: nothing that is saved needs what it gives; `inspect` always runs"
        ),
    }
}
