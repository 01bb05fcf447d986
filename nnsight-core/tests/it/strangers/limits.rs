//! Each limit, and the text of its error; what is read beside the nodes.

use super::*;
use nnsight::graph::Limits;

/// Nodes that save a site twice and a constant, and differentiate.
fn whole() -> String {
    let nodes = [
        get(0),
        save(0),
        op(r#"{"Reduce":["Sum",null]}"#, "0"),
        r#"{"kind":"Backward","inputs":[2]}"#.to_owned(),
        r#"{"kind":{"Gradient":{"of":0,"backward":3}},"inputs":[]}"#.to_owned(),
        save(4),
        r#"{"kind":{"Constant":0},"inputs":[]}"#.to_owned(),
        save(6),
    ];
    let constant = r#"[{"bytes":[0,0,128,63],"shape":[1],"dtype":"F32"}]"#;
    file(&format!("[{}]", nodes.join(",")), constant)
}

#[test]
fn every_limit_is_held_and_named() {
    let text = whole();
    let ample = Limits::default();
    let cases: [(Limits, &str); 8] = [
        (Limits { bytes: 10, ..ample }, "bytes of text"),
        (Limits { nodes: 7, ..ample }, "8 nodes"),
        (Limits { depth: 2, ..ample }, "3 nodes in a row"),
        (Limits { saves: 2, ..ample }, "3 saved values"),
        (Limits { losses: 0, ..ample }, "1 backward passes"),
        (
            Limits {
                constants: 0,
                ..ample
            },
            "1 constants",
        ),
        (
            Limits {
                constant_bytes: 3,
                ..ample
            },
            "4 bytes of constants",
        ),
        (Limits { steps: 4, ..ample }, "5 forward passes"),
    ];
    for (limits, what) in cases {
        let text = match limits.steps {
            4 => text.replace(r#""steps":null"#, r#""steps":{"most":5,"cached":false}"#),
            _ => text.clone(),
        };
        let error = Graph::read(text.as_bytes(), &limits).expect_err(what).to_string();
        assert!(
            error.contains(what) && error.contains("raise `Limits::"),
            "{error}"
        );
        if what != "bytes of text" {
            let trusted: Graph = serde_json::from_str(&text).expect("it is one");
            let replayed = tiny_net().trace(input(), |_| trusted.replay_within(&limits));
            assert_eq!(replayed.expect_err(what).to_string(), error);
        }
    }
    let graph = read(&text).expect("it is one");
    let small = Limits { work: 3, ..ample };
    let error = tiny_net()
        .trace(input(), |_| graph.replay_within(&small))
        .map(drop);
    assert!(error.is_ok(), "a sum of four numbers has one");
    // Two edits of one value, which two nodes give.
    let set = r#"{"kind":{"Set":{"site":{"module":2,"end":"Output","port":0,"call":0,"invoke":0},"takes":[]}},"inputs":[1]}"#;
    let twice = op(r#"{"Scalar":["Mul",{"Int":2}]}"#, "0");
    let nodes = [get(2), twice, set.to_owned(), set.to_owned(), get(0), save(4)];
    let edits = read(&file(&format!("[{}]", nodes.join(",")), "[]")).expect("it is one");
    for (order, fits) in [(3, false), (4, true)] {
        let limits = Limits { order, ..ample };
        let found = tiny_net().trace(input(), |_| edits.replay_within(&limits));
        match found {
            Ok(_) => assert!(fits),
            Err(error) => {
                assert!(!fits, "{error}");
                assert!(error.to_string().contains("4 nodes behind its edits"), "{error}");
            }
        }
    }
    let none = Limits { work: 0, ..ample };
    assert_eq!(
        said(
            tiny_net()
                .trace(input(), |_| graph.replay_within(&none))
                .map(drop)
        ),
        "a graph with 1 elements and products to compute, and at most 0 may be there: raise `Limits::work` to let it in"
    );
}

#[test]
fn what_is_no_graph_is_refused_when_it_is_read() {
    let text = whole();
    let said = |text: String| read(&text).expect_err("it is none").to_string();
    assert!(
        said(text.replacen(r#""1":{"path""#, r#""0":{"path""#, 1)).contains("module 0 is declared twice")
    );
    assert!(said(text.replace(r#""model""#, r#""version":3,"model""#)).contains("duplicate field `version`"));
    assert!(said(text.replace("[0,0,128,63]", "[0,0,128]")).contains("byte"));
    for open in ["[", r#"{"nodes":"#, r#"{"nodes":[{"kind":"#] {
        assert!(Graph::read(open.repeat(100_000).as_bytes(), &Limits::default()).is_err());
    }
    assert!(said(text[..text.len() / 2].to_owned()).contains("EOF"));
    assert!(Graph::read(b"\xff\xfe", &Limits::default()).is_err());
}

#[test]
fn constants_that_tensors_cannot_hold_are_refused_before_the_run() {
    let replay = |constant: &str| {
        let nodes = format!(r#"[{{"kind":{{"Constant":0}},"inputs":[]}},{}]"#, save(0));
        let graph = read(&file(&nodes, &format!("[{constant}]")))?;
        tiny_net().trace(input(), |_| graph.replay()).map(drop)
    };
    assert!(replay(r#"{"bytes":[1],"shape":[1],"dtype":{"Bool":"Native"}}"#).is_ok());
    assert_eq!(
        said(replay(r#"{"bytes":[2],"shape":[1],"dtype":{"Bool":"Native"}}"#)),
        "data of type Bool(Native) hold 2, and tensors hold 0 or 1"
    );
    assert_eq!(
        said(replay(r#"{"bytes":[0,0,0,0,1,0,0,0],"shape":[1],"dtype":"I64"}"#)),
        "data of type I64 hold 4294967296, and tensors hold whole numbers of 32 bits"
    );
    assert!(said(replay(r#"{"bytes":[1],"shape":[],"dtype":"U8"}"#)).contains("one to six axes"));
    assert!(
        said(replay(r#"{"bytes":[1],"shape":[1,1,1,1,1,1,1],"dtype":"U8"}"#)).contains("one to six axes")
    );
    assert!(replay(r#"{"bytes":[],"shape":[4294967296,4294967296,4294967296],"dtype":"F32"}"#).is_err());
}

#[test]
fn what_gives_no_tensor_is_no_input() {
    let fill = r#"{"kind":{"Fill":{"site":{"module":1,"end":"Output","port":0,"call":0,"invoke":0},"takes":[],"number":{"Int":0}}},"inputs":[]}"#;
    assert_eq!(
        refused(&[fill.to_owned(), save(0)]),
        "node 1 of the graph is broken: it needs the tensor of node 0, a Fill, which gives none"
    );
    let indexed = fill.replace(r#""takes":[]"#, r#""takes":["All","All","All"]"#);
    assert_eq!(
        refused(&[indexed, get(0), save(1)]),
        "node 0 of the graph is broken: it indexes 3 axes of [2, 3]"
    );
    assert_eq!(
        refused(&[r#"{"kind":{"Generated":0},"inputs":[]}"#.to_owned(), save(0)]),
        "node 0 of the graph is broken: it reads what was generated, and this trace generates nothing"
    );
}
