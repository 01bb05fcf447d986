//! The parameters whose gradients a trace asks for.

use crate::error::WrittenAt;

/// Parameters whose gradients are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Those, by the names of Burn's records, with the place that asks.
    Named(Vec<(String, WrittenAt)>),
    /// All.
    All,
}

impl Wanted {
    pub(crate) fn has(&self, path: &str) -> bool {
        match self {
            Wanted::All => true,
            Wanted::Named(names) => names.iter().any(|(name, _)| name == path),
        }
    }
}
