//! A trace runs only what its saved values need.

use crate::prelude::*;
use crate::support::{device, input, rows, tiny_net};
use burn::nn::Linear;

#[test]
fn the_forward_ends_at_the_last_site_that_matters() {
    let net = tiny_net();
    let (hidden, report) = net
        .trace_with_report(input(), |m| m.layer1.output.get().save())
        .expect("runs");
    assert_eq!(rows(hidden), [1.0, 2.0, 3.0, 3.0, 4.0, 7.0]);
    assert_eq!(report.stopped_at.as_deref(), Some("layer1"));
}

#[test]
fn a_module_whose_output_is_replaced_does_not_run() {
    let net = tiny_net();
    let (output, report) = net
        .trace_with_report(input(), |m| {
            m.layer1.output.set(1.0);
            m.output.get().save()
        })
        .expect("runs");
    assert_eq!(rows(output), [2.0, 0.0, 2.0, 0.0]);
    assert_eq!(report.skipped, ["layer1"]);
}

/// Two layers inside a block.
#[derive(Module, Debug, Inspectable)]
#[inspect((crate::support::Batch, crate::support::Features) -> (crate::support::Batch, crate::support::Features))]
struct Outer {
    block: Block,
}

#[derive(Module, Debug, Inspectable)]
#[inspect((crate::support::Batch, crate::support::Features) -> (crate::support::Batch, crate::support::Features))]
struct Block {
    #[inspect((crate::support::Batch, crate::support::Features) -> (crate::support::Batch, crate::support::Features))]
    inner: Linear,
}

#[inspectable]
impl Outer {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.block.forward(x)
    }
}

#[inspectable]
impl Block {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.inner.forward(x)
    }
}

#[test]
fn inner_sites_of_a_replaced_module_still_have_their_values() {
    let inner = crate::support::linear([[2.0, 0.0], [0.0, 2.0]], &device());
    let net = NnSight::new(Outer {
        block: Block { inner },
    });
    let ((inside, output), report) = net
        .trace_with_report(input(), |m| {
            m.block.output.set(1.0);
            (m.block.inner.output.get().save(), m.output.get().save())
        })
        .expect("runs");
    // The block runs, because something inside is saved; what leaves it is replaced all the same.
    assert_eq!(rows(inside), [2.0, 4.0, 6.0, 8.0]);
    assert_eq!(rows(output), [1.0; 4]);
    assert!(report.skipped.is_empty(), "{report}");
}

#[test]
fn a_trace_of_constants_needs_no_forward() {
    let net = tiny_net();
    let constant = Tensor::<2>::ones([2, 3], &device());
    let (kept, report) = net
        .trace_with_report(input(), |m| {
            // Not needed by what is saved: its closure must never run.
            m.layer1
                .output
                .update(|h| h.map(|_| panic!("the forward pass ran")));
            Value::<(crate::support::Batch, crate::support::Hidden)>::constant(&constant)
                .sum()
                .save()
        })
        .expect("runs");
    assert_eq!(rows(kept), [6.0]);
    assert_eq!(report.unused_edits.len(), 1);
}
