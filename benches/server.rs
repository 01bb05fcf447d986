//! What a server costs: a small trace there against the same trace here, and many clients at once.
//!
//! `cargo bench --features server --bench server`. The model is the one that ships with the repository, on 8 tokens; server,
//! worker and clients are on this machine.

mod support;

use burn::tensor::Device;
use nnsight::models::LanguageModel;
use nnsight::prelude::*;
use nnsight::remote::Show;
use nnsight::server::{Catalog, Limits, Open, Settings, serve, work};
use nnsight::{Remote, Server, command};
use std::error::Error;
use std::hint::black_box;
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
const TRACES: usize = 2_000;

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
    let data = std::env::temp_dir().join(format!("nnsight-bench-{}", std::process::id()));
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
            ..Limits::default()
        },
    };
    let running = serve(settings, catalog())?;
    let here = LanguageModel::<Gpt2>::from_pretrained(FACTS)?.with_device(Device::flex());
    let connect = || -> Result<Remote<LanguageModel<Gpt2>>, Box<dyn Error>> {
        let server = Server::connect(&running.url())?.show(Show::Silent);
        let lm = LanguageModel::<Gpt2>::from_pretrained(FACTS)?;
        Ok(lm.on(&server.model("facts"))?)
    };
    let there = connect()?;
    let trace = |lm: &LanguageModel<Gpt2>| trace!(lm, PROMPT, |m: Gpt2| m.lm_head.output[.., -1].save());
    let timings = compare(
        500,
        &mut [
            ("here", &mut || drop(black_box(trace(&here)))),
            ("on the server", &mut || drop(black_box(trace(&there)))),
        ],
    );
    report("one client, 8 tokens, the last logits saved", &timings);

    let start = Instant::now();
    let mut times: Vec<Duration> = std::thread::scope(|threads| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                threads.spawn(|| {
                    let Ok(lm) = connect() else { return Vec::new() };
                    let timed = (0..TRACES / CLIENTS).filter_map(|_| {
                        let start = Instant::now();
                        trace(&lm).ok().map(|_| start.elapsed())
                    });
                    timed.collect()
                })
            })
            .collect();
        clients
            .into_iter()
            .flat_map(|client| client.join().unwrap_or_default())
            .collect()
    });
    let took = start.elapsed();
    times.sort_unstable();
    let at = |share: f64| times[(share * (times.len() - 1) as f64) as usize].as_secs_f64() * 1e3;
    println!(
        "\n{CLIENTS} clients, {} of {} traces in {:.2} s",
        times.len(),
        TRACES / CLIENTS * CLIENTS,
        took.as_secs_f64()
    );
    println!(
        "  {:.0} traces a second, p50 {:.1} ms, p99 {:.1} ms",
        times.len() as f64 / took.as_secs_f64(),
        at(0.5),
        at(0.99)
    );
    drop(running);
    std::fs::remove_dir_all(&data)?;
    Ok(())
}
