//! GPT-2 small (random weights) forward and in greedy generation: the inspectable model against plain Burn with its
//! own `Linear`, against its own modules without a hook, and against PyTorch where there is a Python that has it.
//!
//! `cargo bench --bench forward`, with `NNSIGHT_PEERS_PYTHON` naming a Python as in `benches/peers/README.md` to
//! run the other side afterwards. `NNSIGHT_BENCH_ROUNDS` says how often each case runs (30).

#[path = "support/peers.rs"]
mod peers;
#[path = "support/plain_gpt2.rs"]
mod plain_gpt2;
mod support;

use burn::nn;
use nnsight::models::gpt2::small::Gpt2;
use nnsight::models::{CausalLm, Context, KeyValueCache, Linear};
use nnsight::prelude::*;
use plain_gpt2::{Plain, net_and_ids};
use std::hint::black_box;
use support::{Timing, compare, report};

const SHAPES: [(usize, usize, &str); 3] = [
    (1, 64, "forward 1 x 64"),
    (8, 64, "forward 8 x 64"),
    (1, 256, "forward 1 x 256"),
];
const PROMPT: usize = 64;
const NEW: usize = 32;

fn main() {
    let rounds = std::env::var("NNSIGHT_BENCH_ROUNDS");
    let rounds = rounds.ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(30);
    let (net, _) = net_and_ids();
    let model = net.model();
    let (unhooked, plain) = (Plain::<Linear>::of(model), Plain::<nn::Linear>::of(model));

    let mut ours = Vec::new();
    for (batch, seq, case) in SHAPES {
        let ids = token_ids(batch, seq);
        let timings = compare(
            rounds,
            &mut [
                ("plain Burn", &mut || drop(black_box(plain.forward(ids.clone())))),
                ("without hooks", &mut || {
                    drop(black_box(unhooked.forward(ids.clone())))
                }),
                ("hooks, no trace", &mut || {
                    drop(black_box(model.logits(ids.clone())))
                }),
                ("without hooks, again (the noise)", &mut || {
                    drop(black_box(unhooked.forward(ids.clone())))
                }),
                ("trace, logits saved", &mut || {
                    drop(black_box(trace!(
                        net,
                        (ids.clone(), Context::default()),
                        |m: Gpt2| m.lm_head.output.save()
                    )));
                }),
            ],
        );
        report(&format!("GPT-2 small, {case}"), &timings);
        ours.push((case.to_owned(), timings));
    }

    let prompt = token_ids(1, PROMPT);
    let timings = compare(
        rounds.div_ceil(3),
        &mut [
            ("hooks, no trace", &mut || {
                drop(black_box(generate(model, prompt.clone())))
            }),
            ("again (the noise)", &mut || {
                drop(black_box(generate(model, prompt.clone())))
            }),
        ],
    );
    let case = format!("{NEW} tokens after {PROMPT}");
    report(&format!("GPT-2 small, {case}, with a cache"), &timings);
    println!("  {:.1} tokens/s", NEW as f64 / timings[0].median.as_secs_f64());
    ours.push((case, timings));

    let Some(peers) = peers::measure(rounds) else {
        println!("\nNNSIGHT_PEERS_PYTHON is not set: no other side to compare with");
        return;
    };
    peers.report();
    println!("\nThis run against PyTorch, median by median (below 1 is faster than PyTorch)");
    for (case, timings) in &ours {
        for name in ["hooks, no trace", "plain Burn"] {
            let find = |timing: &&Timing| timing.name == name;
            if let (Some(ours), Some(theirs)) = (timings.iter().find(find), peers.median(case)) {
                let ratio = ours.median.as_secs_f64() / theirs;
                println!("  {case:<22} {name:<16} x{ratio:.2}");
            }
        }
    }
}

/// The ids that `benches/peers/forward.py` takes.
fn token_ids(batch: usize, seq: usize) -> Tensor<2, Int> {
    let ids = Tensor::<1, Int>::arange(0..(batch * seq) as i64, &Device::default());
    (ids * 37).remainder_scalar(50257).reshape([batch, seq])
}

/// The most likely token, [`NEW`] times.
fn generate(model: &Gpt2, prompt: Tensor<2, Int>) -> Vec<Tensor<2, Int>> {
    let cache = KeyValueCache::new();
    let mut next = prompt;
    let mut tokens = Vec::with_capacity(NEW);
    for _ in 0..NEW {
        let logits = model.forward(next, Context::new(Vec::new(), Some(&cache)));
        let last = logits.dims()[1] - 1;
        next = logits.narrow(1, last, 1).argmax(2).squeeze_dim(2);
        tokens.push(next.clone());
    }
    tokens
}
