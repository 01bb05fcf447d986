//! An operation has two halves in two files of one name: what it is, in `ops`, and how it is written, in `values/ops`.

use super::layers::core;
use std::collections::{BTreeMap, BTreeSet};

/// Files of `ops` that hold no operations, but what several need.
const SHARED: [&str; 6] = ["error", "fits", "guard", "mod", "real", "scalar"];
/// Files of `values/ops` that write no operations of their own.
const ON_THE_RIGHT: [&str; 2] = ["mod", "operand"];

fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

fn words(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').collect()
}

/// The variants of the enums of a text. Enums that a macro writes have both halves from one table.
fn variants(text: &str) -> BTreeSet<String> {
    let code = code(text);
    let mut found = BTreeSet::new();
    for body in code.split("pub enum ").skip(1) {
        let body = body.split("\n}").next().unwrap_or_default();
        let lines = body.lines().skip(1).filter_map(|line| line.strip_prefix("    "));
        let named = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()));
        let name = |line: &str| {
            let end = line.find(|c: char| !c.is_alphanumeric()).unwrap_or(line.len());
            line[..end].to_owned()
        };
        found.extend(named.map(name));
    }
    found
}

/// What lacks its other half, in words.
fn lacking(files: &BTreeMap<String, String>) -> Vec<String> {
    let of = |folder: &str, but: &[&str]| -> BTreeMap<String, String> {
        let files = files.iter().filter_map(|(name, text)| {
            let name = name.strip_prefix(folder)?;
            Some((name.to_owned(), text.clone())).filter(|_| !but.contains(&name))
        });
        files.collect()
    };
    let (data, methods) = (of("ops/", &SHARED), of("values/ops/", &ON_THE_RIGHT));
    let mut found = Vec::new();
    for name in data.keys().filter(|name| !methods.contains_key(*name)) {
        found.push(format!("`ops/{name}.rs` has no `values/ops/{name}.rs`"));
    }
    for name in methods.keys().filter(|name| !data.contains_key(*name)) {
        found.push(format!("`values/ops/{name}.rs` has no `ops/{name}.rs`"));
    }
    for (name, text) in &data {
        let written = methods.get(name).map(|text| code(text)).unwrap_or_default();
        let written = words(&written);
        let missing = variants(text)
            .into_iter()
            .filter(|variant| !written.contains(variant.as_str()));
        found.extend(missing.map(|variant| format!("nothing in `values/ops/{name}.rs` writes `{variant}`")));
    }
    let all: String = methods.values().map(|text| code(text)).collect();
    let op = files.get("ops/mod").map_or("", |text| text.as_str());
    let missing = variants(op)
        .into_iter()
        .filter(|variant| !all.contains(&format!("Op::{variant}")));
    found.extend(missing.map(|variant| format!("nothing in `values/ops` writes `Op::{variant}`")));
    found
}

#[test]
fn every_operation_has_both_halves() {
    let files = core();
    assert!(
        variants(&files["ops/mod"]).len() > 30,
        "the variants of `Op` are read"
    );
    assert!(variants(&files["ops/reduce"]).contains("LogSumExp"));
    let lacking = lacking(&files);
    assert!(lacking.is_empty(), "{lacking:#?}");
}

#[test]
fn a_half_that_is_missing_is_found() {
    let files = [
        (
            "ops/mod",
            "pub enum Op {\n    /// Turns.\n    Turn(Turn),\n    Flip,\n}\n",
        ),
        ("ops/turn", "pub enum Turn {\n    Left,\n    Right,\n}\n"),
        ("ops/flip", ""),
        (
            "values/ops/turn",
            "fn left() { Op::Turn(Turn::Left) } // not Right, nor Op::Flip",
        ),
        ("values/ops/spin", ""),
    ];
    let files = files
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .into();
    let expected = [
        "`ops/flip.rs` has no `values/ops/flip.rs`",
        "`values/ops/spin.rs` has no `ops/spin.rs`",
        "nothing in `values/ops/turn.rs` writes `Right`",
        "nothing in `values/ops` writes `Op::Flip`",
    ];
    assert_eq!(lacking(&files), expected);
}
