//! Mutations of valid files: whatever a file holds, it ends in an error or in tensors, and soon.

use super::zoo::{Outcome, outcome};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

const FILES: usize = 100_000;
/// No file may take longer. On two cores shared by others most take less than a millisecond.
const LONGEST: Duration = Duration::from_secs(5);

/// A stream of numbers (splitmix64), the same in every run.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

/// Bytes changed, put in, left out, moved.
fn of_bytes(text: &[u8], random: &mut Random) -> Vec<u8> {
    let mut text = text.to_vec();
    for _ in 0..1 + random.below(4) {
        if text.is_empty() {
            break;
        }
        let at = random.below(text.len());
        match random.below(5) {
            0 => text[at] = random.next() as u8,
            1 => text.insert(at, random.of(b"0123456789-[]{},:\"eE.\x00")),
            2 => drop(text.remove(at)),
            3 => text[at] = random.of(b"0123456789"),
            _ => text.truncate(at.max(text.len() / 2)),
        }
    }
    text
}

/// Values replaced by others, parts of the file put in other places.
fn of_values(file: &Json, others: &[Json], random: &mut Random) -> Json {
    let mut file = file.clone();
    for _ in 0..1 + random.below(3) {
        let other = random.below(others.len());
        let donor = random.below(count(&others[other]));
        let donor = nth(&others[other], donor).cloned();
        let place = random.below(count(&file));
        let Some(place) = nth_mut(&mut file, place) else {
            continue;
        };
        let donor = donor.filter(|donor| std::mem::discriminant(donor) == std::mem::discriminant(place));
        *place = match (&mut *place, donor) {
            (Json::Number(_) | Json::Null, _) => number(random),
            (_, Some(donor)) if random.below(2) == 0 => donor,
            (Json::Array(items), _) if !items.is_empty() => {
                let at = random.below(items.len());
                let again = items[at].clone();
                match random.below(3) {
                    0 => drop(items.remove(at)),
                    1 => items.push(again),
                    _ => items.insert(0, again),
                }
                place.take()
            }
            (Json::String(_), _) => {
                let words = [
                    "Input", "Output", "Int", "Float", "Bool", "Sum", "", "layer2", "Add", "All",
                ];
                random.of(&words).into()
            }
            _ => place.take(),
        };
    }
    file
}

/// A number that is hard on who reads it, or a small one.
fn number(random: &mut Random) -> Json {
    match random.below(20) {
        0 => (-1).into(),
        1 => u32::MAX.into(),
        2 => (u64::from(u32::MAX) + 1).into(),
        3 => i64::MIN.into(),
        4 => i64::MAX.into(),
        5 => u64::MAX.into(),
        6 => 255.into(),
        7 => 65_535.into(),
        8 => f64::NAN.to_bits().into(),
        9 => f64::INFINITY.to_bits().into(),
        10 => Json::Null,
        _ => random.below(7).into(),
    }
}

fn count(json: &Json) -> usize {
    1 + match json {
        Json::Array(items) => items.iter().map(count).sum(),
        Json::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

fn nth(json: &Json, n: usize) -> Option<&Json> {
    let mut left = n;
    let mut open = vec![json];
    while let Some(json) = open.pop() {
        if left == 0 {
            return Some(json);
        }
        left -= 1;
        match json {
            Json::Array(items) => open.extend(items),
            Json::Object(fields) => open.extend(fields.values()),
            _ => {}
        }
    }
    None
}

fn nth_mut(json: &mut Json, n: usize) -> Option<&mut Json> {
    let mut left = n;
    let mut open = vec![json];
    while let Some(json) = open.pop() {
        if left == 0 {
            return Some(json);
        }
        left -= 1;
        match json {
            Json::Array(items) => open.extend(items),
            Json::Object(fields) => open.extend(fields.values_mut()),
            _ => {}
        }
    }
    None
}

#[test]
fn a_mutated_file_ends_in_an_error_or_in_tensors() {
    let texts = super::corpus::files();
    let parsed: Vec<Json> = texts
        .iter()
        .map(|(_, text)| serde_json::from_str(text).expect("it is JSON"))
        .collect();
    let files =
        std::env::var("NNSIGHT_FUZZ_FILES").map_or(FILES, |files| files.parse().expect("a number of files"));
    let mutated = |n: usize| {
        let mut random = Random(n as u64);
        let which = random.below(texts.len());
        match n % 8 {
            0 => of_bytes(texts[which].1.as_bytes(), &mut random),
            _ => of_values(&parsed[which], &parsed, &mut random)
                .to_string()
                .into_bytes(),
        }
    };
    held_to_time(files, &mutated, &|text, n| outcome(text, n % 2 == 0));
}

/// Tries `count` files on two threads. Fails on a panic, and on a file that takes long.
pub fn held_to_time(
    count: usize,
    file: &(dyn Fn(usize) -> Vec<u8> + Sync),
    outcome: &(dyn Fn(&[u8], usize) -> Outcome + Sync),
) -> BTreeMap<Outcome, usize> {
    let (next, begun) = (AtomicUsize::new(0), Instant::now());
    let outcomes = Mutex::new(BTreeMap::<Outcome, usize>::new());
    let panics = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        let (done, watched) = mpsc::channel::<usize>();
        for _ in 0..2 {
            let (done, next, outcomes, panics) = (done.clone(), &next, &outcomes, &panics);
            scope.spawn(move || {
                loop {
                    let n = next.fetch_add(1, Relaxed);
                    if n >= count {
                        break;
                    }
                    let text = file(n);
                    let found = catch_unwind(AssertUnwindSafe(|| outcome(&text, n)));
                    match found {
                        Ok(found) => *outcomes.lock().expect("no panic").entry(found).or_default() += 1,
                        Err(_) => panics
                            .lock()
                            .expect("no panic")
                            .push(format!("{n}: {}", String::from_utf8_lossy(&text))),
                    }
                    let _ = done.send(n);
                }
            });
        }
        drop(done);
        loop {
            match watched.recv_timeout(LONGEST) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    // The thread cannot be stopped, so the process ends.
                    let n = next.load(Relaxed);
                    eprintln!("one of these two takes more than {LONGEST:?}:");
                    for n in [n.saturating_sub(2), n.saturating_sub(1)] {
                        eprintln!("{}", String::from_utf8_lossy(&file(n)));
                    }
                    std::process::abort();
                }
            }
        }
    });
    let (outcomes, panics) = (
        outcomes.into_inner().expect("no panic"),
        panics.into_inner().expect("no panic"),
    );
    println!(
        "{count} files in {:?}: {outcomes:?}, {} panics",
        begun.elapsed(),
        panics.len()
    );
    assert!(
        panics.is_empty(),
        "{} panics, the first of\n{}",
        panics.len(),
        panics[0]
    );
    outcomes
}
