//! The vectors of a run, which the thread's next run has too.

use crate::graph::node::NodeId;
use crate::tensor::erased::Erased;
use std::cell::RefCell;

/// What a node has given so far.
#[derive(Clone, Debug)]
pub(crate) enum Slot {
    Empty,
    One(Erased),
    /// The tensors of a module with several outputs.
    Many(Vec<Erased>),
}

/// The vectors of a run. The next run on the thread has them too.
pub(super) struct State {
    pub(super) slots: Vec<Slot>,
    pub(super) waits: Vec<u32>,
    pub(super) uses: Vec<u32>,
    pub(super) calls: Vec<u32>,
    pub(super) ready: Vec<NodeId>,
    pub(super) applied: Vec<NodeId>,
}

/// For how many nodes a thread keeps room.
const ROOM: usize = 4096;

thread_local! {
    static LAST: RefCell<State> = const { RefCell::new(State::NONE) };
}

impl State {
    const NONE: State = State {
        slots: Vec::new(),
        waits: Vec::new(),
        uses: Vec::new(),
        calls: Vec::new(),
        ready: Vec::new(),
        applied: Vec::new(),
    };

    /// That of the thread's last run, empty.
    pub(super) fn take() -> State {
        LAST.replace(State::NONE)
    }

    /// A run is over: the thread's next one has its vectors, if they are not large.
    pub(super) fn give_back(mut self) {
        if self.slots.capacity() > ROOM {
            return;
        }
        self.slots.clear();
        self.waits.clear();
        self.uses.clear();
        self.calls.clear();
        self.ready.clear();
        self.applied.clear();
        LAST.set(self);
    }
}
