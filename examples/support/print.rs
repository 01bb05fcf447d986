//! Output for people.

use super::Outcome;
use std::process::ExitCode;

/// 0, or 1 and what went wrong in one line on stderr.
pub fn exit_code(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The heading of a part.
pub fn title(text: &str) {
    println!("\n--- {text} {}", "-".repeat(90usize.saturating_sub(text.len())));
}

/// A token as a table shows it: a space is part of it, and would be lost at the edge of a cell.
pub fn visible(token: &str) -> String {
    token.replace(' ', "·").replace('\n', "\\n")
}
