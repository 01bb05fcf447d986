//! The tour: what nnsight's walkthrough shows, in Rust and checked by the compiler.
//!
//! `cargo run --release --example walkthrough` needs no network: the language model ships with the repository.
//! `-- --model openai-community/gpt2` takes the tour on another GPT-2, of the hub or of a directory.

use burn::nn::{Linear, LinearConfig};
use clap::Parser;
use nnsight::models::gpt2::{Gpt2, Gpt2Config, axes::Vocab, large, medium, small, xl};
use nnsight::models::{self, LanguageModel};
use nnsight::prelude::*;
use std::process::ExitCode;

axes! {
    Batch;            // known when an input arrives
    Features = 5;
    Hidden = 10;
    Classes = 2;
}

/// An ordinary Burn model. The attributes say what goes in and out of each module.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Classes))]
struct TinyNet {
    #[inspect((Batch, Features) -> (Batch, Hidden))]
    layer1: Linear,
    #[inspect((Batch, Hidden) -> (Batch, Classes))]
    layer2: Linear,
}

#[inspectable]
impl TinyNet {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.layer2.forward(self.layer1.forward(x))
    }
}

nnsight::models::gpt2_config! {
    /// The small GPT-2 that ships with the repository; `examples/train_facts` trained it.
    mod facts {
        pub struct Facts = "../checkpoints/facts-gpt2/config.json";
    }
}

#[derive(Parser)]
#[command(about = "A tour of nnsight: look inside a model and change what it computes")]
struct Arguments {
    /// A directory in Hugging Face's layout, or a model's name on the hub.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/checkpoints/facts-gpt2"))]
    model: String,
    /// What the language model is asked.
    #[arg(long, default_value = "The Eiffel Tower is in the city of")]
    prompt: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let tour = tiny_network()
        .map_err(models::Error::from)
        .and_then(|()| language_model(&arguments));
    match tour {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn title(text: &str) {
    println!("\n--- {text} {}", "-".repeat(90usize.saturating_sub(text.len())));
}

fn tiny_network() -> nnsight::Result<()> {
    let device = Device::default();
    device.seed(1);
    let net = NnSight::new(TinyNet {
        layer1: LinearConfig::new(5, 10).init(&device),
        layer2: LinearConfig::new(10, 2).init(&device),
    });
    let input = Tensor::<2>::random([1, 5], burn::tensor::Distribution::Default, &device);

    title("A tiny network, and the sites in it");
    println!("{net}");

    title("Getting: what a trace returns is there after the run");
    let (hidden, output) = trace!(net, &input, |m: TinyNet| (
        m.layer1.output.save(),
        m.output.save()
    ))?;
    println!("layer1.output  {}", numbers(hidden));
    println!("output         {}", numbers(output));

    title("Functions: values are computed with while the model runs");
    let mut shape = Vec::new();
    let (winner, total) = trace!(net, &input, |m: TinyNet| {
        let hidden = m.layer1.output;
        shape = hidden.shape();
        (hidden.argmax(Hidden).save(), (hidden.relu() * 2.0).sum().save())
    })?;
    println!("layer1.output has the shape {shape:?}: known before the model ran");
    println!(
        "its largest unit is {}, and twice its positive part sums to {}",
        winner.into_scalar::<i64>(),
        numbers(total)
    );

    title("Setting: edits are seen downstream, and only there");
    let (before, after, edited, entered) = trace!(net, &input, |m: TinyNet| {
        let before = m.layer1.output; // a value, not an alias
        m.layer1.output[.., 0] = 0.0;
        m.layer2.input *= 2.0;
        let after = m.layer1.output;
        (before.save(), after.save(), m.output.save(), m.layer1.input.save())
    })?;
    println!("before         {}", numbers(before));
    println!("after          {}", numbers(after));
    println!("output         {}", numbers(edited));
    println!("layer1.input   {} (unchanged)", numbers(entered));

    title("Gradients: read where they flow");
    let (g1, g2) = trace!(net, &input, |m: TinyNet| {
        m.output.sum().backward();
        (m.layer1.output.grad.save(), m.layer2.output.grad.save())
    })?;
    // Burn keeps a linear layer's weight as [in, out]: the sum of the output weighs a hidden unit by its row.
    let w2 = net.model().layer2.weight.val();
    println!("layer1.output.grad  {}", numbers(g1));
    println!("rows of W2, summed  {}", numbers(w2.sum_dim(1)));
    println!("layer2.output.grad  {}", numbers(g2));

    title("Gradients: edits are seen further back");
    let (g1, g2) = trace!(net, &input, |m: TinyNet| {
        m.layer1.output.grad[..] = 0.0;
        m.layer2.output.grad *= 2.0;
        m.output.sum().backward();
        (m.layer1.output.grad.save(), m.layer2.output.grad.save())
    })?;
    println!("layer1.output.grad  {}", numbers(g1));
    println!("layer2.output.grad  {}", numbers(g2));

    title("What the compiler refuses");
    for (mistake, message) in REFUSED {
        println!("{mistake}\n    {message}");
    }
    println!("(tests/ui has these and more, each with the whole text)");
    Ok(())
}

/// Mistakes, and what `cargo check` says under the token that is wrong.
const REFUSED: [(&str, &str); 8] = [
    (
        "m.layer3.output",
        "no field `layer3` on type `TinyNetSites`; a field with a similar name exists",
    ),
    (
        "m.layer1.output[.., 10]",
        "index 10 is out of bounds for axis 1 (Hidden) of m.layer1.output, which has size 10",
    ),
    (
        "m.layer1.output[0, 1, 2]",
        "`(Batch, Hidden)` cannot be indexed by `(i64, i64, i64)`",
    ),
    (
        "m.layer1.output + m.output",
        "`Value<(Batch, Classes)>` does not fit a `Value<(Batch, Hidden), Float>`",
    ),
    (
        "m.layer1.output.argmax(Classes)",
        "`(Batch, Hidden)` has no axis `Classes`",
    ),
    (
        "m.layer1.output = m.layer2.input",
        "the value of m.layer2.input cannot be written into m.layer1.output, which comes earlier in the forward pass",
    ),
    (
        "m.layer2.input = m.layer1.output.grad",
        "the gradient m.layer1.output.grad cannot be written into m.layer2.input: gradients exist only when the forward pass is over",
    ),
    (
        "m.layer1.output.grad.save(), and no backward()",
        "m.layer1.output.grad is asked for, but nothing in this trace calls backward(): write `loss.backward();`",
    ),
];

/// Opens the model as whichever GPT-2 its `config.json` says it is.
fn language_model(arguments: &Arguments) -> models::Result<()> {
    let tours = [
        tour::<facts::Facts>,
        tour::<small::Small>,
        tour::<medium::Medium>,
        tour::<large::Large>,
        tour::<xl::Xl>,
    ];
    let mut last = Ok(());
    for tour in tours {
        last = tour(arguments);
        if !matches!(last, Err(models::Error::OtherSize { .. })) {
            return last;
        }
    }
    last
}

fn tour<C: Gpt2Config>(arguments: &Arguments) -> models::Result<()> {
    // Tokenizer and sizes; the first trace loads the weights.
    let lm = LanguageModel::<Gpt2<C>>::from_pretrained(&arguments.model)?;
    let prompt = arguments.prompt.as_str();
    lm.token_ids(prompt)?;

    title("A language model");
    println!("{}", lm.tree());

    title("What it answers, and without its last mlp");
    let ids = trace!(lm, prompt, |m: Gpt2<C>| m
        .lm_head
        .output
        .argmax(Vocab::<C>::new())
        .save())?;
    let ablated = trace!(lm, prompt, |m: Gpt2<C>| {
        m.transformer.h[-1].mlp.output = 0.0;
        m.lm_head.output.argmax(Vocab::<C>::new()).save()
    })?;
    show(&lm, prompt, "as trained", ids)?;
    show(&lm, prompt, "last mlp zeroed", ablated)?;

    title("The logit lens: what the head reads after each layer");
    let lens: Vec<Tensor<2, Int>> = trace!(lm, prompt, |m: Gpt2<C>| {
        let read = |resid| {
            m.lm_head
                .call(m.transformer.ln_f.call(resid))
                .argmax(Vocab::<C>::new())
                .save()
        };
        m.transformer
            .h
            .iter()
            .map(|block| read(block.output))
            .collect::<Vec<_>>()
    })?;
    for (layer, ids) in lens.into_iter().enumerate() {
        println!("after layer {layer:<2}  {:?}", lm.tokenizer().decode(last(ids))?);
    }

    title("Where the last position looks, in the last layer");
    let pattern = trace!(lm, prompt, |m: Gpt2<C>| {
        m.transformer.h[-1].attn.pattern.output[0, .., -1].save()
    })?;
    let tokens = lm.tokenizer().decode_each(lm.token_ids(prompt)?)?;
    for (head, row) in pattern.iter_dim(0).enumerate() {
        let weights = row.into_data().iter::<f32>().collect::<Vec<_>>();
        let most = weights.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
        if let Some((position, weight)) = most {
            println!(
                "head {head:<2}  {:>3.0}% on {:?}",
                100.0 * weight,
                tokens[position]
            );
        }
    }
    Ok(())
}

fn last(ids: Tensor<2, Int>) -> Tensor<1, Int> {
    let [_, seq] = ids.dims();
    ids.slice([0..1, seq - 1..seq]).reshape([1])
}

fn show<M: models::CausalLm>(
    lm: &LanguageModel<M>,
    prompt: &str,
    what: &str,
    ids: Tensor<2, Int>,
) -> models::Result<()> {
    let all = ids.to_data().iter::<i64>().collect::<Vec<_>>();
    println!("{what:<16} {prompt}{}", lm.tokenizer().decode(last(ids))?);
    println!("{:<16} argmax at each position: {all:?}", "");
    Ok(())
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> String {
    let numbers = tensor
        .into_data()
        .iter::<f32>()
        .map(|x| format!("{x:.3}"))
        .collect::<Vec<_>>();
    format!("[{}]", numbers.join(", "))
}
