//! What a hook costs with no trace active, and what a trace costs with 0, 1 and 12 saves.
//!
//! `cargo bench --bench hooks`. The model is 12 x Linear(64) on a batch of one, so small that overhead shows.

mod support;

use burn::nn::{Linear, LinearConfig};
use burn::tensor::s;
use nnsight::prelude::*;
use std::hint::black_box;
use support::{compare, report};

axes! {
    Batch;
    Width = 64;
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Width) -> (Batch, Width))]
struct Stack {
    #[inspect((Batch, Width) -> (Batch, Width), len = 12)]
    layers: Vec<Linear>,
}

impl Stack {
    /// The same forward without hooks: what plain Burn does.
    fn plain(&self, mut x: Tensor<2>) -> Tensor<2> {
        for layer in &self.layers {
            x = layer.forward(x);
        }
        x
    }
}

impl Stack {
    /// What a user of plain Burn would write to keep all layers.
    fn keeping(&self, mut x: Tensor<2>) -> Vec<Tensor<2>> {
        let mut kept = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            x = layer.forward(x);
            kept.push(x.clone());
        }
        kept
    }

    /// And to edit all layers.
    fn editing(&self, mut x: Tensor<2>) -> Tensor<2> {
        for layer in &self.layers {
            x = layer.forward(x).slice_fill(s![.., 0], 0.0);
        }
        x
    }
}

#[inspectable]
impl Stack {
    fn forward(&self, mut x: Tensor<2>) -> Tensor<2> {
        for layer in &self.layers {
            x = layer.forward(x);
        }
        x
    }
}

fn main() {
    let device = Device::default();
    let layers = (0..12).map(|_| LinearConfig::new(64, 64).init(&device)).collect();
    let net = NnSight::new(Stack { layers });
    let x = Tensor::<2>::random([1, 64], burn::tensor::Distribution::Default, &device);
    let model = net.model();
    let timings = compare(
        20_000,
        &mut [
            ("plain Burn", &mut || drop(black_box(model.plain(x.clone())))),
            ("hooks, no trace", &mut || {
                drop(black_box(model.forward(x.clone())))
            }),
            ("plain Burn again (the noise)", &mut || {
                drop(black_box(model.plain(x.clone())))
            }),
        ],
    );
    report("12 x Linear(64), batch 1: hooks without a trace", &timings);
    let per_site = (timings[1].median.as_secs_f64() - timings[0].median.as_secs_f64()) * 1e9 / 12.0;
    println!("  {per_site:.1} ns a module");

    let timings = compare(
        10_000,
        &mut [
            ("bare forward", &mut || drop(black_box(model.plain(x.clone())))),
            ("plain Burn that keeps 12 layers", &mut || {
                drop(black_box(model.keeping(x.clone())))
            }),
            ("plain Burn that edits 12 layers", &mut || {
                drop(black_box(model.editing(x.clone())))
            }),
            ("trace, output saved", &mut || {
                let run = trace!(net, &x, |m: Stack| m.output.save());
                drop(black_box(run));
            }),
            ("trace, 1 layer and output saved", &mut || {
                let run = trace!(net, &x, |m: Stack| (m.layers[5].output.save(), m.output.save()));
                drop(black_box(run));
            }),
            ("trace, 12 layers saved", &mut || {
                let run = trace!(net, &x, |m: Stack| m
                    .layers
                    .iter()
                    .map(|l| l.output.save())
                    .collect::<Vec<_>>());
                drop(black_box(run));
            }),
            ("trace, 12 layers edited", &mut || {
                let run = trace!(net, &x, |m: Stack| {
                    for layer in m.layers {
                        layer.output[.., 0] = 0.0;
                    }
                    m.output.save()
                });
                drop(black_box(run));
            }),
            ("trace, 12 layers edited and saved", &mut || {
                let run = trace!(net, &x, |m: Stack| {
                    let mut kept = Vec::with_capacity(12);
                    for layer in m.layers {
                        layer.output[.., 0] = 0.0;
                        kept.push(layer.output.save());
                    }
                    kept
                });
                drop(black_box(run));
            }),
            ("trace, stopped after layer 5", &mut || {
                let run = trace!(net, &x, |m: Stack| m.layers[5].output.save());
                drop(black_box(run));
            }),
        ],
    );
    report(
        "12 x Linear(64), batch 1: a trace against the bare forward",
        &timings,
    );
}
