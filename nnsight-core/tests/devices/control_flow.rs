//! The body of a trace is ordinary Rust.

use crate::prelude::*;
use crate::support::{Batch, Hidden, TinyNet, input, rows, tiny_net};

fn double(site: &Site<(Batch, Hidden)>) {
    site.update(|h| h * 2.0);
}

fn first_column(value: Value<(Batch, Hidden)>) -> Value<(Batch,)> {
    value.at((.., 0))
}

#[test]
fn loops_conditions_and_collections() {
    let net = tiny_net();
    let scales = [1.0f32, 2.0, 3.0];
    let saved = trace!(net, input(), |m: TinyNet| {
        let mut saved = Vec::new();
        for (i, scale) in scales.iter().enumerate() {
            if i == 1 {
                continue;
            }
            m.layer1.output[.., i] *= *scale;
            saved.push(m.layer1.output.save());
        }
        let last = saved.len() - 1;
        assert!(saved[last..].len() == 1);
        saved
    })
    .expect("runs");
    assert_eq!(
        saved.into_iter().map(rows).next_back(),
        Some(vec![1.0, 2.0, 9.0, 3.0, 4.0, 21.0])
    );
}

#[test]
fn helpers_take_sites_and_values() {
    let net = tiny_net();
    let (column, output) = trace!(net, input(), |m: TinyNet| {
        double(&m.layer1.output);
        (first_column(m.layer1.output).save(), m.output.save())
    })
    .expect("runs");
    assert_eq!(rows(column), [2.0, 6.0]);
    assert_eq!(rows(output), [8.0, -2.0, 20.0, -6.0]);
}

#[test]
fn plain_collections_keep_their_indexing() {
    let net = tiny_net();
    let picked = trace!(net, input(), |m: TinyNet| {
        let table = [3usize, 0, 2];
        let hidden = m.layer1.output;
        let columns: Vec<_> = (0..3).map(|i| hidden[.., i]).collect();
        (columns[table[1]] + columns[table[2]]).save()
    })
    .expect("runs");
    assert_eq!(rows(picked), [4.0, 10.0]);
}

#[test]
fn an_early_return_leaves_the_body_only() {
    let net = tiny_net();
    let small = true;
    let output = trace!(net, input(), |m: TinyNet| {
        if small {
            return m.layer1.output.sum().save();
        }
        m.output.sum().save()
    })
    .expect("runs");
    assert_eq!(rows(output), [20.0]);
}
