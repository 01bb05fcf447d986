//! A server and its client: traces, a generation, gradients and a job that is waited for later, on a model whose weights the
//! client never loads.
//!
//! `cargo run --features server --example remote` starts a server on a free port of this machine, with the model that ships
//! with the repository, and stops it in the end. In earnest the server is `nnsight serve MODEL` on another machine.

use burn::tensor::Device;
use nnsight::models::LanguageModel;
use nnsight::prelude::*;
use nnsight::remote::{self, Show};
use nnsight::server::{Catalog, Limits, Open, Settings, serve, work};
use nnsight::{Server, command};
use std::error::Error;
use std::sync::Arc;

nnsight::models::gpt2_config! {
    /// The model that ships with the repository.
    mod facts {
        pub struct Facts = "../checkpoints/facts-gpt2/config.json";
    }
}
use facts::{Gpt2, Vocab};

const FACTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/checkpoints/facts-gpt2");

/// The name that clients have for the model.
const NAME: &str = "facts";

fn main() -> Result<(), Box<dyn Error>> {
    // A server starts its workers as processes of the same program.
    if std::env::args().nth(1).as_deref() == Some("worker") {
        let (orders, reports) = (std::io::stdin().lock(), std::io::stdout().lock());
        return Ok(work(&catalog(), "cpu", &Limits::default(), orders, reports)?);
    }
    let data = std::env::temp_dir().join(format!("nnsight-remote-{}", std::process::id()));
    let settings = Settings {
        address: "127.0.0.1:0".parse()?,
        data: data.clone(),
        models: vec![NAME.to_owned()],
        worker: vec![
            std::env::current_exe()?.display().to_string(),
            String::from("worker"),
        ],
        workers: 1,
        open: true,
        limits: Limits::default(),
    };
    let running = serve(settings, catalog())?;
    println!("a server listens at {}", running.url());
    let done = client(&running.url());
    drop(running);
    std::fs::remove_dir_all(&data)?;
    done
}

/// The models of the server: one. Its weights are read by the worker, when the first job asks for them.
fn catalog() -> Catalog {
    let open: Open =
        Arc::new(|_| command::hosted::<Gpt2>(FACTS, &[Device::flex()]).map_err(|error| error.to_string()));
    Catalog::new(vec![NAME.to_owned()], open)
}

fn client(url: &str) -> Result<(), Box<dyn Error>> {
    let server = Server::connect(url)?.show(Show::Lines);
    for model in server.models()? {
        println!(
            "it has {} with {} parameters, {:?}",
            model.name, model.parameters, model.weights
        );
    }
    // Tokenizer and sizes are here; weights never are.
    let lm = LanguageModel::<Gpt2>::from_pretrained(FACTS)?.on(&server.model(NAME))?;
    let prompt = "The Eiffel Tower is in the city of";

    let (hidden, logits) = trace!(lm, prompt, |m: Gpt2| {
        (m.transformer.h[-1].output.save(), m.lm_head.output[.., -1].save())
    })?;
    println!("hidden states {:?}, logits {:?}", hidden.dims(), logits.dims());

    let steered = trace!(lm.generate(prompt).max_new_tokens(3), |m: Gpt2| {
        m.transformer.h[1].mlp.output.every_step() *= 1.1;
        m.generator.output.save()
    })?;
    println!(
        "generated {:?}",
        lm.tokenizer()
            .decode(steered.into_data().iter::<i64>().collect::<Vec<_>>())?
    );

    let gradient = trace!(lm, prompt, |m: Gpt2| {
        let loss = m.lm_head.output[0, -1].max();
        let _ = loss.backward();
        m.transformer.h[2].output.grad.save()
    })?;
    println!("a gradient of {:?}", gradient.dims());

    let job = lm.submit(prompt, |m| m.lm_head.output.get().argmax(Vocab).save())?;
    println!("{} goes on while this program does something else", job.id());
    let found: remote::Found = server.job(job.id())?;
    println!("found again by its number: {found}");
    println!("the most likely tokens, {:?}", job.wait()?.dims());

    let jobs = server.jobs()?;
    println!("{} jobs; the last: {}", jobs.len(), server.job(&jobs[0].id)?);
    assert!(!lm.is_dispatched(), "the client has loaded weights");
    Ok(())
}
