//! What a plan costs, known before it runs, against formulas.

use crate::support::*;
use nnsight::{Cost, plan};

/// `net` on two rows of two features, by hand: products of (2, 2) by (2, 3) and (2, 3) by (3, 2).
const FIRST: u64 = 2 * 2 * 2 * 3;
const SECOND: u64 = 2 * 2 * 3 * 2;

fn cost<E: std::fmt::Debug>(plan: Result<nnsight::Plan, E>) -> Cost {
    plan.expect("it can be planned")
        .cost()
        .expect("its cost is known")
}

#[test]
fn the_products_of_a_forward_pass_are_counted() {
    let net = tiny_net();
    let cost = cost(plan!(net, input(), |m: TinyNet| m.output.save()));
    assert_eq!(cost.operations, FIRST + SECOND);
    assert_eq!(cost.result_bytes, 2 * 2 * 4);
    assert_eq!((cost.backward_operations, cost.closures), (0, 0));
}

#[test]
fn what_comes_after_the_last_save_does_not_count() {
    let net = tiny_net();
    let cost = cost(plan!(net, input(), |m: TinyNet| m.layer1.output.save()));
    assert_eq!(cost.operations, FIRST);
    assert_eq!(cost.result_bytes, 2 * 3 * 4);
}

#[test]
fn a_module_that_is_skipped_does_not_count() {
    let net = tiny_net();
    let cost = cost(plan!(net, input(), |m: TinyNet| {
        m.layer1.output = 1.0;
        m.output.save()
    }));
    assert_eq!(cost.operations, SECOND);
}

#[test]
fn the_operations_of_the_trace_count() {
    let net = tiny_net();
    let cost = cost(plan!(net, input(), |m: TinyNet| {
        let h = m.layer1.output;
        // 6 products, 6 differences, a sum of 6.
        (h * h - 1.0).sum().save()
    }));
    assert_eq!(cost.operations, FIRST + 6 + 6 + 6);
    assert_eq!(cost.result_bytes, 4);
}

#[test]
fn a_closure_is_not_run_and_is_named() {
    let net = tiny_net();
    let cost = cost(plan!(net, input(), |m: TinyNet| {
        let twice = m
            .layer1
            .output
            .map(|_: Tensor<2>| -> Tensor<2> { panic!("it runs") });
        m.layer1.output = twice;
        m.output.save()
    }));
    assert_eq!(cost.closures, 1);
    assert_eq!(cost.operations, FIRST + SECOND);
}

#[test]
fn what_lives_at_the_same_time_is_the_peak() {
    let net = tiny_net();
    // Input (2, 2), hidden (2, 3), and of the second layer the product (2, 2) and its sum with the bias, which Burn's
    // `Linear` puts into a tensor of its own.
    let output = cost(plan!(net, input(), |m: TinyNet| m.output.save()));
    assert_eq!(output.peak_bytes, (4 + 6 + 4 + 4) * 4);
    // The hidden values and the output are kept anyway.
    let both = cost(plan!(net, input(), |m: TinyNet| {
        (m.layer1.output.save(), m.output.save())
    }));
    assert_eq!(both.peak_bytes, (4 + 6 + 4 + 4) * 4);
    assert_eq!(both.result_bytes, (6 + 4) * 4);
}
