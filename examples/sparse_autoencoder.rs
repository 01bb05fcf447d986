//! A module that is no part of the model, attached to one of its sites: a sparse autoencoder in the residual stream.
//!
//! It is trained here, in seconds, on what the model thinks while it reads a few hundred sentences: an ordinary Burn
//! module, trained with Burn's own optimiser. Attached, it stands in the forward pass of every trace and generation,
//! and its latents are sites like any other: they can be read, and switched off.
//!
//! ```text
//! cargo run --release --example sparse_autoencoder
//! cargo run --release --example sparse_autoencoder -- "The Colosseum is in the country of"
//! ```

mod support;

use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::activation::relu;
use clap::Parser;
use facts::{Batch, Gpt2, Hidden, Seq, Vocab};
use nnsight::prelude::*;
use nnsight::{DeviceName, models};
use std::process::ExitCode;
use support::Outcome;
use support::print::{exit_code, title};

nnsight::models::gpt2_config! {
    /// The small GPT-2 that ships with the repository.
    mod facts {
        pub struct Facts = "../checkpoints/facts-gpt2/config.json";
    }
}

axes! {
    Latent = 512;
}

/// The layer after which the autoencoder stands.
const LAYER: i64 = 2;

#[derive(Parser)]
#[command(about = "Attaches a sparse autoencoder to a model, reads its latents and switches them off")]
struct Arguments {
    /// What the model is asked.
    #[arg(default_value = "The Eiffel Tower is in the city of")]
    prompt: String,
    /// Steps of training.
    #[arg(long, default_value_t = 800)]
    steps: usize,
    /// How much a latent costs that is not zero.
    #[arg(long, default_value_t = 12.0)]
    sparsity: f64,
    /// Where it runs: `cpu`, `wgpu` or `cuda`, the last two also with a number, as in `wgpu:1`
    #[arg(long, default_value_t)]
    device: DeviceName,
}

/// Writes the stream as a sum of few of its 512 directions
/// ([Cunningham et al. 2023](https://arxiv.org/abs/2309.08600)).
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq, Hidden) -> (Batch, Seq, Hidden))]
struct Sae {
    #[inspect((Batch, Seq, Hidden) -> (Batch, Seq, Latent))]
    encoder: Linear,
    /// How much of each direction there is.
    latents: Probe<(Batch, Seq, Latent)>,
    #[inspect((Batch, Seq, Latent) -> (Batch, Seq, Hidden))]
    decoder: Linear,
}

#[inspectable]
impl Sae {
    fn forward(&self, stream: Tensor<3>) -> Tensor<3> {
        let latents = self.latents(stream);
        self.decoder.forward(latents)
    }

    fn latents(&self, stream: Tensor<3>) -> Tensor<3> {
        self.latents.forward(relu(self.encoder.forward(stream)))
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    exit_code(run(&arguments))
}

fn run(arguments: &Arguments) -> Outcome {
    let lm = LanguageModel::<Gpt2>::from_pretrained(support::FACTS)?.with_device(arguments.device.open()?);
    let streams = streams(&lm)?;
    let sae = train(&streams, arguments);
    let unexplained = unexplained(&sae, streams.clone());
    let active = sae
        .latents(streams)
        .greater_elem(0.0)
        .float()
        .mean()
        .into_scalar::<f32>();
    println!(
        "trained: {:.1}% of the variance is lost, {:.0} of 512 latents are active at a position",
        100.0 * unexplained,
        512.0 * active
    );

    // From here on every trace runs it. `sae` is the handle to it.
    let (lm, sae) = lm.attach("sae", sae)?;
    let lm = edit!(
        lm,
        move |m: Gpt2| for block in m.transformer.h[LAYER].every_step() {
            block.output = m.attached(sae).call(block.output);
        }
    );
    title("The model, with what is attached to it");
    println!("{}", lm.tree());

    let prompt = arguments.prompt.as_str();
    title("Its latents are sites: the strongest at the last position");
    let (amounts, numbers) = trace!(lm, prompt, |m: Gpt2| {
        let (amounts, numbers) = m.attached(sae).latents.output[0, -1].topk(Latent, 4);
        (amounts.save(), numbers.save())
    })?;
    let numbers: Vec<i64> = numbers.into_data().iter::<i64>().collect();
    for (number, amount) in numbers.iter().zip(amounts.into_data().iter::<f32>()) {
        println!("latent {number:<4} {amount:.2}");
    }

    title("Switched off, one after the other");
    println!("{:<16}{}", "all there", answers(&lm, prompt, |_| {})?);
    for number in numbers {
        let switched_off = answers(&lm, prompt, |m| {
            m.attached(sae).latents.output.set_at((.., .., number), 0.0);
        })?;
        println!("{:<16}{switched_off}", format!("without {number}"));
    }
    println!(
        "\n{:<16}{}",
        "plain",
        answers(&lm.without_edits(), prompt, |_| {})?
    );
    Ok(())
}

/// The residual stream after the layer at every position of many sentences: (1, Positions, Hidden).
fn streams(lm: &LanguageModel<Gpt2>) -> models::Result<Tensor<3>> {
    let places = [
        "Eiffel Tower",
        "Colosseum",
        "Space Needle",
        "Brandenburg Gate",
        "Sagrada Familia",
        "Taj Mahal",
        "Kremlin",
        "Acropolis",
        "Louvre",
        "Uffizi Gallery",
        "Sydney Opera House",
        "Big Ben",
        "Golden Gate Bridge",
        "Blue Mosque",
    ];
    let countries = [
        "Japan", "France", "Italy", "Brazil", "Egypt", "Spain", "Germany", "Norway", "Kenya", "Peru",
        "India", "Cuba",
    ];
    let of_places = places
        .iter()
        .flat_map(|place| ["city", "country"].map(|what| format!("The {place} is in the {what} of")));
    let of_countries = countries.iter().flat_map(|country| {
        [
            format!("The capital of {country} is"),
            format!("People in {country} speak"),
        ]
    });
    let sentences = of_places.chain(of_countries).collect::<Vec<_>>();
    let streams = sentences
        .iter()
        .map(|sentence| trace!(lm, sentence, |m: Gpt2| m.transformer.h[LAYER].output.save()))
        .collect::<models::Result<Vec<_>>>()?;
    Ok(Tensor::cat(streams, 1))
}

/// Reconstruction with a price on every latent.
fn train(streams: &Tensor<3>, arguments: &Arguments) -> Sae {
    let device = streams.device().autodiff();
    device.seed(1);
    let mut sae = Sae {
        encoder: LinearConfig::new(128, 512).init(&device),
        latents: Probe::new(),
        decoder: LinearConfig::new(512, 128).init(&device),
    };
    let streams = streams.clone().to_device(&device);
    let mut optimiser = AdamConfig::new().init();
    for _ in 0..arguments.steps {
        let latents = sae.latents(streams.clone());
        let lost = sae.decoder.forward(latents.clone()) - streams.clone();
        let loss = lost.square().mean() + latents.mean() * arguments.sparsity;
        let gradients = GradientsParams::from_grads(loss.backward(), &sae);
        sae = optimiser.step(3e-3, sae, gradients);
    }
    sae.valid()
}

/// The part of the stream's variance that the autoencoder loses.
fn unexplained(sae: &Sae, streams: Tensor<3>) -> f32 {
    let lost = (sae.forward(streams.clone()) - streams.clone()).square().sum();
    let mean = streams.clone().mean_dim(1);
    (lost / (streams - mean).square().sum()).into_scalar()
}

/// The likeliest next tokens under an intervention.
fn answers(
    lm: &LanguageModel<Gpt2>,
    prompt: &str,
    intervention: impl FnOnce(Sites<Gpt2>),
) -> models::Result<String> {
    let (probabilities, ids) = trace!(lm, prompt, |m: Gpt2| {
        intervention(m);
        let (probabilities, ids) = m.lm_head.output[0, -1].softmax(Vocab).topk(Vocab, 3);
        (probabilities.save(), ids.save())
    })?;
    let tokens = lm.tokenizer().decode_each(ids)?;
    let probabilities = probabilities.into_data();
    let pairs = tokens.iter().zip(probabilities.iter::<f32>());
    Ok(pairs
        .map(|(token, p)| format!("{token:?} {:.0}%   ", 100.0 * p))
        .collect())
}
