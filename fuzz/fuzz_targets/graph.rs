//! Any bytes as a graph file: read, checked against a model and run. `cargo +nightly fuzz run graph` starts from
//! nothing; give it `nnsight-core/tests/it/strangers/corpus` as a folder of its own copy to start from valid files.
#![no_main]

// The derives write `::nnsight::..`.
extern crate nnsight_core as nnsight;

use libfuzzer_sys::fuzz_target;

#[path = "../../nnsight-core/tests/it/support.rs"]
#[allow(dead_code, unused_imports)]
mod support;
// The same body as in the core's tests.
#[path = "../../nnsight-core/tests/it/strangers/zoo.rs"]
#[allow(dead_code)]
mod zoo;

fuzz_target!(|text: &[u8]| {
    let _ = zoo::outcome(text, true);
});
