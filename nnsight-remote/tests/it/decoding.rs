//! Whatever bytes arrive, reading them ends in an error or a request.

use crate::round_trip::{request, with_envelope};
use nnsight_core::graph::Limits;
use nnsight_remote::protocol::{decode, encode};
use proptest::prelude::*;

/// How many mutated requests are read.
fn requests() -> u32 {
    let wanted = std::env::var("NNSIGHT_FUZZ_REQUESTS").ok();
    wanted.and_then(|count| count.parse().ok()).unwrap_or(50_000)
}

/// What is done to a request.
#[derive(Clone, Debug)]
enum Change {
    Flip(usize, u8),
    Cut(usize),
    Repeat(usize, usize),
    Insert(usize, Vec<u8>),
    Swap(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<usize>;
    prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(place, byte)| Change::Flip(place, byte)),
        1 => at().prop_map(Change::Cut),
        1 => (at(), 1usize..64).prop_map(|(place, count)| Change::Repeat(place, count)),
        2 => (at(), prop_oneof![
            Just(b"99999999999999999999".to_vec()), Just(b"-1".to_vec()), Just(b"null".to_vec()),
            Just(b"[[[[[[[[[[[[[[[[[[[[".to_vec()), Just(b"1e999".to_vec()), Just(b"NaN".to_vec()),
            proptest::collection::vec(any::<u8>(), 1..16),
        ]).prop_map(|(place, bytes)| Change::Insert(place, bytes)),
        1 => (at(), at()).prop_map(|(one, other)| Change::Swap(one, other)),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let len = bytes.len().max(1);
        match change {
            Change::Flip(place, byte) => {
                if let Some(there) = bytes.get_mut(place % len) {
                    *there ^= byte;
                }
            }
            Change::Cut(place) => bytes.truncate(place % len),
            Change::Repeat(place, count) => {
                let start = (place % len).min(bytes.len());
                let end = (start + count).min(bytes.len());
                let piece = bytes[start..end].to_vec();
                bytes.splice(start..start, piece);
            }
            Change::Insert(place, piece) => {
                let start = (place % len).min(bytes.len());
                bytes.splice(start..start, piece.iter().copied());
            }
            Change::Swap(one, other) if !bytes.is_empty() => bytes.swap(one % len, other % len),
            Change::Swap(..) => {}
        }
    }
    bytes
}

/// The length of a safetensors header is mended, so that the changes reach what is behind it.
fn mended(mut bytes: Vec<u8>, before: usize) -> Vec<u8> {
    if let Some(length) = bytes.first_chunk::<8>().copied() {
        let grown = bytes.len() as i64 - before as i64;
        let length = (i64::from_le_bytes(length).wrapping_add(grown)).to_le_bytes();
        bytes[..8].copy_from_slice(&length);
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: requests(), ..ProptestConfig::default() })]
    #[test]
    fn a_mutated_request_is_read_or_refused(
        changes in proptest::collection::vec(change(), 1..4),
        is_mended in any::<bool>(),
    ) {
        let whole = encode(request()).expect("it is written");
        let before = whole.len();
        let bytes = changed(whole, &changes);
        let bytes = if is_mended { mended(bytes, before) } else { bytes };
        // It ends, and does not panic.
        drop(decode(&bytes, &Limits::default()));
    }

    #[test]
    fn an_envelope_of_other_words_is_read_or_refused(text in ".{0,60}", place in 0usize..100) {
        let bytes = with_envelope(|envelope| {
            let mut envelope = envelope.to_owned();
            let place = (0..=place.min(envelope.len())).rev().find(|at| envelope.is_char_boundary(*at));
            envelope.insert_str(place.unwrap_or(0), &text);
            envelope
        });
        drop(decode(&bytes, &Limits::default()));
    }
}

#[test]
fn json_that_nests_without_end_is_refused() {
    let bytes = with_envelope(|_| "[".repeat(1_000_000));
    let error = decode(&bytes, &Limits::default()).expect_err("it is no envelope");
    assert!(error.to_string().contains("`request` cannot be read"), "{error}");
}
