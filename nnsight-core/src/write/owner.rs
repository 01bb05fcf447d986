//! Whose a handle is: sites belong to the trace that handed them out, and so to its model.

use crate::error::{Error, WrittenAt};
use crate::tree::Tree;
use crate::tree::handle::Handle;
use crate::write::builder::Builder;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::panic::Location;
use std::sync::Arc;

/// How many traces are remembered, so that an error can name their sites when they are over.
const REMEMBERED: usize = 16;

thread_local! {
    static SEEN: RefCell<VecDeque<(u32, Arc<Tree>)>> = const { RefCell::new(VecDeque::new()) };
}

/// A trace begins: its handles can be named from now on.
pub(crate) fn remember(builder: &Builder) {
    SEEN.with_borrow_mut(|seen| {
        if seen.len() == REMEMBERED {
            seen.pop_front();
        }
        seen.push_back((builder.trace, Arc::clone(&builder.tree)));
    });
}

impl Builder {
    /// Whether a handle is of this trace. One of another fails it, as what `name` makes of it in its own model.
    pub(crate) fn owns(
        &mut self,
        at: Handle,
        name: &dyn Fn(&Tree) -> String,
        here: &'static Location<'static>,
    ) -> bool {
        // A handle of no trace has no module either, which is an error of its own.
        let owns = at.trace == self.trace || at.trace == 0;
        if !owns {
            let error = self.foreign(at, name, here);
            self.fail(error);
        }
        owns
    }

    #[cold]
    fn foreign(&self, at: Handle, name: &dyn Fn(&Tree) -> String, here: &'static Location<'static>) -> Error {
        let tree = SEEN.with_borrow(|seen| {
            let found = seen.iter().find(|(trace, _)| *trace == at.trace);
            found.map(|(_, tree)| Arc::clone(tree))
        });
        let used_in = self.tree.model_name().to_owned();
        let (site, of) = match &tree {
            Some(tree) if tree.model_name() == used_in => (name(tree), format!("another trace of {used_in}")),
            Some(tree) => (name(tree), format!("a trace of {}", tree.model_name())),
            None => (
                format!("a site of module {}", at.module.0),
                "a trace that is over".to_owned(),
            ),
        };
        Error::ForeignSite {
            site,
            of,
            used_in,
            at: WrittenAt(Some(here)),
        }
    }
}
