//! Edits: seen downstream and not upstream, before and after, whole and in part.

use crate::prelude::*;
use crate::support::{TinyNet, device, input, rows, same, tiny_net};

#[test]
fn a_value_read_before_an_edit_is_not_the_one_read_after() {
    let net = tiny_net();
    let (before, after, output) = trace!(net, input(), |m: TinyNet| {
        let before = m.layer1.output;
        m.layer1.output[.., 0] = 0.0;
        let after = m.layer1.output;
        (before.save(), after.save(), m.output.save())
    })
    .expect("runs");
    assert_eq!(rows(before), [1.0, 2.0, 3.0, 3.0, 4.0, 7.0]);
    assert_eq!(rows(after), [0.0, 2.0, 3.0, 0.0, 4.0, 7.0]);
    assert_eq!(rows(output), [3.0, -1.0, 7.0, -3.0]);
}

#[test]
fn an_edit_is_not_seen_upstream() {
    let net = tiny_net();
    let (entered, hidden, left) = trace!(net, input(), |m: TinyNet| {
        m.layer2.input *= 2.0;
        (m.layer1.input.save(), m.layer1.output.save(), m.output.save())
    })
    .expect("runs");
    assert_eq!(rows(entered), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(rows(hidden), [1.0, 2.0, 3.0, 3.0, 4.0, 7.0]);
    assert_eq!(rows(left), [8.0, -2.0, 20.0, -6.0]);
}

#[test]
fn whole_and_indexed_and_compound_assignments() {
    let net = tiny_net();
    let output = trace!(net, input(), |m: TinyNet| {
        m.layer1.output = 1.0;
        m.layer1.output[0, 1] = 5.0;
        m.layer1.output[.., 0..2] += 1.0;
        m.layer1.output[-1] -= 1.0;
        m.layer1.output.save()
    })
    .expect("runs");
    assert_eq!(rows(output), [2.0, 6.0, 1.0, 1.0, 1.0, 0.0]);
}

#[test]
fn real_tensors_can_be_written() {
    let net = tiny_net();
    let patch = Tensor::<2>::from_floats([[1.0, 1.0, 0.0], [0.0, 2.0, 1.0]], &device());
    let output = trace!(net, input(), |m: TinyNet| {
        m.layer1.output = &patch;
        m.output.save()
    })
    .expect("runs");
    assert_eq!(rows(output), [1.0, 1.0, 1.0, 1.0]);
}

#[test]
fn a_part_may_be_written_with_a_value_of_another_site() {
    let net = tiny_net();
    let output = trace!(net, input(), |m: TinyNet| {
        let first = m.layer1.input[.., 0];
        m.layer1.output[.., 2] = first;
        m.output.save()
    })
    .expect("runs");
    // h = [[1, 2, 1], [3, 4, 3]]
    assert_eq!(rows(output), [2.0, 1.0, 6.0, 1.0]);
}

#[test]
fn a_value_can_be_edited_like_a_variable() {
    let net = tiny_net();
    let (edited, untouched) = trace!(net, input(), |m: TinyNet| {
        let mut hidden = m.layer1.output;
        hidden[.., 0] = 0.0;
        hidden += 1.0;
        (hidden.save(), m.layer1.output.save())
    })
    .expect("runs");
    assert_eq!(rows(edited), [1.0, 3.0, 4.0, 1.0, 5.0, 8.0]);
    assert_eq!(rows(untouched), [1.0, 2.0, 3.0, 3.0, 4.0, 7.0]);
}

#[test]
fn patching_a_run_into_itself_changes_nothing() {
    let net = tiny_net();
    let plain = trace!(net, input(), |m: TinyNet| m.output.save()).expect("runs");
    let patched = trace!(net, input(), |m: TinyNet| {
        m.layer1.output = m.layer1.output;
        m.layer2.input = m.layer1.output;
        m.output.save()
    })
    .expect("runs");
    assert_eq!(same(plain.into_data(), patched.into_data()), Ok(()));
}

#[test]
fn an_edit_that_nothing_saved_can_see_is_reported() {
    let net = tiny_net();
    let (_, report) = net
        .trace_with_report(input(), |m| {
            m.layer2.output.set(0.0);
            m.layer1.output.get().save()
        })
        .expect("runs");
    assert_eq!(report.unused_edits.len(), 1);
    assert!(
        report.unused_edits[0].starts_with("layer2.output (written at "),
        "{report}"
    );
    assert_eq!(report.stopped_at.as_deref(), Some("layer1"));
}

#[test]
fn modules_can_be_called_on_values() {
    let net = tiny_net();
    let (again, output) = trace!(net, input(), |m: TinyNet| {
        let again = m.layer2.call(m.layer1.output * 2.0);
        (again.save(), m.output.save())
    })
    .expect("runs");
    assert_eq!(rows(again), rows(output * 2.0));
}

#[test]
fn closures_run_on_the_real_tensor() {
    let net = tiny_net();
    let output = trace!(net, input(), |m: TinyNet| {
        m.layer1.output = m.layer1.output.map(|h: Tensor<2>| {
            if h.clone().sum().into_scalar::<f32>() > 10.0 {
                h * 0.0
            } else {
                h
            }
        });
        m.output.save()
    })
    .expect("runs");
    assert_eq!(rows(output), [0.0; 4]);
}
