//! `docs/operations.md` tells what is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn core() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The words of a text that are names of functions in Rust.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    text.split(ends).filter(|word| !word.is_empty())
}

/// The rows of the table: PyTorch and Burn, and here.
fn table() -> Vec<(String, String)> {
    let text = read(&core().join("../docs/operations.md")).replace("\\|", "/");
    let rows = text.lines().filter(|line| line.starts_with("| "));
    let cells = rows.map(|row| row.split('|').map(str::to_owned).collect::<Vec<_>>());
    let rows = cells.skip(1).map(|cells| {
        assert_eq!(cells.len(), 5, "a row has three cells: {cells:?}");
        (format!("{} {}", cells[1], cells[2]), cells[3].clone())
    });
    rows.collect()
}

/// What values and sites can do, by the sources: functions, and the rows of the macros that make them
/// (`"The sum" sum sum_over Sum;`, `exp Exp() => ..`).
fn methods() -> BTreeSet<String> {
    let src = core().join("src");
    let folders = ["ops", "values/ops"].map(|name| std::fs::read_dir(src.join(name)));
    let ops = folders
        .into_iter()
        .flat_map(|folder| folder.expect("the operations are there"));
    let mut files: Vec<PathBuf> = ops.map(|file| file.expect("a file").path()).collect();
    files.extend(["value.rs", "site.rs", "together.rs"].map(|name| src.join("values").join(name)));
    let mut methods = BTreeSet::new();
    for file in files {
        for line in read(&file).lines().map(str::trim_start) {
            if let Some((_, rest)) = line.split_once("fn ") {
                methods.extend(words(rest).next().map(str::to_owned));
            } else if line.ends_with(';') && !line.starts_with("//") {
                let row = line.rsplit('"').next().unwrap_or(line);
                let names = row.split_whitespace().take_while(|word| {
                    word.chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
                });
                let names: Vec<&str> = names.collect();
                let next = row.split_whitespace().nth(names.len()).unwrap_or("");
                if next.starts_with(|c: char| c.is_ascii_uppercase()) {
                    methods.extend(names.into_iter().map(str::to_owned));
                }
            }
        }
    }
    methods
}

#[test]
fn every_name_of_the_list_exists() {
    let methods = methods();
    let mut count = 0;
    for (_, here) in table() {
        for call in here.split('`').skip(1).step_by(2) {
            // `.name(`, `.name::<`, `Value::name(`
            for (at, _) in call.match_indices(['.', ':']) {
                let after = &call[at + 1..];
                let name = words(after).next().filter(|name| after.starts_with(name));
                let Some(name) = name else { continue };
                let follows = &after[name.len()..];
                let is_call = follows.starts_with('(') || follows.starts_with("::<");
                if is_call && name.starts_with(|c: char| c.is_ascii_lowercase()) {
                    assert!(
                        methods.contains(name),
                        "`{name}` of `{call}` is no method of a value"
                    );
                    count += 1;
                }
            }
        }
    }
    assert!(count > 70, "{count} calls are not the whole list");
}

/// Who guesses a name is sent to the list, so it is there.
#[test]
fn every_guess_is_in_the_list() {
    let guesses = read(&core().join("src/values/guesses.rs"));
    let rows = guesses.lines().map(str::trim_start);
    let rows = rows.filter(|row| row.ends_with("\";") && row.contains('('));
    let names: Vec<&str> = rows.filter_map(|row| row.split('(').next()).collect();
    assert!(names.len() > 25, "{names:?}");
    let elsewhere: Vec<(String, String)> = table();
    for name in names {
        let is_there = elsewhere
            .iter()
            .any(|(names, _)| words(names).any(|word| word == name));
        assert!(is_there, "`{name}` is missing from docs/operations.md");
    }
}
