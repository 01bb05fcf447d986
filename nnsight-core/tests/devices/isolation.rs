//! Traces do not mix: two models, traces inside traces, traces on threads.

use crate::prelude::*;
use crate::support::{TinyNet, input, rows, tiny_net};

#[test]
fn a_plain_forward_after_a_trace_is_untouched() {
    let net = tiny_net();
    let before = net.model().forward(input()).into_data();
    trace!(net, input(), |m: TinyNet| {
        m.layer1.output = 0.0;
        m.output.save()
    })
    .expect("runs");
    assert_eq!(net.model().forward(input()).into_data(), before);
}

#[test]
fn a_trace_inside_the_body_of_another() {
    let (outer, inner) = (tiny_net(), tiny_net());
    let output = trace!(outer, input(), |m: TinyNet| {
        m.layer1.output[.., 0] = 0.0;
        let clean = trace!(inner, input(), |m: TinyNet| m.layer1.output.save()).expect("inner runs");
        m.layer1.output = m.layer1.output + clean;
        m.layer1.output.save()
    })
    .expect("outer runs");
    assert_eq!(rows(output), [1.0, 4.0, 6.0, 3.0, 8.0, 14.0]);
}

#[test]
fn a_trace_inside_a_closure_of_another_run() {
    let net = tiny_net();
    let inner = net.clone();
    let output = trace!(net, input(), |m: TinyNet| {
        m.layer1.output = m.layer1.output.map(move |h: Tensor<2>| {
            let clean = trace!(inner, input(), |m: TinyNet| m.layer1.output.save()).expect("inner runs");
            h + clean
        });
        m.output.save()
    })
    .expect("outer runs");
    assert_eq!(rows(output), [8.0, -2.0, 20.0, -6.0]);
}

#[test]
fn the_model_of_another_trace_is_not_hooked() {
    let (net, other) = (tiny_net(), tiny_net());
    let output = trace!(net, input(), |m: TinyNet| {
        m.layer1.output = m.layer1.output.map(move |h: Tensor<2>| {
            // A plain forward of another model while this one is traced.
            h + rows(other.model().forward(input()))[0]
        });
        m.layer1.output.save()
    })
    .expect("runs");
    assert_eq!(rows(output), [5.0, 6.0, 7.0, 7.0, 8.0, 11.0]);
}

#[test]
fn threads_trace_the_same_model_at_once() {
    let net = tiny_net();
    let results: Vec<Vec<f32>> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..8)
            .map(|i| {
                let net = &net;
                scope.spawn(move || {
                    let scale = i as f32;
                    let traced = (0..20).map(|_| {
                        rows(
                            trace!(net, input(), |m: TinyNet| {
                                m.layer1.output *= scale;
                                m.output.save()
                            })
                            .expect("runs"),
                        )
                    });
                    traced.fold(Vec::new(), |_, last| last)
                })
            })
            .collect();
        handles
            .into_iter()
            .map(|handle| handle.join().expect("no panic"))
            .collect()
    });
    for (i, result) in results.iter().enumerate() {
        let scale = i as f32;
        assert_eq!(*result, [4.0 * scale, -scale, 10.0 * scale, -3.0 * scale]);
    }
}

#[test]
fn a_value_of_another_trace_is_refused() {
    let net = tiny_net();
    let mut leaked = None;
    trace!(net, input(), |m: TinyNet| {
        leaked = Some(m.layer1.output);
        m.output.save()
    })
    .expect("runs");
    let leaked = leaked.expect("the body ran");
    let error = trace!(net, input(), |m: TinyNet| (m.layer1.output + leaked).save());
    assert!(matches!(error, Err(Error::ForeignValue { .. })), "{error:?}");
}
