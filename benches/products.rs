//! The matrix products of GPT-2 small by themselves: what the weight's layout and the batch's shape cost.
//!
//! `cargo bench --bench products`. A forward pass is little else, so this says where its time can come from.

mod support;

use burn::tensor::{Device, Distribution, Tensor};
use std::hint::black_box;
use support::{compare, report};

const HIDDEN: usize = 768;

fn main() {
    let device = Device::flex();
    let random = |rows, columns| Tensor::<2>::random([rows, columns], Distribution::Default, &device);
    for (name, out, rounds) in [("c_fc", 3072, 60), ("lm_head", 50257, 12)] {
        let stored = random(HIDDEN, out);
        let transposed = random(out, HIDDEN).transpose();
        for (batch, seq) in [(1, 1), (1, 64), (8, 64), (1, 256)] {
            let flat = random(batch * seq, HIDDEN);
            let whole = flat.clone().reshape([batch, seq, HIDDEN]);
            let batched =
                |weight: &Tensor<2>| drop(black_box(whole.clone().matmul(weight.clone().unsqueeze())));
            let timings = compare(
                rounds,
                &mut [
                    ("[in, out], rows as one matrix", &mut || {
                        drop(black_box(flat.clone().matmul(stored.clone())));
                    }),
                    ("[in, out], a matrix for each prompt", &mut || batched(&stored)),
                    ("[out, in], rows as one matrix", &mut || {
                        drop(black_box(flat.clone().matmul(transposed.clone())));
                    }),
                    ("[out, in], a matrix for each prompt", &mut || {
                        batched(&transposed)
                    }),
                ],
            );
            let operations = 2.0 * (batch * seq * HIDDEN * out) as f64;
            let speed = operations / timings[0].median.as_secs_f64() / 1e9;
            report(
                &format!(
                    "{name}: {batch} x {seq} x {HIDDEN} by {HIDDEN} x {out}, the first at {speed:.1} GFLOP/s"
                ),
                &timings,
            );
        }
    }
}
