//! The `nnsight` command: what it prints, that a graph file gives the numbers of the trace that wrote it, and how it fails.

use crate::gpt2::tiny;
use crate::language_model::facts::{Gpt2, Vocab};
use crate::support::{device, device_name, same};
use burn::tensor::TensorData;
use nnsight::graph::Graph;
use nnsight::models::LanguageModel;
use nnsight::models::gpt2::small;
use nnsight::prelude::*;
use safetensors::{Dtype, SafeTensors};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub const FACTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/checkpoints/facts-gpt2");
const TINY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/gpt2-tiny");
const GPT2_CONFIG: &str = include_str!("../../models/src/gpt2/configs/gpt2.json");
pub const EIFFEL: &str = "The Eiffel Tower is in the city of";
const COLOSSEUM: &str = "The Colosseum is in the city of";

fn lm() -> LanguageModel<Gpt2> {
    LanguageModel::from_pretrained(FACTS)
        .expect("it ships with the repository")
        .with_device(device())
}

/// A directory that this test has to itself.
fn directory(test: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("command").join(test);
    std::fs::create_dir_all(&directory).expect("the target folder can be written");
    directory
}

/// Runs the command, on the device of the tests unless the arguments name one.
fn nnsight(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nnsight"));
    command.args(arguments);
    if !arguments.contains(&"--device") {
        command.args(["--device", &device_name().to_string()]);
    }
    command.output().expect("the command was built")
}

/// What the command prints where it succeeds.
fn printed(arguments: &[&str]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = nnsight(arguments);
    let error = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{arguments:?}: {error}");
    String::from_utf8(stdout).expect("text")
}

/// The one line that the command says where it fails.
fn refused(arguments: &[&str]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = nnsight(arguments);
    let error = String::from_utf8(stderr).expect("text");
    assert_eq!(status.code(), Some(1), "{arguments:?}: {error}");
    assert!(stdout.is_empty());
    let line = error.strip_suffix('\n').expect("a whole line");
    assert!(!line.contains('\n'), "{error}");
    line.strip_prefix("error: ")
        .expect("it says that it is one")
        .to_owned()
}

/// Writes a graph, runs it with the command, and gives the file that it wrote.
fn traced(test: &str, graph: &Graph, arguments: &[&str]) -> Vec<u8> {
    let directory = directory(test);
    let (file, output) = (directory.join("graph.json"), directory.join("out.safetensors"));
    std::fs::write(&file, serde_json::to_vec(graph).expect("it is data")).expect("written");
    let (file, output) = (file.display().to_string(), output.display().to_string());
    let mut all = vec!["trace", FACTS, &file, "--output", &output];
    all.extend(arguments);
    printed(&all);
    std::fs::read(&output).expect("the command wrote it")
}

/// Holds a tensor of a file against one of this process: on the CPU bit by bit. Integers are i32 on every device.
#[track_caller]
fn assert_same<const D: usize>(file: &[u8], name: &str, dtype: Dtype, tensor: Tensor<D, impl nnsight::Kind>) {
    let tensors = SafeTensors::deserialize(file).expect("a file of tensors");
    let found = tensors.tensor(name).expect("it was saved");
    let wanted = nnsight::Erased::new(tensor).to_data().expect("it can be read");
    assert_eq!(found.dtype(), dtype, "{name}");
    // Devices keep truth values as they like; a file has one byte each.
    let wanted = match dtype {
        Dtype::BOOL => wanted.convert::<bool>(),
        _ => wanted,
    };
    let (bytes, shape) = (found.data().to_vec(), found.shape().to_vec());
    let found = TensorData::from_bytes_vec(bytes, shape, wanted.dtype());
    assert!(same(found, wanted).is_ok(), "{name}: other numbers");
}

#[test]
fn the_tree_is_there_without_weights() {
    let directory = directory("tree");
    std::fs::write(directory.join("config.json"), GPT2_CONFIG).expect("written");
    let directory = directory.display().to_string();
    let tree = printed(&["tree", &directory]);
    assert!(
        tree.starts_with("Gpt2  (Batch, Seq): Int -> (Batch, Seq, Vocab = 50257)\n"),
        "{tree}"
    );
    assert!(tree.contains("h (0..12): 12 x Block\n"), "{tree}");
    let lm = LanguageModel::<small::Gpt2>::from_pretrained(&directory).expect("its config.json is there");
    assert_eq!(tree, format!("{}\n", lm.tree()));
}

#[test]
fn the_tree_as_json_has_every_module_and_parameter() {
    let json: serde_json::Value = serde_json::from_str(&printed(&["tree", FACTS, "--json"])).expect("JSON");
    let modules = json["modules"].as_array().expect("a list");
    let fc = modules
        .iter()
        .find(|module| module["path"] == "transformer.h.3.mlp.c_fc");
    let axis = |name: &str, size: Option<usize>| serde_json::json!({ "name": name, "size": size });
    let (batch, seq) = (axis("Batch", None), axis("Seq", None));
    assert_eq!(
        *fc.expect("the last block has an mlp"),
        serde_json::json!({
            "path": "transformer.h.3.mlp.c_fc",
            "type": "Linear",
            "inputs": [{ "name": "input", "kind": "Float", "axes": [batch, seq, axis("Hidden", Some(128))] }],
            "outputs": [{ "name": "output", "kind": "Float", "axes": [batch, seq, axis("Mlp", Some(512))] }],
        })
    );
    let parameters = json["parameters"].as_array().expect("a list");
    let elements = |parameter: &serde_json::Value| -> u64 {
        let sizes = parameter["shape"].as_array().expect("sizes").iter();
        sizes.filter_map(serde_json::Value::as_u64).product()
    };
    // Embeddings, their copy in the head, four blocks, the last norm: by the formula for GPT-2.
    let (vocab, positions, hidden, layers) = (1400, 64, 128, 4);
    let block = 12 * hidden * hidden + 13 * hidden;
    let wanted = 2 * vocab * hidden + positions * hidden + layers * block + 2 * hidden;
    assert_eq!(parameters.iter().map(elements).sum::<u64>(), wanted);
    assert!(parameters.iter().any(|parameter| {
        parameter["path"] == "transformer.h.3.mlp.c_fc.weight"
            && parameter["shape"] == serde_json::json!([128, 512])
    }));
    let info = printed(&["info", FACTS]);
    assert!(info.contains(&format!("parameters  {wanted} in ")), "{info}");
}

#[test]
fn a_graph_file_gives_the_numbers_of_its_trace() -> nnsight::models::Result<()> {
    let lm = lm();
    let body = |m: Sites<Gpt2>| {
        m.transformer.h.at(-1).mlp.output.set(0.0);
        let logits = m.lm_head.output.get();
        logits.at((.., -1)).sum().backward();
        (
            m.transformer.h.at(2).output.get().save(),
            logits.save(),
            logits.gt(1.0).save(),
            logits.argmax(Vocab).save(),
            m.transformer.h.at(0).output.grad().get().save(),
        )
    };
    let graph = lm.plan(EIFFEL, body)?.graph();
    assert!(!lm.is_dispatched(), "a graph is written without weights");
    let file = traced("bits", &graph, &["--prompt", EIFFEL]);
    let (resid, logits, high, winner, grad) = lm.trace(EIFFEL, body)?;
    assert_same(&file, "transformer.h.2.output", Dtype::F32, resid);
    assert_same(&file, "lm_head.output", Dtype::F32, logits);
    assert_same(&file, "gt", Dtype::BOOL, high);
    assert_same(&file, "argmax", Dtype::I32, winner);
    assert_same(&file, "transformer.h.0.output.grad", Dtype::F32, grad);
    let (_, metadata) = SafeTensors::read_metadata(&file).expect("a file of tensors");
    let wanted = HashMap::from([
        ("model", "Gpt2"),
        ("graph_version", "3"),
        ("nnsight_version", env!("CARGO_PKG_VERSION")),
    ]);
    let found = metadata.metadata().as_ref().expect("it says where it comes from");
    assert_eq!(
        found
            .iter()
            .map(|(key, value)| (&key[..], &value[..]))
            .collect::<HashMap<_, _>>(),
        wanted
    );
    Ok(())
}

/// Two names of one device: the map is there, and nothing moves.
#[test]
fn devices_with_commas_between_share_the_model() -> nnsight::models::Result<()> {
    let lm = lm();
    let graph = lm.plan(EIFFEL, |m| m.lm_head.output.get().save())?.graph();
    let devices = format!("{0},{0}", device_name());
    let file = traced("devices", &graph, &["--prompt", EIFFEL, "--device", &devices]);
    let logits = trace!(lm, EIFFEL, |m: Gpt2| m.lm_head.output.save())?;
    assert_same(&file, "lm_head.output", Dtype::F32, logits);
    let text = printed(&[
        "generate",
        FACTS,
        EIFFEL,
        "--max-new-tokens",
        "4",
        "--device",
        &devices,
    ]);
    assert_eq!(text, lm.generate(EIFFEL).max_new_tokens(4).text()? + "\n");
    Ok(())
}

#[test]
fn token_ids_in_a_file_are_an_input_too() -> nnsight::models::Result<()> {
    let lm = lm();
    let graph = lm.plan(EIFFEL, |m| m.lm_head.output.get().save())?.graph();
    let ids = lm.token_ids(EIFFEL)?.into_data().convert::<i64>();
    let view =
        safetensors::tensor::TensorView::new(Dtype::I64, ids.shape().to_vec(), ids.bytes()).expect("ids");
    let input = directory("ids").join("input.safetensors");
    safetensors::serialize_to_file([("input", view)], None, &input).expect("written");
    let file = traced("ids", &graph, &["--input", &input.display().to_string()]);
    let logits = trace!(lm, EIFFEL, |m: Gpt2| m.lm_head.output.save())?;
    assert_same(&file, "lm_head.output", Dtype::F32, logits);
    Ok(())
}

#[test]
fn each_prompt_is_an_invoke_and_generations_have_their_steps() -> nnsight::models::Result<()> {
    let lm = lm();
    let graph = plan!(lm, |t: Gpt2| {
        let (source, base) = (t.invoke(COLOSSEUM), t.invoke(EIFFEL));
        base.transformer.h[3].output[.., -1] = source.transformer.h[3].output[.., -1];
        base.lm_head.output.save()
    })?;
    assert!(!lm.is_dispatched());
    let file = traced(
        "invokes",
        &graph.graph(),
        &["--prompt", COLOSSEUM, "--prompt", EIFFEL],
    );
    let patched = trace!(lm, |t: Gpt2| {
        let (source, base) = (t.invoke(COLOSSEUM), t.invoke(EIFFEL));
        base.transformer.h[3].output[.., -1] = source.transformer.h[3].output[.., -1];
        base.lm_head.output.save()
    })?;
    assert_same(&file, "lm_head.output of invoke 2", Dtype::F32, patched);

    let graph = plan!(lm.generate(EIFFEL).max_new_tokens(9), |m: Gpt2| {
        m.transformer.h[0].mlp.output.every_step() = 0.0;
        (m.lm_head.next().output.save(), m.generator.output.save())
    })?;
    let file = traced(
        "steps",
        &graph.graph(),
        &["--prompt", EIFFEL, "--max-new-tokens", "3"],
    );
    let (second, tokens) = trace!(lm.generate(EIFFEL).max_new_tokens(3), |m: Gpt2| {
        m.transformer.h[0].mlp.output.every_step() = 0.0;
        (m.lm_head.next().output.save(), m.generator.output.save())
    })?;
    assert_same(&file, "lm_head.output (call 1)", Dtype::F32, second);
    assert_same(&file, "generator.output", Dtype::I32, tokens);

    let graph = plan!(lm.generate_each().max_new_tokens(2).without_cache(), |t: Gpt2| {
        let (a, b) = (t.invoke(COLOSSEUM), t.invoke(EIFFEL));
        (a.generator.output.save(), b.lm_head.next().output.save())
    })?;
    let file = traced(
        "steps of two",
        &graph.graph(),
        &["--prompt", COLOSSEUM, "--prompt", EIFFEL],
    );
    let (a, b) = trace!(lm.generate_each().max_new_tokens(2).without_cache(), |t: Gpt2| {
        let (a, b) = (t.invoke(COLOSSEUM), t.invoke(EIFFEL));
        (a.generator.output.save(), b.lm_head.next().output.save())
    })?;
    assert_same(&file, "generator.output of invoke 1", Dtype::I32, a);
    assert_same(&file, "lm_head.output (call 1) of invoke 2", Dtype::F32, b);
    Ok(())
}

#[test]
fn it_generates_what_the_library_generates() -> nnsight::models::Result<()> {
    let lm = lm();
    let greedy = printed(&["generate", FACTS, EIFFEL, "--max-new-tokens", "4"]);
    assert_eq!(greedy, lm.generate(EIFFEL).max_new_tokens(4).text()? + "\n");
    assert!(
        greedy.starts_with("The Eiffel Tower is in the city of Paris"),
        "{greedy}"
    );
    let options = [
        "--temperature",
        "1.5",
        "--top-k",
        "40",
        "--top-p",
        "0.95",
        "--seed",
        "3",
        "--stream",
    ];
    let mut arguments = vec!["generate", FACTS, EIFFEL, "--max-new-tokens", "12"];
    arguments.extend(options);
    let drawn = lm
        .generate(EIFFEL)
        .max_new_tokens(12)
        .temperature(1.5)
        .top_k(40)
        .top_p(0.95)
        .seed(3);
    assert_eq!(printed(&arguments), drawn.text()? + "\n");
    Ok(())
}

#[test]
fn forward_passes_are_timed_alone_and_under_a_trace() {
    let table = printed(&["bench", FACTS, "--prompt", EIFFEL, "--rounds", "3"]);
    let lines: Vec<&str> = table.lines().collect();
    assert!(
        lines[1].starts_with("forward pass, no trace") && lines[1].contains("s to "),
        "{table}"
    );
    assert!(
        lines[2].starts_with("trace that saves the output") && lines[2].contains("s to "),
        "{table}"
    );
    assert!(lines[3].starts_with("ratio"), "{table}");
    assert_eq!(
        printed(&["devices"]).lines().next(),
        Some("cpu (the CPU, through flex)")
    );
}

#[test]
fn what_cannot_work_is_one_line() -> nnsight::models::Result<()> {
    let directory = directory("refused");
    let write = |name: &str, text: &str| {
        let file = directory.join(name);
        std::fs::write(&file, text).expect("written");
        file.display().to_string()
    };
    let graph = lm().plan(EIFFEL, |m| m.lm_head.output.get().save())?.graph();
    let text = serde_json::to_string(&graph).expect("it is data");
    let good = write("good.json", &text);
    let old = write("old.json", &text.replace("\"version\":3", "\"version\":2"));
    let unknown = write(
        "unknown.json",
        &text.replace("\"invokes\":", "\"priority\":1,\"invokes\":"),
    );
    let cut = write("cut.json", &text[..text.len() / 2]);
    let other: LanguageModel<tiny::Gpt2> = LanguageModel::from_pretrained(TINY)?;
    let other = other.plan([1i64, 2], |m| m.lm_head.output.get().save())?.graph();
    let other = write("other.json", &serde_json::to_string(&other).expect("it is data"));
    let cases: [(&[&str], &str); 11] = [
        (
            &["tree", "no/such/model/here"],
            "`no/such/model/here` is not a directory, and cannot be the name of",
        ),
        (
            &["tree", TINY],
            "describes a gpt2 of a size that is not published, and this program has no type for it; make a program of \
             your own that has: `nnsight::main!` with the type that `gpt2_config!` makes of the file",
        ),
        (&["tree", FACTS, "--device", "abacus"], "`abacus`"),
        (
            &["trace", FACTS, "no/such/graph.json"],
            "cannot read `no/such/graph.json`: No such file",
        ),
        (
            &["trace", FACTS, &old, "--prompt", EIFFEL],
            "a graph of version 2, and this program reads version 3",
        ),
        (
            &["trace", FACTS, &unknown, "--prompt", EIFFEL],
            "unknown field `priority`",
        ),
        (
            &["trace", FACTS, &cut, "--prompt", EIFFEL],
            "cut.json` is not a graph of version 3",
        ),
        (
            &["trace", FACTS, &other, "--prompt", EIFFEL],
            "this graph was written for another model: there lm_head takes (Batch, Seq, Hidden = 48), here it takes \
             (Batch, Seq, Hidden = 128)",
        ),
        (
            &["trace", FACTS, &good],
            "one input wanted, 0 given: give each with --prompt TEXT or --input FILE",
        ),
        (
            &["trace", FACTS, &good, "--prompt", EIFFEL, "--max-new-tokens", "2"],
            "this graph is of one forward pass and generates nothing: leave --max-new-tokens away",
        ),
        (&["generate", FACTS, EIFFEL, "--top-k", "0"], "top_k is 0, wanted"),
    ];
    for (arguments, message) in cases {
        let line = refused(arguments);
        assert!(line.contains(message), "{arguments:?}: {line}");
    }
    Ok(())
}

/// A graph of the facts model that saves its output.
fn output_graph() -> nnsight::models::Result<String> {
    let graph = lm().plan(EIFFEL, |m| m.lm_head.output.get().save())?.graph();
    Ok(serde_json::to_string(&graph).expect("it is data"))
}

#[test]
#[cfg(unix)]
fn what_tensors_are_written_to_is_written_in_place() -> nnsight::models::Result<()> {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
    let directory = directory("in_place");
    let path = |name: &str| directory.join(name).display().to_string();
    let graph = path("graph.json");
    std::fs::write(&graph, output_graph()?).expect("written");
    let (target, link, locked, new) = (path("target"), path("link"), path("locked"), path("new"));
    for file in [&target, &link, &locked, &new] {
        drop(std::fs::remove_file(file));
    }
    let trace =
        |output: &str| ["trace", FACTS, &graph, "--prompt", EIFFEL, "--output", output].map(str::to_owned);
    let printed = |output: &str| printed(&trace(output).each_ref().map(String::as_str));
    let refused = |output: &str| refused(&trace(output).each_ref().map(String::as_str));

    std::fs::write(&target, "x".repeat(1 << 20)).expect("written");
    std::fs::set_permissions(&target, PermissionsExt::from_mode(0o640)).expect("it is ours");
    symlink(&target, &link).expect("a link");
    printed(&link);
    assert!(
        std::fs::symlink_metadata(&link)
            .expect("it is there")
            .is_symlink()
    );
    let written = std::fs::read(&target).expect("it is there");
    assert!(safetensors::SafeTensors::deserialize(&written).is_ok());
    let mode = std::fs::metadata(&target)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);

    std::fs::write(&locked, "as it was").expect("written");
    std::fs::set_permissions(&locked, PermissionsExt::from_mode(0o444)).expect("it is ours");
    assert!(refused(&locked).starts_with(&format!("cannot write `{locked}`: permission denied")));
    assert_eq!(
        std::fs::read_to_string(&locked).expect("it is there"),
        "as it was"
    );

    if Path::new("/dev/full").exists() {
        assert!(
            nnsight(&trace("/dev/full").each_ref().map(String::as_str))
                .stderr
                .starts_with(b"error: cannot write `/dev/full`: No space left")
        );
        let kind = std::fs::metadata("/dev/full").expect("it is there").file_type();
        assert!(kind.is_char_device());
    }
    // A run that fails leaves no file behind.
    let broken = path("broken.json");
    let text = output_graph()?.replace("\"Save\"", "\"Backward\"");
    std::fs::write(&broken, text).expect("written");
    let line = self::refused(&["trace", FACTS, &broken, "--prompt", EIFFEL, "--output", &new]);
    assert!(
        line.starts_with("node 1 of the graph is broken: it differentiates node 0"),
        "{line}"
    );
    assert!(!Path::new(&new).exists());
    Ok(())
}

#[test]
fn token_ids_beyond_32_bits_are_an_error_that_names_the_tensor() -> nnsight::models::Result<()> {
    use safetensors::{Dtype, tensor::TensorView};
    let directory = directory("large_ids");
    let (graph, ids) = (directory.join("graph.json"), directory.join("ids.safetensors"));
    std::fs::write(&graph, output_graph()?).expect("written");
    let cases = [
        (Dtype::I64, (1u64 << 32) + 48, "4294967344"),
        (Dtype::I64, i64::MAX as u64, "9223372036854775807"),
        (Dtype::U64, u64::MAX, "18446744073709551615"),
    ];
    for (dtype, id, shown) in cases {
        let bytes = id.to_le_bytes();
        let view = TensorView::new(dtype, vec![1, 1], &bytes).expect("one id");
        safetensors::serialize_to_file([("input", view)], None, &ids).expect("written");
        let (graph, ids) = (graph.display().to_string(), ids.display().to_string());
        let line = refused(&["trace", FACTS, &graph, "--input", &ids]);
        assert!(
            line.starts_with("the tensor `input` of `") && line.contains(shown),
            "{line}"
        );
    }
    Ok(())
}

#[test]
fn a_directory_in_the_place_of_a_file_is_no_file() {
    let directory = directory("no_file");
    std::fs::create_dir_all(directory.join("config.json")).expect("a folder");
    let line = refused(&["tree", &directory.display().to_string()]);
    assert!(
        line.ends_with("config.json` is no file: a model's directory holds one of this name"),
        "{line}"
    );
    // A model that has all but its tokenizer.
    let directory = self::directory("no_tokenizer");
    for file in ["config.json", "model.safetensors"] {
        std::fs::copy(Path::new(FACTS).join(file), directory.join(file)).expect("copied");
    }
    std::fs::create_dir_all(directory.join("tokenizer.json")).expect("a folder");
    let line = refused(&["generate", &directory.display().to_string(), EIFFEL]);
    assert!(line.contains("tokenizer.json` is no file"), "{line}");
}

/// Graph files that no trace has written: each is one line, in no time.
#[test]
fn a_broken_graph_file_is_one_line() -> nnsight::models::Result<()> {
    let plan = lm().plan(EIFFEL, |m| {
        (
            m.transformer.h.at(1).output.get().save(),
            m.lm_head.output.get().save(),
        )
    })?;
    let whole: Value = serde_json::to_value(plan.graph()).expect("it is data");
    let (block, head) = (&whole["nodes"][0], &whole["nodes"][2]);
    let number = |read: &Value| read["kind"]["Get"]["module"].clone();
    let node = |kind: Value, inputs: &[usize]| json!({ "kind": kind, "inputs": inputs });
    let op = |op: Value, input: usize| node(json!({ "Op": op }), &[input]);
    let save = |input: usize| node(json!("Save"), &[input]);
    let no_port = node(
        json!({ "Fill": { "takes": [], "number": { "Int": 0 }, "site":
            { "module": number(head), "end": "Output", "port": 7, "call": 0, "invoke": 0 } } }),
        &[],
    );
    let argmax = json!({ "Reduce": ["ArgMax", 2] });
    let sum = json!({ "Reduce": ["Sum", null] });
    let gradient =
        |of: u32, backward: u32| node(json!({ "Gradient": { "of": of, "backward": backward } }), &[]);
    let cases = [
        (
            vec![no_port.clone(), save(0)],
            "it writes a tensor that its module does not have",
        ),
        (
            vec![no_port, head.clone(), save(1)],
            "it writes a tensor that its module does not have",
        ),
        (
            vec![
                head.clone(),
                op(argmax.clone(), 0),
                op(sum.clone(), 1),
                node(json!("Backward"), &[2]),
                block.clone(),
                gradient(4, 3),
                save(5),
            ],
            "a tensor of kind Int and sizes [1]: wanted one number of kind Float",
        ),
        (
            vec![
                head.clone(),
                op(sum, 0),
                node(json!("Backward"), &[1]),
                op(argmax.clone(), 0),
                gradient(3, 2),
                save(4),
            ],
            "a tensor of kind Int: only those of kind Float have one",
        ),
        (
            vec![
                head.clone(),
                node(json!({ "Call": number(block) }), &[0]),
                save(1),
            ],
            "transformer.h.1's input takes",
        ),
        (
            vec![
                head.clone(),
                op(argmax, 0),
                op(json!({ "OneHot": { "size": i32::MAX, "scalar": false } }), 1),
                save(2),
            ],
            "the result would have",
        ),
        (
            std::iter::once(head.clone())
                .chain((0..20_000).map(|_| save(0)))
                .collect(),
            "20000 saved values",
        ),
    ];
    let file = directory("broken_graphs").join("graph.json");
    for (nodes, message) in cases {
        let mut graph = whole.clone();
        graph["nodes"] = Value::Array(nodes);
        std::fs::write(&file, graph.to_string()).expect("written");
        let line = refused(&["trace", FACTS, &file.display().to_string(), "--prompt", EIFFEL]);
        assert!(line.contains(message), "{line}");
    }
    Ok(())
}
