//! What is said to the person who runs the program, where no error can be given.

use std::collections::BTreeSet;
use std::panic::Location;
use std::sync::{Mutex, PoisonError};

/// Whether nothing has been said of this place of the program yet.
pub(crate) fn is_first(at: &Location<'_>) -> bool {
    static SAID: Mutex<BTreeSet<(String, u32, u32)>> = Mutex::new(BTreeSet::new());
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    said.insert((at.file().to_owned(), at.line(), at.column()))
}

/// What is wrong goes to the program's log; to standard error if it has none.
pub(crate) fn wrong(text: &str) {
    match log::max_level() {
        log::LevelFilter::Off => eprintln!("nnsight: {text}"),
        _ => log::error!("{text}"),
    }
}
