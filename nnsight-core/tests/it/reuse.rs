//! A trace that is written like an earlier one of its place is not planned again, and that changes nothing.

use crate::support::*;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop, prop_assert_eq, prop_oneof, proptest};

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
