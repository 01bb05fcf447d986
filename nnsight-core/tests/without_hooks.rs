//! Without the feature `hooks` a model computes what it computes with it, and a trace is an error that says why.

#![cfg(not(feature = "hooks"))]

// The derives write `::nnsight::..`.
extern crate nnsight_core as nnsight;

#[allow(dead_code, unused_imports)]
#[path = "it/support.rs"]
mod support;

use support::*;

#[test]
fn a_model_runs() {
    assert_eq!(rows(tiny_net().model().forward(input())), [4.0, -1.0, 10.0, -3.0]);
}

#[test]
fn a_trace_says_that_hooks_are_compiled_out() {
    let error = trace!(tiny_net(), input(), |m: TinyNet| m.output.save()).expect_err("nothing can be read");
    assert!(matches!(error, Error::NoHooks), "{error}");
}
