//! Places in the user's source.

use std::fmt;
use std::panic::Location;

/// Where in the user's source a value or an edit was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenAt(pub Option<&'static Location<'static>>);

impl fmt::Display for WrittenAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(at) => write!(f, " (written at {}:{}:{})", at.file(), at.line(), at.column()),
            None => Ok(()),
        }
    }
}
