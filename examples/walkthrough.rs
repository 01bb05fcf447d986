//! The tour: what nnsight's walkthrough shows, in Rust and checked by the compiler.
//!
//! `cargo run --release --example walkthrough` needs no network: the language model ships with the repository.
//! `-- --model openai-community/gpt2` takes the tour on another GPT-2, of the hub or of a directory.

mod support;

use burn::nn::{Linear, LinearConfig};
use clap::Parser;
use nnsight::models::gpt2::{Gpt2, Gpt2Config, axes::Vocab};
use nnsight::models::{self, LanguageModel};
use nnsight::prelude::*;
use std::process::ExitCode;
use support::Outcome;
use support::open::{Gpt2Experiment, Model, run_on_gpt2};
use support::print::{exit_code, title};

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

axes! {
    Rank = 1;
}

/// A module that is no part of the model: a LoRA, which adds to what a layer gives.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Features) -> (Batch, Hidden))]
struct Lora {
    #[inspect((Batch, Features) -> (Batch, Rank))]
    down: Linear,
    #[inspect((Batch, Rank) -> (Batch, Hidden))]
    up: Linear,
}

#[inspectable]
impl Lora {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.up.forward(self.down.forward(x))
    }
}

#[derive(Parser)]
#[command(about = "A tour of nnsight: look inside a model and change what it computes")]
struct Arguments {
    #[command(flatten)]
    model: Model,
    /// What the language model is asked.
    #[arg(long, default_value = "The Eiffel Tower is in the city of")]
    prompt: String,
    /// Another prompt, whose values go into the first one's run.
    #[arg(long, default_value = "The Colosseum is in the city of")]
    other: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let tour = || {
        tiny_network(arguments.model.device.open()?)?;
        run_on_gpt2(&arguments.model, &arguments)
    };
    exit_code(tour())
}

fn tiny_network(device: Device) -> nnsight::Result<()> {
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

    title("Attached: a module beside the model, with sites of its own");
    let (adapted, lora) = net.attach(
        "lora",
        Lora {
            down: LinearConfig::new(5, 1).init(&device),
            up: LinearConfig::new(1, 10).init(&device),
        },
    )?;
    let adapted = edit!(adapted, move |m: TinyNet| {
        m.layer1.output += m.attached(lora).call(m.layer1.input);
    });
    let (with, without) = (
        trace!(adapted, &input, |m: TinyNet| (
            m.attached(lora).down.output.save(),
            m.output.save()
        ))?,
        trace!(adapted, &input, |m: TinyNet| {
            m.attached(lora).output = 0.0;
            m.output.save()
        })?,
    );
    println!("lora.down.output   {}", numbers(with.0));
    println!("output with it     {}", numbers(with.1));
    println!("its output zeroed  {}", numbers(without));

    title("What the compiler refuses");
    for (mistake, message) in REFUSED {
        println!("{mistake}\n    {message}");
    }
    println!("(ui/tests/ui has these and more, each with the whole text)");
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

impl Gpt2Experiment for Arguments {
    /// The tokenizer and the sizes of `lm` are there; the first trace loads the weights.
    fn run<C: Gpt2Config>(&self, lm: &LanguageModel<Gpt2<C>>) -> Outcome {
        look_inside(lm, &self.prompt)?;
        several_prompts(lm, &self.prompt, &self.other)?;
        generation(lm, &self.prompt)?;
        lasting(lm, &self.prompt)?;
        refused_before_the_run(lm, &self.prompt, &self.other);
        Ok(())
    }
}

fn look_inside<C: Gpt2Config>(lm: &LanguageModel<Gpt2<C>>, prompt: &str) -> models::Result<()> {
    lm.token_ids(prompt)?;
    let vocab = Vocab::<C>::new();

    title("A language model");
    println!("{}", lm.tree());

    title("What it answers, and without its last mlp");
    let ids = trace!(lm, prompt, |m: Gpt2<C>| m.lm_head.output.argmax(vocab).save())?;
    let ablated = trace!(lm, prompt, |m: Gpt2<C>| {
        m.transformer.h[-1].mlp.output = 0.0;
        m.lm_head.output.argmax(vocab).save()
    })?;
    show(lm, prompt, "as trained", ids)?;
    show(lm, prompt, "last mlp zeroed", ablated)?;

    title("The logit lens: what the head reads after each layer");
    let lens: Vec<Tensor<2, Int>> = trace!(lm, prompt, |m: Gpt2<C>| {
        let read = |resid| {
            m.lm_head
                .call(m.transformer.ln_f.call(resid))
                .argmax(vocab)
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

/// Each prompt of a trace is an invoke; all run in one forward pass, and values cross from one to another.
fn several_prompts<C: Gpt2Config>(
    lm: &LanguageModel<Gpt2<C>>,
    prompt: &str,
    other: &str,
) -> models::Result<()> {
    let vocab = Vocab::<C>::new();
    title("Several prompts in one forward pass, each as if alone");
    let (plain, patched) = trace!(lm, |t: Gpt2<C>| {
        let source = t.invoke(other);
        let base = t.invoke(prompt);
        let patched = t.invoke(prompt);
        patched.transformer.h[-1].output[.., -1] = source.transformer.h[-1].output[.., -1];
        (base.lm_head.output.argmax(vocab).save(), patched.lm_head.output.argmax(vocab).save())
    })?;
    println!("as it is      {prompt}{}", lm.tokenizer().decode(last(plain))?);
    println!("patched       {prompt}{}", lm.tokenizer().decode(last(patched))?);
    println!("(the last layer's output at the last position, from {other:?})");

    title("The embeddings of one prompt in the place of another's");
    let blank = blank(lm, prompt)?;
    let (before, after) = trace!(lm, |t: Gpt2<C>| {
        let clean = t.invoke(prompt);
        let empty = t.invoke(&blank);
        let filled = t.invoke(&blank);
        filled.transformer.wte.output = clean.transformer.wte.output;
        (
            empty.lm_head.output.argmax(vocab).save(),
            filled.lm_head.output.argmax(vocab).save(),
        )
    })?;
    let text = lm.tokenizer().decode(&blank)?;
    println!("its own       {text}{}", lm.tokenizer().decode(last(before))?);
    println!("the other's   {text}{}", lm.tokenizer().decode(last(after))?);
    Ok(())
}

/// A text of underscores with as many tokens as the prompt.
fn blank<M: models::CausalLm>(lm: &LanguageModel<M>, prompt: &str) -> models::Result<Vec<u32>> {
    let tokens = lm.tokenizer().encode(prompt)?.len();
    let mut blank = lm.tokenizer().encode(&"_ ".repeat(tokens))?;
    blank.truncate(tokens);
    Ok(blank)
}

/// A generation calls the model once for each new token.
fn generation<C: Gpt2Config>(lm: &LanguageModel<Gpt2<C>>, prompt: &str) -> models::Result<()> {
    let vocab = Vocab::<C>::new();
    title("Generation: .next() is the same site one step later");
    let (first, second, third, tokens) = trace!(lm.generate(prompt).max_new_tokens(3), |m: Gpt2<C>| {
        let first = m.lm_head.output[.., -1].argmax(vocab);
        let second = m.lm_head.next().output[.., -1].argmax(vocab);
        let third = m.lm_head.call_idx(2).output[.., -1].argmax(vocab);
        (first.save(), second.save(), third.save(), m.generator.output.save())
    })?;
    println!(
        "steps         {:?}",
        lm.tokenizer().decode_each([first, second, third])?
    );
    println!("all           {:?}", lm.tokenizer().decode(tokens)?);

    title("Interventions at every step, and at some");
    let always = trace!(lm.generate(prompt).max_new_tokens(3), |m: Gpt2<C>| {
        m.transformer.h[-1].mlp.output.every_step() = 0.0;
        m.generator.output.save()
    })?;
    let later = trace!(lm.generate(prompt).max_new_tokens(3), |m: Gpt2<C>| {
        m.transformer.h[-1].mlp.output.steps(1..) = 0.0;
        m.generator.output.save()
    })?;
    println!("without its last mlp        {:?}", lm.tokenizer().decode(always)?);
    println!("only from the second step   {:?}", lm.tokenizer().decode(later)?);
    Ok(())
}

/// Edits that every later trace begins with, and all activations of a run at once.
fn lasting<C: Gpt2Config>(lm: &LanguageModel<Gpt2<C>>, prompt: &str) -> models::Result<()> {
    title("An edit that lasts makes another model of the same weights");
    let ablated = edit!(lm, |m: Gpt2<C>| m.transformer.h[-1].mlp.output.every_step() = 0.0);
    let models = [
        ("the model", lm),
        ("edited", &ablated),
        ("edits cleared", &ablated.without_edits()),
    ];
    for (name, lm) in models {
        println!("{name:<16}{}", lm.generate(prompt).max_new_tokens(1).text()?);
    }

    title("A cache keeps everything, by the same paths");
    let cache = trace!(lm, prompt, |m: Gpt2<C>| m.cache())?;
    let stream = cache.get(|m| m.transformer.h.at(-1).output)?;
    let pattern = cache.get(|m| m.transformer.h.at(0).attn.pattern.output)?;
    println!("{} activations", cache.len());
    println!("transformer.h[-1].output              {:?}", stream.dims());
    println!("transformer.h[0].attn.pattern.output  {:?}", pattern.dims());
    Ok(())
}

/// What only the run decides is checked before the forward pass, and the error names the line that is wrong.
fn refused_before_the_run<C: Gpt2Config>(lm: &LanguageModel<Gpt2<C>>, prompt: &str, other: &str) {
    title("What only the input can decide is refused before the model runs");
    let (position, first, last) = (1000, 0, C::LAYERS - 1);
    let outside = trace!(lm, prompt, |m: Gpt2<C>| m.lm_head.output[0, position].save());
    let beyond = trace!(lm, prompt, |m: Gpt2<C>| m.transformer.h[last + 1].output.save());
    let backwards = trace!(lm, prompt, |m: Gpt2<C>| {
        m.transformer.h[first].output = m.transformer.h[last].output;
        m.lm_head.output.save()
    });
    let lengths = trace!(lm, |t: Gpt2<C>| {
        let (long, short) = (t.invoke(format!("{other}, and so is")), t.invoke(other));
        short.transformer.wte.output = long.transformer.wte.output;
        short.lm_head.output.save()
    });
    let refused = [
        ("m.lm_head.output[0, position]", outside.err()),
        ("m.transformer.h[last + 1].output", beyond.err()),
        (
            "m.transformer.h[first].output = m.transformer.h[last].output",
            backwards.err(),
        ),
        (
            "short.transformer.wte.output = long.transformer.wte.output",
            lengths.err(),
        ),
    ];
    for (mistake, error) in refused {
        println!("{mistake}");
        if let Some(error) = error {
            println!("    {error}");
        }
    }
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
