//! Declarations that a run has shown to be wrong.

use crate::shapes::dims::Dims;
use std::fmt;

/// A declaration of a module's input or output that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Misdeclared {
    /// The site.
    pub site: String,
    /// The declared axes.
    pub declared: String,
    /// Their sizes, as far as the model's input gives them.
    pub wanted: Dims,
    /// The sizes of the tensor that came by.
    pub found: Dims,
    /// What to write.
    pub advice: String,
}

impl fmt::Display for Misdeclared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Misdeclared {
            site,
            declared,
            wanted,
            found,
            advice,
        } = self;
        write!(
            f,
            "{site} is declared {declared}, here {wanted}, found {found}: {advice}"
        )
    }
}
