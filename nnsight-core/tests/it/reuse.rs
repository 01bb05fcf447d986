//! A trace that is written like an earlier one of its place is not planned again, and that changes nothing.

use crate::support::*;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};

/// One line of a trace.
#[derive(Clone, Debug)]
enum Line {
    Fill(f64),
    Add(f64),
    Bias(Vec<f32>),
    Map(f32),
    Power(f64),
    Save,
}

/// Traces the net on some of the input's rows: every trace of these tests is written here.
fn run(net: &NnSight<TinyNet>, count: usize, lines: &[Line]) -> Vec<Vec<f32>> {
    let x = input().narrow(0, 0, count);
    let kept = net.trace(&x, |m| {
        let h = m.layer1.output;
        let mut kept = Vec::new();
        for line in lines {
            match line {
                Line::Fill(number) => h.set_at((.., 1), *number),
                Line::Add(number) => h.set(h.get() + *number),
                Line::Bias(bias) => {
                    let bias = Tensor::<1>::from_floats(&bias[..], &Device::flex());
                    h.set(h.get() + Value::<(Hidden,)>::constant(&bias));
                }
                Line::Map(factor) => {
                    let factor = *factor;
                    h.set(h.get().map(move |h| h * factor));
                }
                Line::Power(exponent) => h.set(h.get().powf(*exponent)),
                Line::Save => kept.push(h.get().recip().save()),
            }
        }
        (kept, m.output.save())
    });
    let (kept, output) = kept.expect("it runs");
    kept.into_iter().chain([output]).map(rows).collect()
}

fn bits(results: &[Vec<f32>]) -> Vec<Vec<u32>> {
    let bits = |row: &Vec<f32>| row.iter().map(|number| number.to_bits()).collect();
    results.iter().map(bits).collect()
}

fn line() -> impl Strategy<Value = Line> {
    let number = prop_oneof![Just(0.0), Just(-0.0), Just(1.0), Just(2.5)];
    prop_oneof![
        number.clone().prop_map(Line::Fill),
        number.clone().prop_map(Line::Add),
        prop::collection::vec(-2.0f32..2.0, 3).prop_map(Line::Bias),
        (0.5f32..2.0).prop_map(Line::Map),
        number.prop_map(Line::Power),
        Just(Line::Save),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// A few traces in any order, more than once each: a model that has run them before gives what a fresh one gives.
    #[test]
    fn a_plan_that_is_used_again_changes_nothing(
        traces in prop::collection::vec((1usize..=2, prop::collection::vec(line(), 0..4)), 1..4),
        order in prop::collection::vec(0usize..4, 1..8),
    ) {
        let net = tiny_net();
        for at in order {
            let (count, lines) = &traces[at % traces.len()];
            prop_assert_eq!(bits(&run(&net, *count, lines)), bits(&run(&tiny_net(), *count, lines)));
        }
    }
}

/// What one invoke does, and on how many rows.
type InvokeLines = (usize, Vec<Line>);

/// Traces the net on several inputs, and on all of them together: every trace of several inputs is written here.
fn run_invokes(net: &NnSight<TinyNet>, invokes: &[InvokeLines], together: bool) -> Vec<Vec<f32>> {
    let kept = trace!(net, |t: TinyNet| {
        let mut kept = Vec::new();
        for (count, lines) in invokes {
            let m = t.invoke(input().narrow(0, 0, *count));
            let h = &m.layer1.output;
            for line in lines {
                match line {
                    Line::Fill(number) => h.set_at((.., 1), *number),
                    Line::Add(number) => h.set(h.get() + *number),
                    Line::Bias(bias) => h.set_at((0,), Tensor::from_floats(&bias[..], &Device::flex())),
                    Line::Map(factor) => {
                        let factor = *factor;
                        h.set(h.get().map(move |h| h * factor));
                    }
                    Line::Power(exponent) => h.set(h.get().powf(*exponent)),
                    Line::Save => kept.push(h.get().recip().save()),
                }
            }
            kept.push(m.layer1.output.get().save());
        }
        let together = together.then(|| t.batch().output.save());
        (kept, together)
    });
    let (kept, together) = kept.expect("it runs");
    kept.into_iter().map(rows).chain(together.map(rows)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn so_it_is_with_several_inputs(
        traces in prop::collection::vec(
            (prop::collection::vec((1usize..=2, prop::collection::vec(line(), 0..3)), 1..4), any::<bool>()),
            1..4,
        ),
        order in prop::collection::vec(0usize..4, 1..8),
    ) {
        let net = tiny_net();
        for at in order {
            let (invokes, together) = &traces[at % traces.len()];
            prop_assert_eq!(
                bits(&run_invokes(&net, invokes, *together)),
                bits(&run_invokes(&tiny_net(), invokes, *together))
            );
        }
    }
}

/// Only the second input is looked at: where its rows begin is no part of any node.
#[test]
fn rows_that_begin_elsewhere_are_another_trace() {
    let net = tiny_net();
    let second = |first: usize| {
        let kept = trace!(net, |t: TinyNet| {
            t.invoke(input().narrow(0, 0, first));
            t.invoke(input()).layer1.output.save()
        });
        rows(kept.expect("it runs"))
    };
    for first in [1, 2, 1, 2] {
        assert_eq!(
            second(first),
            [1.0, 2.0, 3.0, 3.0, 4.0, 7.0],
            "after {first} rows"
        );
    }
}

/// What belongs to each of the same number of rows differs, and nothing else.
#[test]
fn rows_that_are_parted_otherwise_are_another_trace() {
    let net = tiny_net();
    let rows_of = |counts: [usize; 2]| {
        let kept = trace!(net, |t: TinyNet| {
            let kept = counts.map(|count| t.invoke(input().narrow(0, 0, count)).layer1.output.sum().save());
            t.batch().layer1.output[.., 0] = 0.0;
            kept
        });
        kept.expect("it runs").map(|sum| rows(sum)[0])
    };
    let wanted = [[6.0, 20.0], [20.0, 6.0], [6.0, 20.0], [6.0, 6.0], [20.0, 6.0]];
    for (counts, wanted) in [[1, 2], [2, 1], [1, 2], [1, 1], [2, 1]].into_iter().zip(wanted) {
        assert_eq!(rows_of(counts), wanted, "{counts:?}");
    }
}

/// A value of an outer trace has the number of one of the inner trace, which was once written here with its own.
#[test]
fn a_value_of_another_trace_is_never_taken_for_the_own_one_of_before() {
    let net = tiny_net();
    let double = |other: Option<Value<(Batch, Hidden)>>| {
        net.trace(input(), |m| {
            let own = m.layer1.output.get();
            let value = other.unwrap_or(own);
            (value * 2.0).save()
        })
    };
    assert!(double(None).is_ok());
    let outer = net.trace(input(), |m| {
        let error = double(Some(m.layer1.output.get())).expect_err("it is of another trace");
        assert!(matches!(error, Error::ForeignValue { .. }), "{error}");
        m.output.save()
    });
    assert!(outer.is_ok());
    assert_eq!(
        rows(double(None).expect("it runs")),
        [2.0, 4.0, 6.0, 6.0, 8.0, 14.0]
    );
}

#[test]
fn two_models_at_one_place_have_their_own_plans() {
    let double = NnSight::new(TinyNet {
        layer1: linear([[2.0, 0.0, 2.0], [0.0, 2.0, 2.0]]),
        layer2: linear([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]),
    });
    let first = tiny_net();
    for _ in 0..3 {
        assert_eq!(run(&first, 1, &[Line::Add(1.0)]), [[6.0, -1.0]]);
        assert_eq!(run(&double, 1, &[Line::Add(1.0)]), [[10.0, -2.0]]);
    }
}

/// Inputs on two kinds of devices: what a plan holds does not depend on where tensors are.
#[test]
fn a_tracked_input_is_no_other_trace() {
    let net = tiny_net();
    let output = |x: Tensor<2>| rows(net.trace(x, |m| m.output.save()).expect("it runs"));
    let wanted = [4.0, -1.0, 10.0, -3.0];
    for _ in 0..2 {
        assert_eq!(output(input()), wanted);
        let tracked = input().to_device(&Device::flex().autodiff());
        assert_eq!(output(tracked), wanted);
    }
}

#[test]
fn threads_that_trace_one_model_at_one_place_get_their_own() {
    let net = tiny_net();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let net = &net;
            scope.spawn(move || {
                for round in 0..50 {
                    let number = f64::from(thread * 3 + round % 5);
                    let wanted = [vec![4.0 + 2.0 * number as f32, -1.0]];
                    assert_eq!(run(net, 1, &[Line::Add(number)]), wanted);
                }
            });
        }
    });
}

/// The inner trace runs while the outer one is in the middle of its own.
#[test]
fn a_trace_within_one_of_its_place_has_a_state_of_its_own() {
    fn sum(net: &NnSight<TinyNet>, depth: u32) -> f32 {
        let inner = net.clone();
        let kept = net.trace(input(), |m| {
            let h = m.layer1.output;
            h.set(h.get().map(move |h| match depth {
                0 => h,
                _ => h + sum(&inner, depth - 1),
            }));
            m.output.sum().save()
        });
        rows(kept.expect("it runs"))[0]
    }
    let net = tiny_net();
    // 10 without anything added, and 2 for each of 2 rows of what is.
    assert_eq!([sum(&net, 0), sum(&net, 1), sum(&net, 2)], [10.0, 50.0, 210.0]);
    assert_eq!(sum(&net, 2), 210.0);
}

#[test]
fn a_constant_and_a_closure_are_those_of_the_trace_that_runs() {
    let net = tiny_net();
    let output = |lines: &[Line]| run(&net, 1, lines).pop();
    assert_eq!(output(&[Line::Map(1.0)]), Some(vec![4.0, -1.0]));
    assert_eq!(output(&[Line::Map(2.0)]), Some(vec![8.0, -2.0]));
    assert_eq!(output(&[Line::Bias(vec![0.0; 3])]), Some(vec![4.0, -1.0]));
    assert_eq!(output(&[Line::Bias(vec![1.0, 0.0, 0.0])]), Some(vec![5.0, -1.0]));
}

#[test]
fn the_sign_of_a_zero_tells_two_traces_apart() {
    let net = tiny_net();
    let second = |number: f64| run(&net, 1, &[Line::Fill(number), Line::Save])[0][1];
    assert_eq!(second(0.0), f32::INFINITY);
    assert_eq!(second(-0.0), f32::NEG_INFINITY);
    assert_eq!(second(0.0), f32::INFINITY);
}

/// A trace that fails leaves nothing that a later one of its place would see.
#[test]
fn a_trace_after_one_that_panicked_is_whole() {
    let net = tiny_net();
    let trace = |panics: bool| {
        net.trace(input(), |m| {
            let h = m.layer1.output;
            h.set(h.get().map(move |h| {
                assert!(!panics, "on purpose");
                h * 2.0
            }));
            m.output.save()
        })
    };
    let wanted = [8.0, -2.0, 20.0, -6.0];
    assert_eq!(rows(trace(false).expect("it runs")), wanted);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| trace(true).is_ok()));
    assert!(panicked.is_err());
    assert_eq!(rows(trace(false).expect("it runs")), wanted);
}
