//! Waiting for a job where others can go on meanwhile.

use crate::error::{Error, Result};
use crate::jobs::data::Answer;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// What a thread of its own waits for.
pub(super) type Wait = Box<dyn FnOnce() -> Result<Answer> + Send>;

/// What is made of the answer, on the thread that polls.
type Finish<T> = Box<dyn FnOnce(Answer) -> Result<T>>;

/// A job that is waited for with `.await`, under any runtime: a thread of its own waits, and wakes whoever polls.
#[must_use = "futures do nothing unless they are polled"]
pub struct Waiting<T> {
    wait: Option<Wait>,
    shared: Arc<Mutex<Shared>>,
    finish: Option<Finish<T>>,
}

#[derive(Default)]
struct Shared {
    answer: Option<Result<Answer>>,
    waker: Option<Waker>,
}

impl<T> Waiting<T> {
    pub(super) fn new(wait: Wait, finish: impl FnOnce(Answer) -> Result<T> + 'static) -> Self {
        Waiting {
            wait: Some(wait),
            shared: Arc::default(),
            finish: Some(Box::new(finish)),
        }
    }
}

impl<T> fmt::Debug for Waiting<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Waiting")
    }
}

impl<T> Future for Waiting<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = {
            let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
            shared.waker = Some(context.waker().clone());
            shared.answer.take()
        };
        if let Some(wait) = self.wait.take() {
            let shared = Arc::clone(&self.shared);
            std::thread::spawn(move || {
                let answer = wait();
                let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
                shared.answer = Some(answer);
                if let Some(waker) = shared.waker.take() {
                    waker.wake();
                }
            });
            return Poll::Pending;
        }
        match (answer, self.finish.is_some()) {
            (Some(answer), true) => {
                let finish = self.finish.take();
                Poll::Ready(answer.and_then(|answer| match finish {
                    Some(finish) => finish(answer),
                    None => Err(Error::PanicCaught),
                }))
            }
            _ => Poll::Pending,
        }
    }
}
