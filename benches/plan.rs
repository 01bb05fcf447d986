//! What planning costs, against the number of nodes, of modules and of invokes: the time of one should not grow with
//! their number. A number in the trace changes from round to round, so that each is planned anew.
//!
//! `cargo bench --bench plan`

// How times grow is printed here.
#[allow(dead_code)]
mod support;

use burn::nn::{Linear, LinearConfig};
use nnsight::prelude::*;
use std::cell::Cell;
use std::hint::black_box;
use std::time::Duration;
use support::compare;

axes! {
    Batch;
    Width = 4;
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Width) -> (Batch, Width))]
struct Stack {
    #[inspect((Batch, Width) -> (Batch, Width))]
    layers: Vec<Linear>,
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

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Width) -> (Batch, Width))]
struct Extra {
    #[inspect((Batch, Width) -> (Batch, Width))]
    layer: Linear,
}

#[inspectable]
impl Extra {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.layer.forward(x)
    }
}

fn stack(layers: usize) -> NnSight<Stack> {
    let device = Device::default();
    let layers = (0..layers).map(|_| LinearConfig::new(4, 4).init(&device));
    NnSight::new(Stack {
        layers: layers.collect(),
    })
}

/// Another number at each call.
fn next() -> f32 {
    thread_local!(static LAST: Cell<u16> = const { Cell::new(0) });
    LAST.set(LAST.get().wrapping_add(1));
    f32::from(LAST.get())
}

fn median(rounds: usize, mut run: impl FnMut()) -> Duration {
    compare(rounds, &mut [("", &mut run)])[0].median
}

/// Prints the time for each number of things, and of one of them.
fn grow(title: &str, counts: &[usize], mut time: impl FnMut(usize) -> Duration) {
    println!("\n{title}");
    for &count in counts {
        let micros = time(count).as_secs_f64() * 1e6;
        println!(
            "  {count:>6}  {micros:>10.1} us  {:>8.3} us each",
            micros / count as f64
        );
    }
}

fn main() {
    let x = Tensor::<2>::ones([1, 4], &Device::default());

    let net = stack(1);
    grow(
        "nodes: one operation after another, planned",
        &[10, 100, 1_000, 10_000],
        |count| {
            median(20_000 / count + 5, || {
                let plan = net.plan(&x, |m| {
                    let mut h = m.layers.at(0).output.get();
                    for _ in 0..count {
                        h *= next();
                    }
                    h.save()
                });
                drop(black_box(plan));
            })
        },
    );

    grow(
        "modules: one of them edited, planned",
        &[10, 100, 1_000, 10_000],
        |count| {
            let net = stack(count);
            median(2_000, || {
                let plan = net.plan(&x, |m| {
                    m.layers.at(-1).output.set_at((.., 0), next());
                    m.output.save()
                });
                drop(black_box(plan));
            })
        },
    );

    grow(
        "modules: each of them edited and saved, planned",
        &[10, 100, 1_000],
        |count| {
            let net = stack(count);
            median(20_000 / count + 5, || {
                let plan = net.plan(&x, |m| {
                    let edited = m.layers.iter().map(|layer| {
                        layer.output.set_at((.., 0), next());
                        layer.output.save()
                    });
                    edited.collect::<Vec<_>>()
                });
                drop(black_box(plan));
            })
        },
    );

    for (title, again) in [
        ("invokes: an edit and a save each, planned and run", false),
        ("invokes: the same, written like the trace before", true),
    ] {
        grow(title, &[10, 100, 1_000, 3_000], |count| {
            median(20_000 / count + 5, || {
                let number = if again { 1.0 } else { next() };
                let run = trace!(net, |t: Stack| {
                    let mut kept = Vec::with_capacity(count);
                    for _ in 0..count {
                        let m = t.invoke(&x);
                        m.layers[0].output[.., 0] = number;
                        kept.push(m.output.save());
                    }
                    kept
                });
                drop(black_box(run));
            })
        });
    }

    let layer = LinearConfig::new(4, 4).init(&Device::default());
    let (net, extra) = net.attach("extra", Extra { layer }).expect("the name is free");
    grow(
        "calls of an attached module: one after another, planned",
        &[10, 100, 1_000, 3_000],
        |count| {
            median(20_000 / count + 5, || {
                let plan = net.plan(&x, |m| {
                    let mut h = m.layers.at(0).output.get() * next();
                    for _ in 0..count {
                        h = m.attached(extra).call(h);
                    }
                    h.save()
                });
                drop(black_box(plan));
            })
        },
    );
}
