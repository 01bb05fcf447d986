//! How often the program waits for the device: every read-back maps a buffer, every synchronisation asks to be told
//! when the queue is done, and wgpu writes both to the log.

use crate::alone;
use crate::nets::{Batch, Net, Width, net};
use crate::support::device;
use log::{LevelFilter, Log, Metadata, Record};
use nnsight::prelude::*;
use nnsight::{Error, ops::OpError};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};

static WAITS: AtomicUsize = AtomicUsize::new(0);

struct Counting;

impl Log for Counting {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("wgpu_core")
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let text = record.args().to_string();
        if text.starts_with("Buffer::map_async") || text == "Queue::on_submitted_work_done" {
            WAITS.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn flush(&self) {}
}

/// How often the process has waited so far.
fn waits() -> usize {
    static START: Once = Once::new();
    START.call_once(|| {
        log::set_logger(&Counting).expect("nobody else logs");
        log::set_max_level(LevelFilter::Trace);
    });
    WAITS.load(Ordering::SeqCst)
}

/// How often `run` waits.
fn waits_of<R>(run: impl FnOnce() -> R) -> (R, usize) {
    let before = waits();
    let result = run();
    (result, waits() - before)
}

/// The numbers of a tensor. Burn reads them back when they are first looked at, which is after `into_data`.
fn numbers(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

#[test]
fn reading_a_tensor_is_one_wait() {
    let Some(_alone) = alone("stalls::waits::reading_a_tensor_is_one_wait") else {
        return;
    };
    let (_, x) = net(&device());
    let (_, of_nothing) = waits_of(|| x.clone() * 2.0);
    let (_, of_reading) = waits_of(|| numbers(x.clone() * 2.0));
    assert_eq!((of_nothing, of_reading), (0, 1));
}

#[test]
fn saves_and_edits_wait_for_nothing_until_the_user_reads() {
    let Some(_alone) = alone("stalls::waits::saves_and_edits_wait_for_nothing_until_the_user_reads") else {
        return;
    };
    let (net, x) = net(&device());
    // A tensor in the computer's own memory goes to the device; nothing comes back.
    let steer = Tensor::<2>::ones([4, 16], &Device::flex());
    let (saved, of_trace) = waits_of(|| {
        trace!(net, &x, |m: Net| {
            let before = m.first.output;
            m.first.output[.., 0] = 0.0;
            m.second.up.output *= 2.0;
            m.second.output += &steer;
            m.third.input = steer.clone() - m.third.input;
            let lens = m.third.call(before).softmax(Width);
            (before.save(), lens.save(), m.output.save())
        })
        .expect("runs")
    });
    assert_eq!(of_trace, 0);
    let (_, of_reading) = waits_of(|| numbers(saved.2));
    assert_eq!(of_reading, 1);
}

#[test]
fn gradients_wait_for_nothing() {
    let Some(_alone) = alone("stalls::waits::gradients_wait_for_nothing") else {
        return;
    };
    let (net, x) = net(&device());
    let (_, of_trace) = waits_of(|| {
        trace!(net, &x, |m: Net| {
            m.third.output.grad *= 2.0;
            m.output.sum().backward();
            (m.first.output.grad.save(), m.first.up.weight.grad.save())
        })
        .expect("runs")
    });
    assert_eq!(of_trace, 0);
}

#[test]
fn a_closure_that_reads_waits_once() {
    let Some(_alone) = alone("stalls::waits::a_closure_that_reads_waits_once") else {
        return;
    };
    let (net, x) = net(&device());
    let (_, of_trace) = waits_of(|| {
        trace!(net, &x, |m: Net| {
            let look = |h: Tensor<2>| match h.clone().sum().into_scalar::<f32>() > 0.0 {
                true => h * 2.0,
                false => h,
            };
            m.second.output = m.second.output.map(look);
            m.output.save()
        })
        .expect("runs")
    });
    assert_eq!(of_trace, 1);
}

#[test]
fn positions_that_are_values_are_looked_at_when_the_forward_pass_is_over() {
    let Some(_alone) =
        alone("stalls::waits::positions_that_are_values_are_looked_at_when_the_forward_pass_is_over")
    else {
        return;
    };
    let (net, x) = net(&device());
    let inside = Arc::new(AtomicUsize::new(usize::MAX));
    let seen = Arc::clone(&inside);
    let before = waits();
    let (_, of_trace) = waits_of(|| {
        trace!(net, &x, |m: Net| {
            let greatest = m.first.output.pick(Width, m.first.output.argmax(Width));
            m.third.output = m.third.output.map(move |h: Tensor<2>| {
                seen.store(waits(), Ordering::SeqCst);
                h
            });
            (greatest.save(), m.output.save())
        })
        .expect("runs")
    });
    assert_eq!(inside.load(Ordering::SeqCst), before, "not in the forward pass");
    assert_eq!(of_trace, 1);
}

#[test]
fn a_position_outside_of_its_axis_is_an_error_on_a_gpu_too() {
    let Some(_alone) = alone("stalls::waits::a_position_outside_of_its_axis_is_an_error_on_a_gpu_too") else {
        return;
    };
    let (net, x) = net(&device());
    let found = trace!(net, &x, |m: Net| {
        let far = m.first.output.argmax(Width) + 16;
        m.first.output.pick(Width, far).save()
    });
    let error = found.expect_err("16 positions: 0 to 15");
    assert!(
        matches!(
            error,
            Error::Op {
                source: OpError::OutOfBounds { dim: 1, size: 16, .. },
                ..
            }
        ),
        "{error}"
    );
    let zero = trace!(net, &x, |m: Net| {
        let ids: Value<(Batch,), Int> = m.first.output.argmax(Width);
        (ids / (ids - ids)).save()
    });
    let error = zero.expect_err("a division by 0");
    assert!(
        matches!(
            error,
            Error::Op {
                source: OpError::DivisionByZero,
                ..
            }
        ),
        "{error}"
    );
}
