//! The floors of the core: a file imports what stands on its floor or below, and no files import each other in a
//! circle. `CONTRIBUTING.md` says what stands where.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// From the ground up. A file's own name comes before its folder's.
const FLOORS: [&str; 18] = [
    "say",
    "shapes",
    "device/name",
    "error",
    "tensor",
    "shapes/shape",
    "shapes/index",
    "device",
    "tree",
    "ops",
    "graph",
    "plan",
    "write",
    "values",
    "results",
    "jobs",
    "run",
    "model",
];

/// Burn's modules use all of the floors, and what the macros write does too.
const BESIDE: [&str; 3] = ["leaves", "lib", "__private"];

/// The imports that still go up, file and floor. Each is to be cut; none is to be added.
const KNOTS: &[(&str, &str)] = &[];

/// The files that still import each other in circles: none. None is to be added.
const CIRCLES: &[&[&str]] = &[];

/// The sources by their names, as `tree/order`, without comments and their own tests.
type Sources = BTreeMap<String, String>;

fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod").next().unwrap_or_default();
    let lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// `a::{b, c::D}` as `[a, b]` and `[a, c, D]`.
fn expand(tree: &str, before: &[String], into: &mut Vec<Vec<String>>) {
    let tree = tree.split(" as ").next().unwrap_or_default().trim();
    let Some((start, group)) = tree.split_once('{') else {
        let names = tree.split("::").map(|name| name.trim().to_owned());
        let path: Vec<String> = before
            .iter()
            .cloned()
            .chain(names.filter(|name| !name.is_empty()))
            .collect();
        return into.push(path);
    };
    let names = start.split("::").map(|name| name.trim().to_owned());
    let before: Vec<String> = before
        .iter()
        .cloned()
        .chain(names.filter(|name| !name.is_empty()))
        .collect();
    let (mut depth, mut part) = (0, String::new());
    for c in group.chars() {
        match c {
            ',' | '}' if depth == 0 => {
                if !part.trim().is_empty() {
                    expand(&part, &before, into);
                }
                part.clear();
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        part.push(c);
    }
}

/// The paths of a file's `use`s, and those that it writes out. Those that it gives on are the `public` ones.
fn paths(code: &str, public: bool) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for statement in code.split(';') {
        let mut rest = statement;
        if let Some(at) = statement.rfind("use ") {
            let (before, tree) = (&statement[..at], &statement[at + 4..]);
            let is_tree = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_:{},*".contains(c);
            if tree.chars().all(is_tree) && !before.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                let gives_on = before.trim_end().ends_with("pub") || before.trim_end().ends_with(')');
                if gives_on || !public {
                    expand(tree, &[], &mut found);
                }
                rest = before;
            }
        }
        if !public {
            let ends = |c: char| !(c.is_alphanumeric() || c == '_' || c == ':');
            let inline = rest.split("crate::").skip(1);
            let inline = inline.map(|path| path.split(ends).next().unwrap_or_default());
            inline.for_each(|path| expand(&format!("crate::{path}"), &[], &mut found));
        }
    }
    found
}

/// Where a file is among the modules.
fn module(file: &str) -> Vec<String> {
    let mut path: Vec<String> = file.split('/').map(str::to_owned).collect();
    if path.last().is_some_and(|name| name == "mod" || name == "lib") {
        path.pop();
    }
    path
}

fn file_of(module: &[String], sources: &Sources) -> Option<String> {
    let name = module.join("/");
    let names = [format!("{name}/mod"), name.clone(), "lib".to_owned()];
    let names = names.into_iter().filter(|file| file != "lib" || name.is_empty());
    names.into_iter().find(|file| sources.contains_key(file))
}

/// The file in which what a path names is written; what is given on is looked for where it comes from.
fn resolve(file: &str, path: &[String], sources: &Sources, depth: usize) -> Option<String> {
    let mut at = module(file);
    let mut rest = path;
    match path.first().map(String::as_str)? {
        "crate" => (at, rest) = (Vec::new(), &path[1..]),
        "self" => rest = &path[1..],
        "super" => {
            while rest.first().is_some_and(|name| name == "super") {
                at.pop();
                rest = &rest[1..];
            }
        }
        // A module of the file's own, or another crate.
        first => {
            let child: Vec<String> = at.iter().cloned().chain([first.to_owned()]).collect();
            file_of(&child, sources)?;
        }
    }
    while let Some(name) = rest.first() {
        let child: Vec<String> = at.iter().cloned().chain([name.clone()]).collect();
        if file_of(&child, sources).is_none() {
            break;
        }
        (at, rest) = (child, &rest[1..]);
    }
    let found = file_of(&at, sources)?;
    let given_on = |name: &String| {
        let paths = paths(&sources[&found], true).into_iter();
        let mut paths = paths.filter(|path| path.last() == Some(name));
        paths.find_map(|path| resolve(&found, &path, sources, depth + 1))
    };
    match rest.first() {
        Some(name) if depth < 4 => given_on(name).or(Some(found)),
        _ => Some(found),
    }
}

fn imports(sources: &Sources) -> BTreeMap<String, BTreeSet<String>> {
    let of = |file: &String, code: &String| -> BTreeSet<String> {
        let paths = paths(code, false).into_iter();
        let found = paths.filter_map(|path| resolve(file, &path, sources, 0));
        found.filter(|found| found != file).collect()
    };
    let files = sources.iter().filter(|(file, _)| *file != "lib");
    files.map(|(file, code)| (file.clone(), of(file, code))).collect()
}

fn floor(file: &str) -> Option<usize> {
    let own = FLOORS.iter().position(|&floor| floor == file);
    own.or_else(|| {
        FLOORS
            .iter()
            .position(|&floor| file.split('/').next() == Some(floor))
    })
}

/// File and floor, where the floor is above the file's, or nothing below uses what stands there.
fn upwards(sources: &Sources) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (file, imports) in imports(sources) {
        let Some(own) = floor(&file) else { continue };
        for import in imports {
            match floor(&import) {
                Some(at) if at <= own => {}
                Some(at) => drop(found.insert((file.clone(), FLOORS[at].to_owned()))),
                None => drop(found.insert((file.clone(), import))),
            }
        }
    }
    found
}

fn reached(from: &str, imports: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
    while let Some(file) = open.pop() {
        for next in imports.get(&file).into_iter().flatten() {
            if seen.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    seen
}

fn circles(sources: &Sources) -> BTreeSet<Vec<String>> {
    let imports = imports(sources);
    let ways: BTreeMap<&String, BTreeSet<String>> = imports
        .keys()
        .map(|file| (file, reached(file, &imports)))
        .collect();
    let circle = |file: &String| -> Vec<String> {
        let all = ways[file].iter();
        all.filter(|other| ways.get(other).is_some_and(|way| way.contains(file)))
            .cloned()
            .collect()
    };
    imports
        .keys()
        .map(circle)
        .filter(|circle| circle.len() > 1)
        .collect()
}

fn read(folder: &Path, root: &Path, into: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read(&path, root, into);
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

/// The texts of the core's files.
pub(crate) fn core() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeMap::new();
    read(&root, &root, &mut files);
    files
}

fn sources() -> Sources {
    core()
        .into_iter()
        .map(|(file, text)| (file, code(&text)))
        .collect()
}

#[test]
fn imports_go_down_but_for_the_knots_that_are_known() {
    let found = upwards(&sources());
    let known: BTreeSet<_> = KNOTS
        .iter()
        .map(|&(file, to)| (file.to_owned(), to.to_owned()))
        .collect();
    let new: Vec<_> = found.difference(&known).collect();
    assert!(new.is_empty(), "these imports go up, file and floor: {new:#?}");
    let cut: Vec<_> = known.difference(&found).collect();
    assert!(cut.is_empty(), "these are cut, take them off the list: {cut:#?}");
}

#[test]
fn no_files_import_each_other_but_in_the_circles_that_are_known() {
    let found = circles(&sources());
    let known = |circle: &&[&str]| circle.iter().map(|&file| file.to_owned()).collect();
    let known: BTreeSet<Vec<String>> = CIRCLES.iter().map(known).collect();
    assert_eq!(
        found, known,
        "the circles that are there, and those that are known"
    );
}

#[test]
fn every_folder_is_a_floor() {
    let files = core();
    let is_beside = |file: &&String| BESIDE.contains(&file.split('/').next().unwrap_or_default());
    let lost: Vec<_> = files
        .keys()
        .filter(|file| floor(file).is_none() && !is_beside(file))
        .collect();
    assert!(lost.is_empty(), "these files stand on no floor: {lost:#?}");
}

fn example() -> Sources {
    let texts = [
        (
            "shapes/axes",
            "use crate::{shapes::dims::{Dims, Sizes}, model::{NnSight, edits::Edits}};",
        ),
        ("shapes/mod", "pub mod axes; pub mod dims;"),
        ("shapes/dims", "use super::axes::Axis;"),
        ("tree/mod", "pub mod order;\npub use order::Order;"),
        (
            "tree/order",
            "fn f(x: &crate::plan::Plan) {} use crate::tree::Order;",
        ),
        ("graph/mod", "use crate::tree::Order; // crate::model::NnSight"),
        ("plan/mod", "use crate::leaves::Linear; use crate::graph;"),
        ("leaves/mod", "use crate::model::NnSight;"),
        (
            "model/mod",
            "mod edits; use self::edits::Edits; use burn::tensor::Tensor;",
        ),
        ("model/edits", ""),
    ];
    texts
        .into_iter()
        .map(|(file, text)| (file.to_owned(), code(text)))
        .collect()
}

#[test]
fn an_import_that_goes_up_is_found() {
    let expected = [
        ("shapes/axes", "model"),
        ("tree/order", "plan"),
        ("plan/mod", "leaves/mod"),
    ];
    let expected = expected.map(|(file, to)| (file.to_owned(), to.to_owned())).into();
    assert_eq!(upwards(&example()), expected);
}

#[test]
fn a_circle_is_found() {
    let expected = [
        vec!["graph/mod", "plan/mod", "tree/order"],
        vec!["shapes/axes", "shapes/dims"],
    ];
    let expected = expected.map(|circle| circle.into_iter().map(str::to_owned).collect::<Vec<_>>());
    assert_eq!(circles(&example()), expected.into());
}
