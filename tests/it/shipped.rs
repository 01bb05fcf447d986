//! A command line for a model of one's own, and the graph file as its page describes it.

use crate::support::{TinyNet, device_name, input, tiny_net};
use clap::Parser;
use nnsight::command::{Arguments, Error, PlainModel, Result};
use nnsight::graph::{Graph, VERSION};
use nnsight::prelude::*;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use std::path::{Path, PathBuf};

const PAGE: &str = include_str!("../../docs/graph-format.md");

/// The example of the page.
fn example() -> &'static str {
    let (_, rest) = PAGE.split_once("```json\n").expect("the page has an example");
    rest.split("```").next().expect("it ends")
}

fn file(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shipped");
    std::fs::create_dir_all(&directory).expect("the target folder can be written");
    directory.join(name)
}

/// A file of one tensor.
fn tensor_file(name: &str, tensor: &str, dtype: Dtype, shape: &[usize], bytes: &[u8]) -> String {
    let file = file(name);
    let view = TensorView::new(dtype, shape.to_vec(), bytes).expect("a tensor");
    safetensors::serialize_to_file([(tensor, view)], None, &file).expect("written");
    file.display().to_string()
}

fn floats(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// What a program of the tiny network prints, on the device of the tests.
fn printed(arguments: &[&str]) -> Result<String> {
    let device = device_name().to_string();
    let program = ["tiny", "--device", &device]
        .into_iter()
        .chain(arguments.iter().copied());
    let Arguments { command, device } = Arguments::try_parse_from(program).expect("it is a command line");
    let model = PlainModel::new(tiny_net().into_model(), &device.open()?)?;
    let mut out = Vec::new();
    command.run(&model, &mut out)?;
    Ok(String::from_utf8(out).expect("text"))
}

#[test]
fn the_page_describes_the_version_that_is_read() -> nnsight::Result<()> {
    let graph: Graph = serde_json::from_str(example()).expect("the example is a graph");
    assert_eq!(graph.version, VERSION);
    assert!(PAGE.contains(&format!("This page describes version {VERSION};")));
    let net = tiny_net();
    let found = net.trace(input(), |_| graph.replay())?;
    let (hidden, output) = trace!(net, input(), |m: TinyNet| {
        m.layer1.output[.., 0] = 3.0;
        (m.layer1.output.relu().save(), m.output.save())
    })?;
    let same = |name: &str, wanted: Tensor<2>| {
        let found = found
            .get(name)
            .expect("it was saved")
            .to_data()
            .expect("it can be read");
        assert_eq!(found, wanted.into_data(), "{name}");
    };
    same("relu", hidden);
    same("output", output);
    // What a trace writes has the fields of the page and no others.
    let written = serde_json::to_value(net.plan(input(), |m| m.output.get().save())?.graph()).expect("data");
    let example: serde_json::Value = serde_json::from_str(example()).expect("JSON");
    let fields = |value: &serde_json::Value| {
        value
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(fields(&written), fields(&example));
    Ok(())
}

#[test]
fn the_graph_of_the_example_program_is_one() {
    let text = include_str!("../../examples/ship_binary/without_second_unit.json");
    let graph: Graph = serde_json::from_str(text).expect("it is a graph of this version");
    assert_eq!(graph.model, "Xor");
}

#[test]
fn a_model_of_ones_own_runs_graphs_on_files() -> Result<()> {
    let graph = file("graph.json");
    std::fs::write(&graph, example()).expect("written");
    let graph = graph.display().to_string();
    let input = tensor_file(
        "input.safetensors",
        "input",
        Dtype::F32,
        &[2, 2],
        &floats(&[1.0, 2.0, 3.0, 4.0]),
    );
    let output = file("out.safetensors").display().to_string();
    // With 3 in the first hidden unit: [3 + h2, h1 - h2] of [[., 2, 3], [., 4, 7]].
    assert_eq!(
        printed(&["trace", &graph, "--input", &input, "--output", &output])?,
        "relu  f32 [2, 3]  [3, 2, 3, 3, 4, 7]\noutput  f32 [2, 2]  [6, -1, 10, -3]\n"
    );
    let written = std::fs::read(&output).expect("written");
    let written = SafeTensors::deserialize(&written).expect("a file of tensors");
    assert_eq!(
        written.tensor("output").expect("saved").data(),
        floats(&[6.0, -1.0, 10.0, -3.0])
    );

    let tree = printed(&["tree"])?;
    assert!(
        tree.starts_with("TinyNet  (Batch, Features = 2) -> (Batch, Classes = 2)\n"),
        "{tree}"
    );
    let info = printed(&["info"])?;
    assert!(
        info.contains("parameters  12 in 2 tensors (12 x f32)\n"),
        "{info}"
    );
    assert!(info.contains("memory      48 bytes"), "{info}");
    let bench = printed(&["bench", "--input", &input, "--rounds", "2"])?;
    assert_eq!(bench.lines().count(), 4, "{bench}");
    Ok(())
}

#[test]
fn each_file_is_an_invoke() -> Result<()> {
    let (one, two) = ([[1.0f32, 2.0]], [[3.0f32, 4.0]]);
    let mut graph: Graph = serde_json::from_str(example()).expect("the example is a graph");
    // The example, of the second of two invokes.
    graph.invokes = vec![Vec::new(); 2];
    let text = serde_json::to_string(&graph)
        .expect("data")
        .replace("\"invoke\":0", "\"invoke\":2");
    let file = file("invokes.json");
    std::fs::write(&file, text).expect("written");
    let file = file.display().to_string();
    let first = tensor_file(
        "one.safetensors",
        "input",
        Dtype::F32,
        &[1, 2],
        &floats(&one.concat()),
    );
    let second = tensor_file(
        "two.safetensors",
        "input",
        Dtype::F32,
        &[1, 2],
        &floats(&two.concat()),
    );
    assert_eq!(
        printed(&["trace", &file, "--input", &first, "--input", &second])?,
        "relu  f32 [1, 3]  [3, 4, 7]\noutput of invoke 2  f32 [1, 2]  [10, -3]\n"
    );
    let error = printed(&["trace", &file, "--input", &first]).expect_err("it has two invokes");
    assert!(matches!(error, Error::InputCount { found: 1, .. }), "{error}");
    Ok(())
}

#[test]
fn inputs_that_are_not_the_models_are_refused() {
    let graph = file("refused.json");
    std::fs::write(&graph, example()).expect("written");
    let graph = graph.display().to_string();
    let said = |option: &str, value: &str| {
        printed(&["trace", &graph, option, value])
            .expect_err("it is refused")
            .to_string()
    };
    let misnamed = tensor_file(
        "misnamed.safetensors",
        "x",
        Dtype::F32,
        &[1, 2],
        &floats(&[1.0, 2.0]),
    );
    let wide = tensor_file(
        "wide.safetensors",
        "input",
        Dtype::F32,
        &[1, 3],
        &floats(&[1.0, 2.0, 3.0]),
    );
    let ints = tensor_file("ints.safetensors", "input", Dtype::I32, &[1, 2], &[0; 8]);
    let bools = tensor_file("bools.safetensors", "input", Dtype::BOOL, &[1, 2], &[0, 7]);
    let tiny_floats = tensor_file("f8.safetensors", "input", Dtype::F8_E5M2, &[1, 2], &[0; 2]);
    assert!(
        said("--input", &misnamed)
            .ends_with("holds `x`, and the model takes `input`: name the tensors of the file so")
    );
    assert!(
        said("--input", &wide).contains("[1, 3]"),
        "{}",
        said("--input", &wide)
    );
    assert!(
        said("--input", &ints).contains("Int"),
        "{}",
        said("--input", &ints)
    );
    assert!(said("--input", &bools).contains("truth values that are neither 0 nor 1"));
    assert_eq!(
        said("--input", &tiny_floats),
        "the tensor `input` is of type F8_E5M2, which Burn cannot hold"
    );
    assert!(said("--prompt", "Hello").starts_with("this model is no language model, so it takes no text"));
    assert!(said("--input", "no/such.safetensors").starts_with("cannot read `no/such.safetensors`: "));
    let cut = file("cut.safetensors");
    std::fs::write(&cut, [1, 2, 3]).expect("written");
    assert!(said("--input", &cut.display().to_string()).contains("it is not in safetensors' format: "));
}

/// Every element type is written as what it is.
#[test]
fn tensors_keep_their_element_type() -> Result<()> {
    let graph = nnsight::NnSight::new(tiny_net().into_model()).plan(input(), |m: Sites<TinyNet>| {
        let output = m.output.get();
        (
            output.save(),
            output.argmax(crate::support::Classes).save(),
            output.gt(0.0).save(),
        )
    });
    let path = file("types.json");
    std::fs::write(&path, serde_json::to_vec(&graph?.graph()).expect("data")).expect("written");
    let input = tensor_file(
        "types.safetensors",
        "input",
        Dtype::F32,
        &[2, 2],
        &floats(&[1.0, 2.0, 3.0, 4.0]),
    );
    let output = file("types out.safetensors").display().to_string();
    printed(&[
        "trace",
        &path.display().to_string(),
        "--input",
        &input,
        "--output",
        &output,
    ])?;
    let written = std::fs::read(&output).expect("written");
    let written = SafeTensors::deserialize(&written).expect("a file of tensors");
    let dtype = |name: &str| written.tensor(name).expect("saved").dtype();
    assert_eq!([dtype("output"), dtype("gt")], [Dtype::F32, Dtype::BOOL]);
    assert!(matches!(dtype("argmax"), Dtype::I32 | Dtype::I64));
    assert_eq!(written.tensor("gt").expect("saved").data(), [1, 0, 1, 0]);
    Ok(())
}
