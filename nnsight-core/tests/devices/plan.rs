//! Graphs are data, and a plan can be looked at before it runs.

use crate::prelude::*;
use crate::support::{TinyNet, input, tiny_net};
use nnsight::graph::{Graph, VERSION};

fn body(m: nnsight::Sites<TinyNet>) -> nnsight::Saved<(crate::support::Batch, crate::support::Classes)> {
    m.layer1.output.set_at((.., 0), 0.0);
    let doubled = m.layer1.output.get() * 2.0;
    m.layer2.call(doubled).save()
}

#[test]
fn a_plan_says_what_runs_and_in_which_sizes() {
    let net = tiny_net();
    let plan = net.plan(input(), |m| {
        let _ = m.layer2.output.get() * 3.0;
        body(m)
    });
    let shown = plan.expect("it can be planned").to_string();
    assert!(
        shown.contains("read layer1.output  [2, 3] = 6 elements"),
        "{shown}"
    );
    assert!(shown.contains("- #0   read layer2.output"), "not needed: {shown}");
}

#[test]
fn a_graph_survives_serde_and_has_a_stable_hash() {
    let net = tiny_net();
    let plan = net.plan(input(), body).expect("it can be planned");
    let graph = &plan.graph();
    assert!(graph.is_portable());
    let json = serde_json::to_string(graph).expect("it is data");
    let back: Graph = serde_json::from_str(&json).expect("it is a graph");
    assert_eq!(serde_json::to_string(&back).expect("it is data"), json);
    let hash = |graph: &Graph| {
        graph
            .stable_hash(serde_json::to_vec::<Graph>)
            .expect("it is data")
    };
    assert_eq!(hash(graph), hash(&back));
    let other = net
        .plan(input(), |m| m.output.get().save())
        .expect("it can be planned");
    assert_ne!(hash(graph), hash(&other.graph()));
}

#[test]
fn a_graph_of_another_version_is_refused_with_both_named() {
    let net = tiny_net();
    let plan = net.plan(input(), body).expect("it can be planned");
    let json = serde_json::to_string(&plan.graph()).expect("it is data");
    let newer = json.replacen(&format!("\"version\":{VERSION}"), "\"version\":7", 1);
    assert_ne!(json, newer);
    let error = serde_json::from_str::<Graph>(&newer)
        .expect_err("unknown")
        .to_string();
    assert!(
        error.starts_with(&format!(
            "a graph of version 7, and this program reads version {VERSION}"
        )),
        "{error}"
    );
}

#[test]
fn a_graph_with_a_closure_says_that_it_cannot_travel() {
    let net = tiny_net();
    let plan = net
        .plan(input(), |m| m.output.get().map(|x: Tensor<2>| x).save())
        .expect("it can be planned");
    assert!(!plan.graph().is_portable());
}
