//! What is seen of a job while it runs: on stderr, since stdout is the program's.

use crate::protocol::{Event, Status};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;

/// How jobs are shown while they run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// One line that changes on a terminal, lines of text elsewhere.
    #[default]
    Auto,
    /// A line for each status.
    Lines,
    /// Nothing.
    Silent,
}

/// A job on its way.
pub(super) struct Shown {
    bar: Option<ProgressBar>,
    lines: bool,
    last: Option<Status>,
}

impl Shown {
    pub(super) fn new(show: Show) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let bar = (show == Show::Auto && is_terminal).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            bar.set_style(ProgressStyle::default_spinner());
            bar
        });
        Shown {
            lines: bar.is_none() && show != Show::Silent,
            bar,
            last: None,
        }
    }

    pub(super) fn event(&mut self, id: &str, event: &Event) {
        let line = || format!("{id} - {}: {}", event.status, event.sentence);
        if let Some(bar) = &self.bar {
            bar.set_message(line());
            bar.tick();
        }
        if self.lines && self.last != Some(event.status) {
            eprintln!("{}", line());
        }
        self.last = Some(event.status);
    }

    pub(super) fn bytes(&mut self, bytes: u64, all: Option<u64>) {
        let (Some(bar), Some(all)) = (&self.bar, all) else {
            return;
        };
        if bar.length().is_none() {
            bar.set_length(all);
            let style = ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        }
        bar.set_position(bytes);
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.abandon();
        }
    }
}
