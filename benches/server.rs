//! What a server costs: a small trace there against the same trace here, and many clients at once.
//!
//! `cargo bench --features server --bench server`. The model is the one that ships with the repository, on 8 tokens; server,
//! worker and clients are on this machine.

mod support;

use burn::tensor::Device;
use nnsight::models::LanguageModel;
use nnsight::prelude::*;
use nnsight::remote::Show;
use nnsight::server::{Catalog, Limits, Open, Running, Settings, serve, work};
use nnsight::{Remote, Server, command};
use std::error::Error;
use std::hint::black_box;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::{compare, report};

nnsight::models::gpt2_config! {
    /// The model that ships with the repository.
    mod facts {
        pub struct Facts = "../checkpoints/facts-gpt2/config.json";
    }
}
use facts::Gpt2;

const FACTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/checkpoints/facts-gpt2");
const PROMPT: [i64; 8] = [5, 17, 3, 99, 42, 7, 11, 23];
const CLIENTS: usize = 32;
const TRACES: usize = 1_984;

fn catalog() -> Catalog {
    let open: Open =
        Arc::new(|_| command::hosted::<Gpt2>(FACTS, &[Device::flex()]).map_err(|error| error.to_string()));
    Catalog::new(vec![String::from("facts")], open)
}

fn main() -> Result<(), Box<dyn Error>> {
    if std::env::args().nth(1).as_deref() == Some("worker") {
        let (orders, reports) = (std::io::stdin().lock(), std::io::stdout().lock());
        return Ok(work(&catalog(), "cpu", &Limits::default(), orders, reports)?);
    }
    let here = LanguageModel::<Gpt2>::from_pretrained(FACTS)?.with_device(Device::flex());
    one_client(&here)?;
    for together in [1, 32] {
        many_clients(together)?;
    }
    Ok(())
}

fn trace(lm: &LanguageModel<Gpt2>) -> nnsight::models::Result<Tensor<2>> {
    trace!(lm, PROMPT, |m: Gpt2| m.lm_head.output[.., -1].save())
}

/// A server whose jobs share passes, so many at most, and its folder.
fn served(together: usize) -> Result<(Running, PathBuf), Box<dyn Error>> {
    let data = std::env::temp_dir().join(format!("nnsight-bench-{}-{together}", std::process::id()));
    let settings = Settings {
        address: "127.0.0.1:0".parse()?,
        data: data.clone(),
        models: vec![String::from("facts")],
        worker: vec![
            std::env::current_exe()?.display().to_string(),
            String::from("worker"),
        ],
        workers: 1,
        open: true,
        limits: Limits {
            unfinished: 10_000,
            together,
            ..Limits::default()
        },
    };
    Ok((serve(settings, catalog())?, data))
}

fn connect(running: &Running) -> Result<Remote<LanguageModel<Gpt2>>, Box<dyn Error>> {
    let server = Server::connect(&running.url())?.show(Show::Silent);
    Ok(LanguageModel::<Gpt2>::from_pretrained(FACTS)?.on(&server.model("facts"))?)
}

fn one_client(here: &LanguageModel<Gpt2>) -> Result<(), Box<dyn Error>> {
    let (running, data) = served(32)?;
    let there = connect(&running)?;
    let timings = compare(
        500,
        &mut [
            ("here", &mut || drop(black_box(trace(here)))),
            ("on the server", &mut || drop(black_box(trace(&there)))),
        ],
    );
    report("one client, 8 tokens, the last logits saved", &timings);
    drop(running);
    Ok(std::fs::remove_dir_all(&data)?)
}

fn many_clients(together: usize) -> Result<(), Box<dyn Error>> {
    let (running, data) = served(together)?;
    drop(trace(&*connect(&running)?)?);
    let start = Instant::now();
    let client = || {
        let Ok(lm) = connect(&running) else {
            return Vec::new();
        };
        let timed = (0..TRACES / CLIENTS).filter_map(|_| {
            let start = Instant::now();
            trace(&lm).ok().map(|_| start.elapsed())
        });
        timed.collect()
    };
    let mut times: Vec<Duration> = std::thread::scope(|threads| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| threads.spawn(client)).collect();
        let times = clients
            .into_iter()
            .map(|client| client.join().unwrap_or_default());
        times.flatten().collect()
    });
    let took = start.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |share: f64| times[(share * (times.len() - 1) as f64) as usize].as_secs_f64() * 1e3;
    println!(
        "\n{CLIENTS} clients, at most {together} jobs in a pass: {} of {TRACES} traces in {took:.2} s",
        times.len()
    );
    println!(
        "  {:.0} traces a second, p50 {:.1} ms, p99 {:.1} ms",
        times.len() as f64 / took,
        at(0.5),
        at(0.99)
    );
    drop(running);
    Ok(std::fs::remove_dir_all(&data)?)
}
