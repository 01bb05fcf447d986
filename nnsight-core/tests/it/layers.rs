//! The floors of the core: a file imports what stands on its floor or below. `CONTRIBUTING.md` says what stands where.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// From the ground up.
const FLOORS: [&str; 14] = [
    "say", "shapes", "error", "tensor", "device", "tree", "ops", "graph", "plan", "write", "values",
    "results", "run", "model",
];

/// The imports that still go up, file and floor. Each is to be cut; none is to be added.
const KNOTS: &[(&str, &str)] = &[
    ("error", "device"),
    ("error", "ops"),
    ("results/collect", "run"),
    ("run/machine", "model"),
    ("shapes/shape", "tensor"),
    ("tensor/tap", "run"),
    ("tree/boundary", "values"),
    ("tree/boundary", "write"),
    ("tree/check", "values"),
    ("tree/module", "write"),
    ("values/grad", "results"),
    ("write/replay", "results"),
];

/// The paths after `crate::` in a file, its own tests left out; groups are taken apart.
fn paths(text: &str) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code: String = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(group) = rest.strip_prefix('{') {
            // `use crate::{a::X, b::Y};`: a floor begins wherever the depth is one.
            let mut depth = 1;
            let mut name = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 1 && c != ',' && !c.is_whitespace() {
                    name.push(c);
                } else if depth <= 1 {
                    found.insert(std::mem::take(&mut name));
                }
                if depth == 0 {
                    break;
                }
            }
            found.insert(name);
        } else {
            let path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            found.insert(rest.chars().take_while(|&c| path(c)).collect());
        }
    }
    found.remove("");
    found
}

fn sources(folder: &Path, root: &Path, into: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, root, into);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let name = path
                .strip_prefix(root)
                .expect("below the root")
                .with_extension("");
            let name = name.to_string_lossy().replace('\\', "/");
            into.insert(name, fs::read_to_string(&path).expect("a source"));
        }
    }
}

fn floor(path: &str) -> Option<usize> {
    let first = path.split(['/', ':']).next().unwrap_or_default();
    FLOORS.iter().position(|&floor| floor == first)
}

/// File and floor, where the floor is above the file's.
fn upwards(files: &BTreeMap<String, String>) -> BTreeSet<(String, &'static str)> {
    let mut found = BTreeSet::new();
    for (file, text) in files {
        let Some(own) = floor(file) else { continue };
        let above = paths(text)
            .iter()
            .filter_map(|path| floor(path))
            .filter(|&at| at > own)
            .collect::<Vec<_>>();
        found.extend(above.into_iter().map(|at| (file.clone(), FLOORS[at])));
    }
    found
}

pub(crate) fn core() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeMap::new();
    sources(&root, &root, &mut files);
    files
}

#[test]
fn imports_go_down_but_for_the_knots_that_are_known() {
    let found = upwards(&core());
    let known: BTreeSet<_> = KNOTS.iter().map(|&(file, to)| (file.to_owned(), to)).collect();
    let new: Vec<_> = found.difference(&known).collect();
    assert!(new.is_empty(), "these imports go up, file and floor: {new:#?}");
    let cut: Vec<_> = known.difference(&found).collect();
    assert!(cut.is_empty(), "these are cut, take them off the list: {cut:#?}");
}

#[test]
fn every_folder_is_a_floor() {
    // Burn's modules use all of it; what the macros write does too.
    let beside = ["leaves", "lib", "__private"];
    let files = core();
    let lost: Vec<_> = files
        .keys()
        .filter(|file| floor(file).is_none() && !beside.contains(&file.split('/').next().unwrap_or_default()))
        .collect();
    assert!(lost.is_empty(), "these files stand on no floor: {lost:#?}");
}

#[test]
fn an_import_that_goes_up_is_found() {
    let texts = [
        (
            "shapes/up",
            "use crate::{shapes::axes::Axis, model::{NnSight, edits::Edits}};",
        ),
        ("tree/inline", "fn f(x: &crate::plan::Plan) {}"),
        (
            "graph/down",
            "use crate::shapes::shape::Shape; // crate::model::NnSight",
        ),
    ];
    let files = texts
        .map(|(file, text)| (file.to_owned(), text.to_owned()))
        .into();
    let expected = [
        ("shapes/up".to_owned(), "model"),
        ("tree/inline".to_owned(), "plan"),
    ]
    .into();
    assert_eq!(upwards(&files), expected);
}
