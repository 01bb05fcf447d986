//! A panic in a closure, a body or the model goes through, and the next trace is clean.

use crate::prelude::*;
use crate::support::{TinyNet, input, rows, tiny_net};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn assert_clean(net: &NnSight<TinyNet>) {
    let output = trace!(net, input(), |m: TinyNet| m.output.save()).expect("runs");
    assert_eq!(rows(output), [4.0, -1.0, 10.0, -3.0]);
    assert_eq!(rows(net.model().forward(input())), [4.0, -1.0, 10.0, -3.0]);
}

fn message(panic: Box<dyn std::any::Any + Send>) -> String {
    panic
        .downcast_ref::<&str>()
        .map_or(String::new(), |text| (*text).to_owned())
}

#[test]
fn in_a_closure() {
    let net = tiny_net();
    let panic = catch_unwind(AssertUnwindSafe(|| {
        trace!(net, input(), |m: TinyNet| {
            m.layer1.output = m.layer1.output.map(|_: Tensor<2>| panic!("in the closure"));
            m.output.save()
        })
    }));
    assert_eq!(message(panic.expect_err("it panics")), "in the closure");
    assert_clean(&net);
}

#[test]
fn in_the_body() {
    let net = tiny_net();
    let panic = catch_unwind(AssertUnwindSafe(|| {
        trace!(net, input(), |m: TinyNet| {
            m.layer1.output = 0.0;
            if m.layer1.output.shape()[0] == 2 {
                panic!("in the body");
            }
            m.output.save()
        })
    }));
    assert_eq!(message(panic.expect_err("it panics")), "in the body");
    assert_clean(&net);
}

#[test]
fn in_the_model() {
    let net = tiny_net();
    let panic = catch_unwind(AssertUnwindSafe(|| {
        // A closure that gives another width: the next layer cannot take it.
        trace!(net, input(), |m: TinyNet| {
            m.layer1.output = m.layer1.output.map(|h: Tensor<2>| h);
            m.layer2.input = m.layer2.input.map(|_: Tensor<2>| panic!("while the model runs"));
            m.output.save()
        })
    }));
    assert_eq!(message(panic.expect_err("it panics")), "while the model runs");
    assert_clean(&net);
}

/// A model that catches its own panics.
#[derive(Module, Debug, Inspectable)]
#[inspect((crate::support::Batch, crate::support::Features) -> (crate::support::Batch, crate::support::Features))]
struct Stubborn {
    inner: Probe<(crate::support::Batch, crate::support::Features)>,
    last: Probe<(crate::support::Batch, crate::support::Features)>,
}

#[inspectable]
impl Stubborn {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let tried = catch_unwind(AssertUnwindSafe(|| self.inner.forward(x.clone())));
        self.last.forward(tried.unwrap_or(x))
    }
}

#[test]
fn in_a_model_that_catches_it() {
    let net = NnSight::new(Stubborn {
        inner: Probe::new(),
        last: Probe::new(),
    });
    let result = trace!(net, input(), |m: Stubborn| {
        m.inner.output = m.inner.output.map(|_: Tensor<2>| panic!("caught by the model"));
        m.last.output.save()
    });
    assert!(matches!(result, Err(Error::PanicCaught)), "{result:?}");
    let output = trace!(net, input(), |m: Stubborn| m.output.save()).expect("runs");
    assert_eq!(rows(output), rows(input()));
}
