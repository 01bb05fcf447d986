//! Values may be read in any order: a trace is a graph, not a script that races the model.

use crate::prelude::*;
use crate::support::{Batch, Classes, Hidden, TinyNet, input, ints, rows, tiny_net};
use std::collections::BTreeMap;

#[test]
fn a_later_site_may_be_read_before_an_earlier_one() {
    let net = tiny_net();
    let (output, hidden, entered) = trace!(net, input(), |m: TinyNet| {
        let output = m.output;
        let hidden = m.layer1.output;
        (output.save(), hidden.save(), m.layer1.input.save())
    })
    .expect("the trace runs");
    assert_eq!(rows(output), [4.0, -1.0, 10.0, -3.0]);
    assert_eq!(rows(hidden), [1.0, 2.0, 3.0, 3.0, 4.0, 7.0]);
    assert_eq!(rows(entered), [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn the_macro_and_the_plain_form_are_the_same() {
    let net = tiny_net();
    let with_macro = trace!(net, input(), |m: TinyNet| {
        m.layer1.output[.., 0] = 0.0;
        m.output.save()
    });
    let plain = net.trace(input(), |m| {
        m.layer1.output.set_at((.., 0), 0.0);
        m.output.get().save()
    });
    assert_eq!(rows(with_macro.expect("runs")), rows(plain.expect("runs")));
}

#[test]
fn values_of_different_sites_combine() {
    let net = tiny_net();
    let mixed = trace!(net, input(), |m: TinyNet| {
        let entered_plus_left = m.layer1.input.rename::<(Batch, Classes)>() + m.output;
        entered_plus_left.save()
    })
    .expect("runs");
    assert_eq!(rows(mixed), [5.0, 1.0, 13.0, 1.0]);
}

#[test]
fn shapes_are_known_inside_the_body() {
    let net = tiny_net();
    let mut seen = Vec::new();
    trace!(net, input(), |m: TinyNet| {
        seen = m.layer1.output.shape();
        m.output.argmax(Classes).save()
    })
    .expect("runs");
    assert_eq!(seen, [2, 3]);
}

#[test]
fn reductions_name_their_axis() {
    let net = tiny_net();
    let winner = trace!(net, input(), |m: TinyNet| m.layer1.output.argmax(Hidden).save()).expect("runs");
    assert_eq!(ints(winner), [2, 2]);
}

#[test]
fn structures_of_saved_values_come_back_as_structures() {
    let net = tiny_net();
    let (list, array, maybe, (named, n)) = trace!(net, input(), |m: TinyNet| {
        let list: Vec<_> = (0..3).map(|i| m.layer1.output[.., i].save()).collect();
        let array = [m.output.save(), (m.output * 2.0).save()];
        (list, array, Some(m.output.sum().save()), (m.layer1.output.save(), 7usize))
    })
    .expect("runs");
    assert_eq!(
        list.into_iter().map(rows).collect::<Vec<_>>(),
        [[1.0, 3.0], [2.0, 4.0], [3.0, 7.0]]
    );
    let [once, twice] = array;
    assert_eq!(rows(once * 2.0), rows(twice));
    assert_eq!(maybe.map(rows), Some(vec![10.0]));
    assert_eq!((rows(named).len(), n), (6, 7));
}

/// What one trace keeps.
#[derive(Collect)]
struct Kept {
    output: Saved<(Batch, Classes)>,
    columns: Vec<Saved<(Batch,)>>,
    named: BTreeMap<&'static str, Saved<()>>,
}

#[test]
fn a_struct_of_saved_values_comes_back_as_a_struct_of_tensors() {
    let net = tiny_net();
    let KeptTensors {
        output,
        columns,
        named,
    } = trace!(net, input(), |m: TinyNet| Kept {
        output: m.output.save(),
        columns: (0..3).map(|i| m.layer1.output[.., i].save()).collect(),
        named: BTreeMap::from([("sum", m.output.sum().save()), ("max", m.output.max().save())]),
    })
    .expect("runs");
    assert_eq!(rows(output), [4.0, -1.0, 10.0, -3.0]);
    assert_eq!(columns.len(), 3);
    assert_eq!(
        named.into_values().map(rows).collect::<Vec<_>>(),
        [[10.0], [10.0]]
    );
}
