//! The two ends of a module.

use serde::{Deserialize, Serialize};

/// Which end of a module a site is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum End {
    /// What goes in.
    Input,
    /// What comes out.
    Output,
}
