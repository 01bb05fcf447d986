//! What one side writes, the other reads.

use burn::tensor::TensorData;
use nnsight_core::graph::{Constant, Graph, Limits};
use nnsight_core::jobs::{Drawing, Task};
use nnsight_remote::protocol::{DecodeError, Refusal, Request, decode, encode};

/// A graph that reads, computes with a constant and saves, as `docs/graph-format.md` describes it.
pub fn graph() -> Graph {
    let text = br#"{"version":3,"model":"Net","modules":{},"nodes":[
        {"kind":{"Constant":0},"inputs":[]},{"kind":"Save","inputs":[0]}],"constants":[],"invokes":[],"steps":null}"#;
    Graph::read(text, &Limits::default()).expect("it is a graph")
}

pub fn request() -> Request {
    let mut graph = graph();
    graph
        .constants
        .push(Constant::Data(TensorData::new(vec![1.5f32, -2.0], [2])));
    Request {
        model: String::from("facts"),
        task: Task {
            graph,
            inputs: vec![vec![TensorData::new(vec![3i64, 1, 4], [3])]],
            drawing: Some(Drawing {
                temperature: 0.5,
                stop: vec![7],
                ..Drawing::default()
            }),
        },
        webhook: None,
    }
}

/// The envelope of a request, changed as text.
pub fn with_envelope(change: impl Fn(&str) -> String) -> Vec<u8> {
    let bytes = encode(request()).expect("it is written");
    let tensors = safetensors::SafeTensors::deserialize(&bytes).expect("it is in the format");
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).expect("it has a header");
    let mut words = header.metadata().clone().expect("it has words");
    let envelope = words.get_mut("request").expect("it has an envelope");
    *envelope = change(envelope);
    let views = tensors.iter().map(|(name, view)| (name.to_owned(), view));
    safetensors::serialize(views.collect::<Vec<_>>(), Some(words)).expect("it is written")
}

#[test]
fn a_request_arrives_as_it_was() {
    let bytes = encode(request()).expect("it is written");
    let read = decode(&bytes, &Limits::default()).expect("it is read");
    assert_eq!(read.model, "facts");
    assert_eq!(read.task.drawing, request().task.drawing);
    assert_eq!(read.task.inputs, request().task.inputs);
    let Constant::Data(data) = &read.task.graph.constants[0] else {
        panic!("a tensor of a device has arrived");
    };
    assert_eq!(*data, TensorData::new(vec![1.5f32, -2.0], [2]));
    // No number of a tensor is text.
    assert!(!String::from_utf8_lossy(&bytes).contains("1.5"));
}

#[test]
fn another_version_says_who_is_to_be_upgraded() {
    let of = |version: &str| {
        let bytes = with_envelope(|text| {
            text.replace("\"protocol\":1", &format!("\"protocol\":{version},\"new\":1"))
        });
        decode(&bytes, &Limits::default()).expect_err("it is another version")
    };
    assert!(matches!(of("2"), DecodeError::OtherVersion { found: 2 }));
    assert!(of("2").to_string().contains("upgrade the server"), "{}", of("2"));
    assert!(of("0").to_string().contains("upgrade the client"), "{}", of("0"));
}

#[test]
fn tensors_are_those_that_are_announced() {
    let refused = |from: &str, to: &str| {
        let bytes = with_envelope(|text| text.replace(from, to));
        decode(&bytes, &Limits::default())
            .expect_err("it does not fit")
            .to_string()
    };
    let missing = refused("\"constants\":1", "\"constants\":4000000000");
    assert!(missing.contains("announces the tensor `constant.1`"), "{missing}");
    let extra = refused("\"constants\":1", "\"constants\":0");
    assert!(extra.contains("has a tensor `constant.0`"), "{extra}");
    let negative = refused("\"constants\":1", "\"constants\":-1");
    assert!(negative.contains("`request` cannot be read"), "{negative}");
    let unknown = refused("\"constants\":1", "\"constants\":1,\"run\":\"/bin/sh\"");
    assert!(unknown.contains("unknown field `run`"), "{unknown}");
}

#[test]
fn a_limit_is_named_in_the_refusal() {
    let bytes = encode(request()).expect("it is written");
    let limits = Limits {
        nodes: 1,
        ..Limits::default()
    };
    let error = decode(&bytes, &limits).expect_err("two nodes");
    let refusal = Refusal::from(error);
    assert_eq!(refusal.limit.as_deref(), Some("nodes"));
    assert!(refusal.sentence.contains("2 nodes"), "{refusal}");
}
