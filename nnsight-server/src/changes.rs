//! Who waits for something to happen, and is told.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, watch};

/// Tells those who listen to a job, and the workers that wait for one.
#[derive(Default)]
pub(crate) struct Changes {
    queue: Notify,
    jobs: Mutex<HashMap<String, Watched>>,
}

struct Watched {
    /// How many steps of its generation are done, and a number that grows with each change.
    sender: watch::Sender<(u32, u64)>,
}

impl Changes {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Watched>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a job is queued, from now on.
    pub(crate) fn queue(&self) -> impl Future<Output = ()> + '_ {
        let mut notified = Box::pin(self.queue.notified());
        notified.as_mut().enable();
        notified
    }

    pub(crate) fn job_is_queued(&self) {
        self.queue.notify_waiters();
    }

    /// Something has happened to a job.
    pub(crate) fn job(&self, id: &str) {
        self.change(id, |(_, number)| *number += 1);
    }

    /// So many steps of a job are done.
    pub(crate) fn step(&self, id: &str, done: u32) {
        self.change(id, |(steps, number)| {
            *steps = done;
            *number += 1;
        });
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut (u32, u64))) {
        let mut jobs = self.lock();
        let Some(watched) = jobs.get(id) else { return };
        if watched.sender.is_closed() {
            jobs.remove(id);
            return;
        }
        watched.sender.send_modify(change);
    }

    /// Listens to a job from now on.
    pub(crate) fn listen(&self, id: &str) -> watch::Receiver<(u32, u64)> {
        let mut jobs = self.lock();
        // Those whose listeners are gone are forgotten when others come.
        jobs.retain(|_, watched| !watched.sender.is_closed());
        let watched = jobs.entry(id.to_owned()).or_insert_with(|| Watched {
            sender: watch::Sender::new((0, 0)),
        });
        watched.sender.subscribe()
    }
}
