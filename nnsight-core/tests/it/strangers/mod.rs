//! Graphs from strangers: whatever the bytes, reading them and checking them against a model ends in an error or a plan.

mod cases;
mod corpus;
mod limits;
mod mutations;
mod operations;
mod small;
mod valid;
mod zoo;

use crate::support::*;
use nnsight::NamedTensors;
use nnsight::graph::Graph;

/// The file of a graph of [`TinyNet`] with these nodes and constants.
fn file(nodes: &str, constants: &str) -> String {
    let modules = r#"{"0":{"path":"","inputs":["(Batch, Features = 2)"],"outputs":["(Batch, Classes = 2)"]},
        "1":{"path":"layer1","inputs":["(Batch, Features = 2)"],"outputs":["(Batch, Hidden = 3)"]},
        "2":{"path":"layer2","inputs":["(Batch, Hidden = 3)"],"outputs":["(Batch, Classes = 2)"]}}"#;
    format!(
        r#"{{"version":3,"model":"TinyNet","modules":{modules},"nodes":{nodes},"constants":{constants},"invokes":[],"steps":null}}"#
    )
}

/// A read of the output of one of its modules.
fn get(module: u32) -> String {
    format!(
        r#"{{"kind":{{"Get":{{"module":{module},"end":"Output","port":0,"call":0,"invoke":0}}}},"inputs":[]}}"#
    )
}

/// An operation, and what it works on.
fn op(op: &str, inputs: &str) -> String {
    format!(r#"{{"kind":{{"Op":{op}}},"inputs":[{inputs}]}}"#)
}

fn save(of: usize) -> String {
    format!(r#"{{"kind":"Save","inputs":[{of}]}}"#)
}

fn read(file: &str) -> nnsight::Result<Graph> {
    Graph::read(file.as_bytes(), &nnsight::graph::Limits::default())
}

/// What a graph of these nodes gives on the tiny network.
fn run(nodes: &[String]) -> nnsight::Result<NamedTensors> {
    let graph = read(&file(&format!("[{}]", nodes.join(",")), "[]"))?;
    tiny_net().trace(input(), |_| graph.replay())
}

/// Why a graph of these nodes does not run, without the place of the replay.
fn refused(nodes: &[String]) -> String {
    said(run(nodes).map(drop))
}

fn said(result: nnsight::Result<()>) -> String {
    let error = result.expect_err("it cannot work").to_string();
    error.split(" (written at").next().unwrap_or_default().to_owned()
}
