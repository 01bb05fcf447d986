//! A module that is called several times in one forward: each call is a site of its own.

use crate::prelude::*;
use crate::support::{device, linear, rows};
use burn::nn::Linear;

axes! {
    Batch;
    Width = 2;
}

/// Applies one layer three times.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Width) -> (Batch, Width))]
struct Recurrent {
    #[inspect((Batch, Width) -> (Batch, Width))]
    step: Linear,
}

#[inspectable]
impl Recurrent {
    fn forward(&self, mut x: Tensor<2>) -> Tensor<2> {
        for _ in 0..3 {
            x = self.step.forward(x);
        }
        x
    }
}

fn doubling() -> NnSight<Recurrent> {
    NnSight::new(Recurrent {
        step: linear([[2.0, 0.0], [0.0, 2.0]], &device()),
    })
}

fn input() -> Tensor<2> {
    Tensor::from_floats([[1.0, 3.0]], &device())
}

#[test]
fn each_call_has_its_own_value() {
    let net = doubling();
    let (first, second, third) = trace!(net, input(), |m: Recurrent| {
        let third = m.step.call_idx(2).output;
        (
            m.step.output.save(),
            m.step.call_idx(1).output.save(),
            third.save(),
        )
    })
    .expect("runs");
    assert_eq!(
        (rows(first), rows(second), rows(third)),
        (vec![2.0, 6.0], vec![4.0, 12.0], vec![8.0, 24.0])
    );
}

#[test]
fn an_edit_of_one_call_leaves_the_earlier_ones() {
    let net = doubling();
    let (first, output) = trace!(net, input(), |m: Recurrent| {
        m.step.call_idx(1).output = 1.0;
        (m.step.output.save(), m.output.save())
    })
    .expect("runs");
    assert_eq!((rows(first), rows(output)), (vec![2.0, 6.0], vec![2.0, 2.0]));
}

#[test]
fn a_call_that_never_came_is_named() {
    let net = doubling();
    let error =
        trace!(net, input(), |m: Recurrent| m.step.call_idx(3).output.save()).expect_err("three calls");
    let text = error.to_string();
    assert!(
        text.starts_with("step.output (call 3) was not reached: its module was called 3 times"),
        "{text}"
    );
}

#[test]
fn a_value_of_a_later_call_cannot_flow_back() {
    let net = doubling();
    let error = trace!(net, input(), |m: Recurrent| {
        m.step.output = m.step.call_idx(2).output;
        m.output.save()
    })
    .expect_err("backwards");
    let text = error.to_string();
    assert!(
        text.starts_with(
            "the value of step.output (call 2) cannot be written into step.output, which comes earlier"
        ),
        "{text}"
    );
}
