//! GPT-2 small (random weights), 1 x 64 tokens: the inspectable model with no trace active, and under a
//! trace, against the same computation written in plain Burn without a hook or a probe.
//!
//! `cargo bench --bench gpt2`

mod support;

use burn::nn::{Embedding, LayerNorm, Linear};
use burn::tensor::activation::{sigmoid, softmax};
use nnsight::models::gpt2::small::{Gpt2, Small, Vocab};
use nnsight::models::gpt2::{Block, Gpt2Config};
use nnsight::prelude::*;
use std::hint::black_box;
use support::{compare, report};

/// GPT-2's modules, taken out of the inspectable model: same weights, no hooks.
struct Plain {
    wte: Embedding,
    wpe: Embedding,
    h: Vec<Block<Small>>,
    ln_f: LayerNorm,
    lm_head: Linear,
}

impl Plain {
    fn of(model: &Gpt2) -> Self {
        let t = &model.transformer;
        Plain {
            wte: t.wte.clone(),
            wpe: t.wpe.clone(),
            h: t.h.clone(),
            ln_f: t.ln_f.clone(),
            lm_head: model.lm_head.clone(),
        }
    }

    fn forward(&self, ids: Tensor<2, Int>) -> Tensor<3> {
        let [batch, seq] = ids.dims();
        let positions = Tensor::<1, Int>::arange(0..seq as i64, &ids.device())
            .unsqueeze::<2>()
            .expand([batch, seq]);
        let mut x = self.wte.forward(ids) + self.wpe.forward(positions);
        for block in &self.h {
            x = block_forward(block, x);
        }
        self.lm_head.forward(self.ln_f.forward(x))
    }
}

fn block_forward(block: &Block<Small>, x: Tensor<3>) -> Tensor<3> {
    let x = attention(block, block.ln_1.forward(x.clone())) + x;
    let units = block.mlp.c_fc.forward(block.ln_2.forward(x.clone()));
    block.mlp.c_proj.forward(gelu(units)) + x
}

fn attention(block: &Block<Small>, x: Tensor<3>) -> Tensor<3> {
    let [batch, seq, hidden] = x.dims();
    let heads = <Small as Gpt2Config>::HEADS;
    let qkv = block.attn.c_attn.forward(x);
    let part = |i: usize| {
        qkv.clone()
            .narrow(2, i * hidden, hidden)
            .reshape([batch, seq, heads, hidden / heads])
            .swap_dims(1, 2)
    };
    let (q, k, v) = (part(0), part(1), part(2));
    let scores: Tensor<4> = q.matmul(k.transpose()) * (1.0 / ((hidden / heads) as f64).sqrt());
    let later = Tensor::<2, Bool>::tril_mask([seq, seq], 0, &scores.device());
    let later = later.unsqueeze::<4>().expand([batch, heads, seq, seq]);
    let z = softmax(scores.mask_fill(later, f32::NEG_INFINITY), 3).matmul(v);
    block
        .attn
        .c_proj
        .forward(z.swap_dims(1, 2).reshape([batch, seq, hidden]))
}

fn gelu(x: Tensor<3>) -> Tensor<3> {
    let twice = 2.0 * (2.0 / std::f64::consts::PI).sqrt();
    let slope = (x.clone() * x.clone()) * (twice * 0.044715) + twice;
    sigmoid(slope * x.clone()) * x
}

fn main() {
    let device = Device::default();
    device.seed(0);
    let net = NnSight::new(Gpt2::init(&device));
    let ids = Tensor::<1, Int>::arange(0..64, &device).unsqueeze::<2>() * 700;
    let model = net.model();
    let plain = Plain::of(model);
    let difference = (plain.forward(ids.clone()) - model.forward(ids.clone()))
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
                drop(black_box(model.forward(ids.clone())))
            }),
            ("plain Burn again (the noise)", &mut || {
                drop(black_box(plain.forward(ids.clone())))
            }),
            ("trace, argmax saved", &mut || {
                drop(black_box(trace!(net, &ids, |m: Gpt2| m
                    .lm_head
                    .output
                    .argmax(Vocab)
                    .save())));
            }),
            ("trace, 12 blocks saved", &mut || {
                let run = trace!(net, &ids, |m: Gpt2| {
                    let blocks: Vec<_> = m.transformer.h.iter().map(|b| b.output.save()).collect();
                    (blocks, m.lm_head.output.save())
                });
                drop(black_box(run));
            }),
            ("trace, one mlp zeroed", &mut || {
                let run = trace!(net, &ids, |m: Gpt2| {
                    m.transformer.h[5].mlp.output = 0.0;
                    m.lm_head.output.save()
                });
                drop(black_box(run));
            }),
            ("trace, stopped after block 5", &mut || {
                drop(black_box(trace!(net, &ids, |m: Gpt2| m.transformer.h[5]
                    .output
                    .save())));
            }),
        ],
    );
    report("GPT-2 small, 1 x 64 tokens", &timings);
}
