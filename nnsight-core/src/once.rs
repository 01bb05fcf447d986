//! What is said once for each place of the program, however often it comes by there.

use std::collections::BTreeSet;
use std::panic::Location;
use std::sync::{Mutex, PoisonError};

/// Whether nothing has been said of this place yet.
pub(crate) fn is_first(at: &Location<'_>) -> bool {
    static SAID: Mutex<BTreeSet<(String, u32, u32)>> = Mutex::new(BTreeSet::new());
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    said.insert((at.file().to_owned(), at.line(), at.column()))
}
