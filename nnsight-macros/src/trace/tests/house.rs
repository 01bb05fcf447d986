//! The files of this folder: their imports go one way, and the names of methods that they know are the core's.

use super::super::vocabulary::{KNOWN_OF_MODULES, OF_MODULES, OF_VALUES, ON_PLACES, TO_PLACES, TO_SEVERAL};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn source(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            source(&path, found);
        } else if let Some(name) = path.file_stem() {
            let text = std::fs::read_to_string(&path).expect("a source file is text");
            found.push((name.to_string_lossy().into_owned(), text));
        }
    }
}

/// What each file of the folder imports of the others.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let mut files = Vec::new();
    source(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/trace"),
        &mut files,
    );
    files.retain(|(name, _)| name != "mod");
    let names: BTreeSet<String> = files.iter().map(|(name, _)| name.clone()).collect();
    let imports = files.into_iter().map(|(file, text)| {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let named = code.flat_map(|line| {
            line.split("super::")
                .skip(1)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        });
        let first = named.filter_map(|rest| {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            names.get(&rest[..end]).cloned()
        });
        (file.clone(), first.filter(|name| *name != file).collect())
    });
    imports.collect()
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

#[test]
fn no_more_than_three_files_import_each_other() {
    let imports = imports();
    assert!(
        imports.len() > 20 && imports["kind"].contains("scope"),
        "{imports:?}"
    );
    for file in imports.keys() {
        let circle: Vec<String> = reached(file, &imports)
            .into_iter()
            .filter(|other| reached(other, &imports).contains(file))
            .collect();
        assert!(circle.len() <= 3, "{circle:?} import each other");
    }
}

#[test]
fn the_methods_that_are_known_are_the_cores() {
    let mut files = Vec::new();
    source(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../nnsight-core/src"),
        &mut files,
    );
    // Written out, or a row of a table of operations: `softmax Softmax -> ..`, `sum sum_over Sum`.
    let mut methods = BTreeSet::new();
    for (_, text) in &files {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            let words: Vec<&str> = line
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|word| !word.is_empty())
                .collect();
            for (i, word) in words.iter().enumerate() {
                let is_row = words
                    .get(i + 1)
                    .is_some_and(|next| next.starts_with(char::is_uppercase) || next.ends_with("_over"));
                if is_row || i > 0 && words[i - 1] == "fn" {
                    methods.insert((*word).to_owned());
                }
            }
        }
    }
    // What a list of modules has by `IntoIterator`, and a handle by `Clone`.
    let of_traits = ["into_iter", "clone", "call", "iter"];
    let lists = [
        OF_VALUES,
        TO_PLACES,
        ON_PLACES,
        TO_SEVERAL,
        OF_MODULES,
        KNOWN_OF_MODULES,
    ];
    for name in lists.into_iter().flatten() {
        assert!(
            methods.contains(*name) || of_traits.contains(name),
            "the core has no method `{name}`"
        );
    }
}
