//! Gradients of a logit difference at all 12 blocks of GPT-2 small (random weights), 1 x 64 tokens: a trace
//! against plain Burn by hand, where the gradient of an intermediate is that of a tensor of zeros added to it.
//!
//! `cargo bench --bench gradients`

#[path = "support/plain_gpt2.rs"]
mod plain_gpt2;
mod support;

use nnsight::models::gpt2::small::Gpt2;
use nnsight::models::{Context, Linear};
use nnsight::prelude::*;
use plain_gpt2::{Plain, net_and_ids};
use std::hint::black_box;
use support::{compare, report};

/// The gradients at the blocks, first to last.
fn by_hand(plain: &Plain<Linear>, ids: Tensor<2, Int>) -> Vec<Tensor<3>> {
    let mut added = Vec::new();
    let logits = plain.forward_with(ids, |x| {
        let zeros = x.clone().inner().zeros_like().autodiff().require_grad();
        added.push(zeros.clone());
        x + zeros
    });
    let gradients = difference(logits).backward();
    let gradients = added.iter().filter_map(|zeros| zeros.grad(&gradients));
    gradients.collect()
}

/// The gradient at the first block alone: what the backward pass itself costs.
fn first_by_hand(plain: &Plain<Linear>, ids: Tensor<2, Int>) -> Option<Tensor<3>> {
    let mut first: Option<Tensor<3>> = None;
    let logits = plain.forward_with(ids, |x| match first {
        Some(_) => x,
        None => first.insert(x.autodiff().require_grad()).clone(),
    });
    let gradients = difference(logits).backward();
    first.and_then(|first| first.grad(&gradients))
}

fn difference(logits: Tensor<3>) -> Tensor<3> {
    let last = logits.narrow(1, 63, 1);
    last.clone().narrow(2, 0, 1) - last.narrow(2, 1, 1)
}

fn traced(net: &NnSight<Gpt2>, ids: &Tensor<2, Int>) -> nnsight::Result<Vec<Tensor<3>>> {
    trace!(net, (ids.clone(), Context::default()), |m: Gpt2| {
        let last = m.output[0, -1];
        (last[0] - last[1]).backward();
        m.transformer.h.iter().map(|block| block.output.grad.save()).collect::<Vec<_>>()
    })
}

fn main() {
    let (net, ids) = net_and_ids();
    let plain = Plain::<Linear>::of(net.model());
    let ours = traced(&net, &ids).expect("it runs");
    for (ours, theirs) in ours.iter().zip(by_hand(&plain, ids.clone())) {
        let off = (ours.clone() - theirs).abs().max().into_scalar::<f32>();
        assert!(off == 0.0, "the two must compute the same: they differ by {off}");
    }
    assert_eq!(ours.len(), 12);
    let timings = compare(
        20,
        &mut [
            ("plain Burn, 12 gradients by hand", &mut || {
                drop(black_box(by_hand(&plain, ids.clone())))
            }),
            ("the same again (the noise)", &mut || {
                drop(black_box(by_hand(&plain, ids.clone())))
            }),
            ("trace, 12 gradients", &mut || drop(black_box(traced(&net, &ids)))),
            ("plain Burn, the first gradient", &mut || {
                drop(black_box(first_by_hand(&plain, ids.clone())))
            }),
            ("plain Burn, forward alone", &mut || {
                drop(black_box(plain.forward(ids.clone())))
            }),
        ],
    );
    report("GPT-2 small, 1 x 64 tokens: gradients at 12 blocks", &timings);
}
