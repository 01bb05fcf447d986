//! After a trace only what was saved is alive.

use crate::prelude::*;
use crate::support::{TinyNet, device, input, tiny_net};
use std::sync::{Arc, Mutex};

#[test]
fn nothing_but_what_was_saved_is_alive() {
    let net = tiny_net();
    let seen: Arc<Mutex<Vec<Tensor<2>>>> = Arc::default();
    let keep = Arc::clone(&seen);
    let saved = trace!(net, input(), |m: TinyNet| {
        let watch = move |h: Tensor<2>| {
            // The clone is a second handle to the same memory.
            keep.lock().expect("one thread").push(h.clone());
            h
        };
        let doubled = m.layer1.output.map(watch) * 2.0;
        m.layer2.input = doubled;
        (m.output.save(), doubled.save())
    })
    .expect("runs");
    let seen = std::mem::take(&mut *seen.lock().expect("one thread"));
    assert_eq!(seen.len(), 1);
    for tensor in seen {
        assert!(
            tensor.can_mut(),
            "the trace still holds a tensor that nobody saved"
        );
    }
    let (output, doubled) = saved;
    assert!(
        output.can_mut() && doubled.can_mut(),
        "a saved tensor has one owner: the caller"
    );
}

#[test]
fn a_value_is_freed_at_its_last_use_while_the_model_runs_on() {
    let net = tiny_net();
    let seen: Arc<Mutex<Option<Tensor<2>>>> = Arc::default();
    let (keep, look) = (Arc::clone(&seen), Arc::clone(&seen));
    let (total, alone) = trace!(net, input(), |m: TinyNet| {
        let watched = m.layer1.output.map(move |h: Tensor<2>| {
            *keep.lock().expect("one thread") = Some(h.clone());
            h
        });
        let total = watched.sum();
        let alone = m.layer2.output.map(move |logits: Tensor<2>| {
            let seen = look.lock().expect("one thread").take();
            // 1 if nobody but this test holds what layer1 gave: neither the trace nor the model.
            let alone = f32::from(u8::from(seen.is_some_and(|h| h.can_mut())));
            logits.zeros_like() + alone
        });
        (total.save(), alone.save())
    })
    .expect("runs");
    assert_eq!(crate::support::rows(total), [20.0]);
    assert_eq!(crate::support::rows(alone), [1.0; 4]);
}

/// Resident memory of this process in bytes; 0 where the system does not tell.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm
        .split_whitespace()
        .nth(1)
        .and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or(0) * 4096
}

#[test]
fn a_thousand_traces_do_not_grow_memory() {
    let net = tiny_net();
    // 0.8 MB in, 1.2 MB at the hidden layer: a trace that leaked one of them would show as a gigabyte.
    let rows = 100_000;
    let input = Tensor::<2>::ones([rows, 2], &device());
    let run = || {
        trace!(net, &input, |m: TinyNet| {
            m.layer1.output[.., 0] = 0.0;
            m.layer2.input *= 2.0;
            (m.layer1.output.sum().save(), m.output.sum().save())
        })
        .expect("runs")
    };
    for _ in 0..20 {
        run();
    }
    let before = resident();
    for _ in 0..1000 {
        run();
    }
    let grown = resident().saturating_sub(before);
    assert!(
        grown < 200 << 20,
        "1,000 traces grew the process by {} MB",
        grown >> 20
    );
}
