//! A model of 70 billion parameters on a laptop: everything but its weights.
#![cfg(target_os = "linux")]

use crate::common::Directory;
use crate::device::device;
use burn::prelude::*;
use nnsight_core::{NnSight, trace};
use nnsight_models::llama::llama2_70b::{Llama, Vocab};
use nnsight_models::{Context, LanguageModel};
use std::path::Path;
use std::process::Command;

const CHILD: &str = "NNSIGHT_TEST_OF_MEMORY";

/// The most memory that this process has had, in MB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    let kilobytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes / 1024.0
}

/// In a process of its own, as the memory of one is that of all its tests.
#[test]
fn opening_printing_and_checking_a_model_of_70_billion_takes_no_memory_for_weights() {
    if std::env::var_os(CHILD).is_some() {
        return open_print_and_check();
    }
    let name = "large::opening_printing_and_checking_a_model_of_70_billion_takes_no_memory_for_weights";
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(
        child.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&child.stderr)
    );
    let line = text
        .lines()
        .find_map(|line| line.split_once("grown by MB: "))
        .unwrap();
    let grown: f64 = line.1.parse().unwrap();
    println!("{grown:.1} MB");
    // Its weights would take 276,000 in f32.
    assert!(grown < 50.0, "{grown}");
}

fn open_print_and_check() {
    // What a GPU's driver takes when it is first used is not the model's.
    let ids = Tensor::<2, Int>::from_data([[1, 2, 3, 4]], &device());
    assert_eq!(ids.clone().into_data().iter::<i64>().max(), Some(4));
    let before = peak();

    // A directory without weights, so that touching them is an error.
    let directory = Directory::new();
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/llama/configs/llama2-70b.json");
    std::fs::copy(config, directory.path().join("config.json")).unwrap();
    let lm = LanguageModel::<Llama>::from_pretrained(directory.str())
        .unwrap()
        .with_device(device());
    let tree = lm.tree().to_string();
    assert!(tree.contains("layers") && tree.contains("8192"), "{tree}");
    assert!(lm.token_ids([1i64, 2, 3]).is_ok());

    // Checked, scheduled, and turned into what goes to a server.
    let model = NnSight::new(Llama::init(&device()));
    let plan = model.plan((ids.clone(), Context::default()), |m| {
        m.model.layers.at(-1).mlp.output.set(0.0);
        let heads = m
            .model
            .layers
            .iter()
            .map(|block| block.self_attn.pattern.output.get().save());
        (
            heads.collect::<Vec<_>>(),
            m.lm_head.output.get().argmax(Vocab).save(),
        )
    });
    let plan = plan.unwrap();
    let graph = serde_json::to_string(&plan.graph()).unwrap();
    assert!(!plan.to_string().is_empty() && graph.len() > 1000);

    // What cannot work is refused before anything runs.
    let wrong = trace!(model, (ids, Context::default()), |m: Llama| {
        let layer = std::hint::black_box(80usize);
        m.model.layers[layer].output.save()
    });
    assert!(wrong.unwrap_err().to_string().contains("80"));

    println!("grown by MB: {}", peak() - before);
    println!("{tree}");
}
