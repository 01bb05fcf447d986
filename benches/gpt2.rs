//! GPT-2 small (random weights), 1 x 64 tokens: the inspectable model with no trace active, and under a
//! trace, against the same computation written in plain Burn without a hook or a probe.
//!
//! `cargo bench --bench gpt2`

#[path = "support/plain_gpt2.rs"]
mod plain_gpt2;
mod support;

use nnsight::models::gpt2::small::{Gpt2, Vocab};
use nnsight::models::{CausalLm, Context, Linear};
use nnsight::prelude::*;
use plain_gpt2::{Plain, net_and_ids};
use std::hint::black_box;
use support::{compare, report};

fn main() {
    let (net, ids) = net_and_ids();
    let model = net.model();
    let plain = Plain::<Linear>::of(model);
    let difference = (plain.forward(ids.clone()) - model.logits(ids.clone()))
        .abs()
        .max()
        .into_scalar::<f32>();
    assert!(
        difference == 0.0,
        "the two must compute the same: they differ by {difference}"
    );
    let timings = compare(
        40,
        &mut [
            ("plain Burn", &mut || drop(black_box(plain.forward(ids.clone())))),
            ("hooks, no trace", &mut || {
                drop(black_box(model.logits(ids.clone())))
            }),
            ("plain Burn again (the noise)", &mut || {
                drop(black_box(plain.forward(ids.clone())))
            }),
            ("plain Burn that keeps 12 blocks", &mut || {
                let mut kept = Vec::with_capacity(12);
                let logits = plain.forward_with(ids.clone(), |x| {
                    kept.push(x.clone());
                    x
                });
                drop(black_box((kept, logits)));
            }),
            ("trace, argmax saved", &mut || {
                drop(black_box(trace!(
                    net,
                    (ids.clone(), Context::default()),
                    |m: Gpt2| m.lm_head.output.argmax(Vocab).save()
                )));
            }),
            ("trace, 12 blocks saved", &mut || {
                let run = trace!(net, (ids.clone(), Context::default()), |m: Gpt2| {
                    let blocks: Vec<_> = m.transformer.h.iter().map(|b| b.output.save()).collect();
                    (blocks, m.lm_head.output.save())
                });
                drop(black_box(run));
            }),
            ("trace, one mlp zeroed", &mut || {
                let run = trace!(net, (ids.clone(), Context::default()), |m: Gpt2| {
                    m.transformer.h[5].mlp.output = 0.0;
                    m.lm_head.output.save()
                });
                drop(black_box(run));
            }),
            ("trace, stopped after block 5", &mut || {
                drop(black_box(trace!(
                    net,
                    (ids.clone(), Context::default()),
                    |m: Gpt2| m.transformer.h[5].output.save()
                )));
            }),
        ],
    );
    report("GPT-2 small, 1 x 64 tokens", &timings);
}
