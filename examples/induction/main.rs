//! Finds the induction heads of a small transformer, takes them out, and looks at what is lost.
//!
//! The model is the one that `examples/train_induction` trained: two layers of attention that have seen nothing but
//! random tokens that come twice. An [induction
//! head](https://transformer-circuits.pub/2022/in-context-learning-and-induction-heads/index.html) (Olsson et al.,
//! 2022) looks for the earlier occurrence of the token at hand and attends to what followed it. It needs a head
//! of the layer before, one that tells each position which token precedes it.
//!
//! ```text
//! cargo run --release --example induction
//! cargo run --release --example induction -- --period 12 --seed 7
//! ```

mod heads;
mod losses;
mod model;
#[path = "../train_facts/random.rs"]
mod random;
mod sequences;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use nnsight::DeviceName;
use nnsight::prelude::*;

use crate::heads::{HeadAt, prefix_matching, previous_token, without};
use crate::losses::{Losses, losses};
use crate::model::{AttentionOnly, HEADS, LAYERS, LONGEST_PERIOD, TOKENS};
use crate::random::Random;
use crate::sequences::{repeated, unrepeated};

#[derive(Parser)]
#[command(about = "Induction heads: where they look, and what is lost without them")]
struct Arguments {
    /// The folder with the weights
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/checkpoints/induction"))]
    checkpoint: PathBuf,
    /// How many tokens are repeated
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u8).range(2..=LONGEST_PERIOD as i64))]
    period: u8,
    /// Decides the sequences
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where it runs: `cpu`, `wgpu` or `cuda`, the last two also with a number, as in `wgpu:1`
    #[arg(long, default_value_t)]
    device: DeviceName,
}

/// Sequences that scores and losses are means over.
const ROWS: usize = 256;

/// An induction head attends more to what followed the earlier occurrence than to all else together.
const MOST: f32 = 0.5;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let device = arguments.device.open()?;
    let folder = &arguments.checkpoint;
    let model = AttentionOnly::load(folder, &device)
        .map_err(|error| format!("no model of this kind in {}: {error}", folder.display()))?;
    let net = NnSight::new(model);
    let period = usize::from(arguments.period);
    let mut random = Random::new(arguments.seed);
    let ids = repeated(ROWS, period, &mut random, &device);
    let control = unrepeated(ROWS, period, &mut random, &device);
    println!(
        "Loss per token. To take all {TOKENS} tokens for equally likely costs ln {TOKENS} = {:.2}.\n",
        (TOKENS as f32).ln()
    );
    println!("{:<28}first half  second half", "");
    let repeats = losses(&net, &ids)?;
    print_losses(&format!("{period} tokens, twice"), repeats);
    print_losses("the same, then in new order", losses(&net, &control)?);

    let (previous, prefix) = (previous_token(&net, &ids)?, prefix_matching(&net, &ids)?);
    println!("\nWhere each head looks, and the second-half loss when it is ablated (z = 0).\n");
    println!("head  previous token  prefix matching  ablated");
    let heads = (0..LAYERS).flat_map(|layer| (0..HEADS).map(move |head| HeadAt { layer, head }));
    for head in heads.clone() {
        let ablated = losses(&without(&net, &[head]), &ids)?;
        println!(
            "{head}  {:>14.2}  {:>15.2}  {:>7.4}",
            previous[head.layer][head.head], prefix[head.layer][head.head], ablated.second_half
        );
    }

    let induction: Vec<HeadAt> = heads
        .clone()
        .filter(|head| prefix[head.layer][head.head] > MOST)
        .collect();
    let first_layer: Vec<HeadAt> = heads.filter(|head| head.layer == 0).collect();
    println!("\nSecond-half loss without several heads together: one does another's work.\n");
    println!("{:<44}{:>8.4}", "all heads at work", repeats.second_half);
    for (name, ablated) in [
        ("the induction heads", &induction),
        ("the first layer", &first_layer),
    ] {
        let name = format!("without {name}, {}", list(ablated));
        println!(
            "{name:<44}{:>8.4}",
            losses(&without(&net, ablated), &ids)?.second_half
        );
    }

    println!("\nPrefix matching without the first layer: what tells a position which token precedes it.\n");
    let blind = prefix_matching(&without(&net, &first_layer), &ids)?;
    for at @ HeadAt { layer, head } in induction {
        println!("{at}  {:.2} -> {:.2}", prefix[layer][head], blind[layer][head]);
    }
    Ok(())
}

fn print_losses(name: &str, losses: Losses) {
    let Losses {
        first_half,
        second_half,
    } = losses;
    println!("{name:<28}{first_half:>10.4}  {second_half:>11.4}");
}

fn list(heads: &[HeadAt]) -> String {
    let names: Vec<String> = heads.iter().map(HeadAt::to_string).collect();
    names.join(", ")
}
