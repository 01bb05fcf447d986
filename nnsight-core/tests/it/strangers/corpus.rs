//! Valid files that mutations start from: what traces of the zoo write, and operations by hand.
//!
//! `NNSIGHT_WRITE_CORPUS=1 cargo test -p nnsight-core --test it -- corpus` writes them anew.

use super::zoo::net::{self, Hidden, Zoo};
use super::zoo::{Outcome, outcome};
use super::{file, get, op, save};
use crate::support::*;
use nnsight::driving::Planned;
use nnsight::graph::{Graph, Steps};
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/strangers/corpus")
}

/// The committed files, by name.
pub fn files() -> Vec<(String, String)> {
    let entries = std::fs::read_dir(folder()).expect("the corpus is there");
    let mut files: Vec<(String, String)> = entries
        .map(|entry| entry.expect("it can be read").path())
        .map(|path| {
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).expect("it is text"))
        })
        .collect();
    files.sort();
    files
}

/// What traces write today.
fn written() -> nnsight::Result<Vec<(&'static str, Graph)>> {
    let (zoo, sae) = NnSight::new(net::zoo()).attach("sae", net::sae())?;
    let plan = |body: &dyn Fn(Sites<Zoo>)| -> nnsight::Result<Graph> { Ok(zoo.plan(input(), body)?.graph()) };
    let mut graphs = vec![
        (
            "sites.json",
            plan(&|m| {
                m.layer1.output.set_at((.., 0), 1.0);
                m.layer2.input.set(m.layer1.output.get() * 2.0);
                m.split
                    .output
                    .0
                    .set_at((0, ..), m.layer1.output.get().at((1, ..)));
                let _ = (m.output.get().save(), m.layer2.input.get().try_save());
            })?,
        ),
        (
            "functions.json",
            plan(&|m| {
                let h = m.layer1.output.get();
                let mask = h.gt(2.0);
                let parts = (h.softmax(Hidden) + h.cumsum(Hidden).relu())
                    .clamp(0.0, 9.0)
                    .powi(2);
                let winner = h.argmax(Hidden);
                let _ = (
                    parts.mask_fill(mask, -1.0).save(),
                    winner.one_hot(Hidden).save(),
                    h.pick(Hidden, winner).save(),
                    h.select(Hidden, [0, -1]).save(),
                    h.with_at((.., 1), 0.0).normal_like(3, 0.0, 1.0).save(),
                    h.cast::<Int>().full_like(4i64).save(),
                    h.argsort(Hidden).save(),
                );
            })?,
        ),
        (
            "calls.json",
            plan(&|m| {
                let given = Tensor::<2>::ones([2, 3], &Device::flex());
                let (a, b) = m.split.call(m.layer1.output.get() * &given);
                let _ = (m.layer2.call(a + b).save(), b.save());
            })?,
        ),
        (
            "gradients.json",
            plan(&|m| {
                let loss = m.output.get().sum();
                loss.backward();
                m.layer1.output.grad().set_at((.., 0), 0.0);
                m.split.output.1.grad().set(m.split.output.1.grad().get() * 2.0);
                let _ = (
                    m.layer1.output.grad().get().save(),
                    m.layer1.weight.grad().get().save(),
                );
            })?,
        ),
        (
            "attached.json",
            plan(&|m| {
                let sae = m.attached(sae);
                let found = sae.call(m.layer1.output.get());
                sae.encoder.output.set(sae.encoder.output.get() * 3.0);
                m.layer2.input.set(found);
                let _ = (m.output.get().save(), sae.encoder.output.get().save());
            })?,
        ),
    ];
    let steps = Steps {
        most: 3,
        cached: true,
    };
    let generated = zoo.plan_driven::<_, Error>(
        Some(steps),
        || {
            let graph = Graph::of_output(zoo.tree());
            graph.replay()
        },
        || {
            Ok(Planned {
                windows: vec![],
                rehearse: Box::new(|_, _| Ok(())),
            })
        },
    )?;
    graphs.push(("steps.json", generated.graph()));
    Ok(graphs)
}

/// Operations, each on the tensors of the tiny network.
fn by_hand() -> Vec<(&'static str, String)> {
    let list = |nodes: &[String]| format!("[{}]", nodes.join(","));
    let shapes = [
        get(1),
        op(r#"{"Permute":[1,0]}"#, "0"),
        op(r#""Matmul""#, "0,1"),
        op(r#"{"Reshape":[3,null]}"#, "0"),
        op(r#"{"Rename":[2,null]}"#, "0"),
        op(r#"{"Expand":{"places":[1,2],"sizes":[4,2,null]}}"#, "0"),
        op(r#"{"Slice":[{"One":-1}]}"#, "0"),
        op(r#"{"ExpandAs":[1]}"#, "6,0"),
        op(r#"{"Cat":0}"#, "0,7"),
        op(r#"{"Stack":{"size":2,"scalars":false}}"#, "0,7"),
        op(r#"{"Slice":["All",{"Slice":{"start":0,"end":2}}]}"#, "0"),
        op(r#"{"Assign":["All",{"Slice":{"start":1,"end":null}}]}"#, "0,10"),
        op(r#"{"Reduce":["LogSumExp",0]}"#, "11"),
        op(r#"{"Reduce":["Var",null]}"#, "9"),
        save(2),
        save(3),
        save(4),
        save(5),
        save(8),
        save(12),
        save(13),
    ];
    let choices = [
        get(1),
        op(r#"{"TopK":{"dim":1,"k":2,"positions":true}}"#, "0"),
        op(r#"{"TopK":{"dim":1,"k":2,"positions":false}}"#, "0"),
        op(r#"{"Gather":1}"#, "0,1"),
        op(r#"{"Compare":"Ge"}"#, "3,2"),
        op(r#"{"CompareScalar":["Lt",{"Float":4611686018427387904}]}"#, "3"),
        op(r#"{"Logic":"Xor"}"#, "4,5"),
        op(r#""Not""#, "6"),
        op(r#""MaskWhere""#, "2,7,3"),
        op(r#"{"Reduce":["Any",1]}"#, "7"),
        op(r#"{"Along":["SortDescending",0]}"#, "8"),
        op(r#"{"Binary":"Div"}"#, "10,2"),
        op(r#"{"Take":{"dim":0,"positions":[1,1,-2]}}"#, "11"),
        r#"{"kind":{"Constant":0},"inputs":[]}"#.to_owned(),
        op(r#"{"Select":0}"#, "12,13"),
        op(r#"{"Numeric":"Abs"}"#, "14"),
        op(r#"{"Cast":"Bool"}"#, "15"),
        op(
            r#"{"Noise":{"seed":1,"law":{"Uniform":{"low":0.0,"high":1.0}}}}"#,
            "15",
        ),
        save(9),
        save(16),
        save(17),
    ];
    let positions = r#"[{"bytes":[1,0,0,0,0,0,0,0],"shape":[2],"dtype":"I32"}]"#;
    let invokes = |text: String| {
        let window = |start: usize| format!(r#"[{{"axis":"Batch","start":{start},"size":2}}]"#);
        text.replace(
            r#""invokes":[]"#,
            &format!(r#""invokes":[{},{}]"#, window(0), window(2)),
        )
    };
    let two = [
        get(1).replace(r#""invoke":0"#, r#""invoke":1"#),
        r#"{"kind":{"Set":{"site":{"module":1,"end":"Output","port":0,"call":0,"invoke":2},"takes":[]}},"inputs":[0]}"#
            .to_owned(),
        get(0).replace(r#""invoke":0"#, r#""invoke":2"#),
        save(2),
    ];
    vec![
        ("choices.json", file(&list(&choices), positions)),
        ("invokes.json", invokes(file(&list(&two), "[]"))),
        ("shapes.json", file(&list(&shapes), "[]")),
    ]
}

#[test]
fn the_corpus_is_what_is_written_today_and_runs() {
    let traced = written().expect("the traces can be planned");
    let traced = traced
        .into_iter()
        .map(|(name, graph)| (name, serde_json::to_string(&graph).expect("it is data")));
    let mut today: Vec<(&str, String)> = traced.chain(by_hand()).collect();
    today.sort();
    if std::env::var_os("NNSIGHT_WRITE_CORPUS").is_some() {
        std::fs::create_dir_all(folder()).expect("a folder");
        for (name, text) in &today {
            std::fs::write(folder().join(name), text).expect("written");
        }
    }
    let committed = files();
    assert_eq!(committed.len(), today.len());
    for ((name, text), (wanted, now)) in committed.iter().zip(&today) {
        assert_eq!((name.as_str(), text), (*wanted, now));
        let wanted = match name.as_str() {
            "steps.json" => Outcome::Planned,
            _ => Outcome::Run,
        };
        assert_eq!(outcome(text.as_bytes(), true), wanted, "{name}");
    }
}
