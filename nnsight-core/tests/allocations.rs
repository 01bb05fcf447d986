//! What a trace allocates. Counting has a test program of its own: it replaces the allocator.

#![cfg(feature = "hooks")]

// The derives write `::nnsight::..`.
extern crate nnsight_core as nnsight;

#[allow(dead_code, unused_imports)]
#[path = "it/support.rs"]
mod support;

use allocation_counter::measure;
use burn::nn::LinearConfig;
use support::*;

axes! { Width = 4; }

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

/// A model of some layers, and what it is traced on.
fn stack(layers: usize) -> (NnSight<Stack>, Tensor<2>) {
    let device = Device::flex();
    let layers = (0..layers).map(|_| LinearConfig::new(4, 4).init(&device));
    let net = NnSight::new(Stack {
        layers: layers.collect(),
    });
    (net, Tensor::ones([1, 4], &device))
}

/// The allocations of one call, after a few that are not counted: what they made is kept.
fn count<R>(mut run: impl FnMut() -> R) -> u64 {
    (0..3).for_each(|_| drop(run()));
    measure(|| drop(run())).count_total
}

/// How much more a trace allocates than the forward pass alone.
fn beyond_forward<R>(layers: usize, trace: impl Fn(&NnSight<Stack>, &Tensor<2>) -> R) -> u64 {
    let (net, x) = stack(layers);
    let forward = count(|| net.model().forward(x.clone()));
    count(|| trace(&net, &x)) - forward
}

#[test]
fn a_trace_allocates_nothing_for_modules_that_it_does_not_touch() {
    let saved = |net: &NnSight<Stack>, x: &Tensor<2>| trace!(net, x, |m: Stack| m.output.save());
    let edited = |net: &NnSight<Stack>, x: &Tensor<2>| {
        trace!(net, x, |m: Stack| {
            m.layers[1].output[.., 0] = 0.0;
            m.output.save()
        })
    };
    assert_eq!(beyond_forward(200, saved), beyond_forward(3, saved));
    assert_eq!(beyond_forward(200, edited), beyond_forward(3, edited));
}

#[test]
fn a_trace_that_is_planned_anew_allocates_nothing_for_modules_that_it_does_not_touch() {
    // The text of another number is another trace, as long as each of them.
    let trace = |net: &NnSight<Stack>, x: &Tensor<2>, number: f32| {
        let run = trace!(net, x, |m: Stack| {
            m.layers[1].output[.., 0] = number;
            m.output.save()
        });
        drop(run.expect("it runs"));
    };
    let planned = |layers: usize| {
        let (net, x) = stack(layers);
        let forward = count(|| net.model().forward(x.clone()));
        let mut number = 0.0;
        let anew = count(|| {
            number += 1.0;
            trace(&net, &x, number);
        });
        anew - forward
    };
    assert_eq!(planned(200), planned(3));
}

/// Each of these is a bound on what is allocated now: less is better, and more wants a reason.
#[test]
fn a_trace_that_is_written_like_the_last_one_allocates_little() {
    let output = beyond_forward(12, |net, x| trace!(net, x, |m: Stack| m.output.save()));
    assert!(output <= OUTPUT, "the output saved: {output}");
    let saves = beyond_forward(12, |net, x| {
        trace!(net, x, |m: Stack| {
            let saved = m.layers.iter().map(|layer| layer.output.save());
            saved.collect::<Vec<_>>()
        })
    });
    assert!(saves <= SAVES, "12 layers saved: {saves}");
    let edits = beyond_forward(12, |net, x| {
        trace!(net, x, |m: Stack| {
            for layer in m.layers {
                layer.output[.., 0] = 0.0;
            }
            m.output.save()
        })
    });
    assert!(edits <= EDITS, "12 layers edited: {edits}");
}

const OUTPUT: u64 = 7;
const SAVES: u64 = 31;
const EDITS: u64 = 295;
