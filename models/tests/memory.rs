//! What plans of language models cost, against formulas and against the allocator. Counting has a test program of its
//! own: it replaces the allocator.

#![cfg(feature = "cost")]
#![allow(clippy::unwrap_used, unused_braces)]

// What `trace!` writes names `::nnsight`.
extern crate nnsight_core as nnsight;

use allocation_counter::measure;
use burn::prelude::*;
use nnsight_core::{Cost, plan, trace};
use nnsight_models::{CausalLm, LanguageModel, Prompt, Tokenizer};

nnsight_models::gpt2_config! {
    /// The tiny GPT-2 of the fixtures.
    pub mod gpt2 {
        pub struct Tiny = "../../tests/fixtures/gpt2-tiny/config.json";
    }
}
nnsight_models::llama_config! {
    /// The tiny Llama of the fixtures.
    pub mod llama {
        pub struct Tiny = "../../tests/fixtures/llama-tiny/config.json";
    }
}

use gpt2::Gpt2;
use llama::Llama;

fn lm<M: CausalLm>() -> LanguageModel<M> {
    LanguageModel::from_parts(M::init(&Device::flex()), Tokenizer::absent("none")).unwrap()
}

/// Rows of so many tokens.
fn prompts(lengths: impl IntoIterator<Item = usize>) -> Prompt {
    let row = |length| Prompt::Ids((0..length as i64).collect());
    Prompt::Batch(lengths.into_iter().map(row).collect())
}

/// How far what was said is from what the allocator has seen.
struct Case {
    name: &'static str,
    said: Cost,
    measured: u64,
}

impl Case {
    fn error(&self) -> f64 {
        self.said.peak_bytes as f64 / self.measured as f64 - 1.0
    }
}

/// The most bytes that a run has held at once. What the first run leaves for later ones is not counted: parameters, and
/// what a thread's kernels keep.
fn peak<R>(mut run: impl FnMut() -> R) -> u64 {
    drop(run());
    measure(|| drop(run())).bytes_max
}

/// The same body as a plan and as a trace.
macro_rules! cases {
    ($($name:literal: ($($of:tt)*), |$m:ident: $type:ident| $body:tt)+) => {
        [$(Case {
            name: $name,
            said: plan!($($of)*, |$m: $type| $body).unwrap().cost().unwrap(),
            measured: peak(|| trace!($($of)*, |$m: $type| $body).unwrap()),
        }),+]
    };
}

#[test]
fn peaks_are_what_the_allocator_sees() {
    let (gpt2, llama) = (&lm::<Gpt2>(), &lm::<Llama>());
    let full = || prompts([60; 16]);
    let padded = || prompts((0..16).map(|row| 30 + 2 * row));
    let gpt2s = cases! {
        "gpt2, the output": (gpt2, full()), |m: Gpt2| { m.lm_head.output.save() }
        "gpt2, one row": (gpt2, prompts([60])), |m: Gpt2| { m.lm_head.output.save() }
        "gpt2, padded": (gpt2, padded()), |m: Gpt2| { m.lm_head.output.save() }
        "gpt2, all layers": (gpt2, full()), |m: Gpt2| {
            m.transformer.h.iter().map(|block| block.output.save()).collect::<Vec<_>>()
        }
        "gpt2, all patterns": (gpt2, full()), |m: Gpt2| {
            m.transformer.h.iter().map(|block| block.attn.pattern.output.save()).collect::<Vec<_>>()
        }
        "gpt2, an early end": (gpt2, full()), |m: Gpt2| { m.transformer.h[1].output.save() }
        "gpt2, an edit": (gpt2, full()), |m: Gpt2| {
            m.transformer.h[0].output[.., .., 3] = 0.0;
            m.lm_head.output.save()
        }
        "gpt2, an mlp skipped": (gpt2, full()), |m: Gpt2| {
            m.transformer.h[1].mlp.output = 0.0;
            m.lm_head.output.save()
        }
        "gpt2, the last token": (gpt2, full()), |m: Gpt2| { m.lm_head.output.at((.., -1)).save() }
        "gpt2, what a trace computes": (gpt2, full()), |m: Gpt2| {
            let (a, b) = (m.transformer.h[0].output, m.transformer.h[2].output);
            (a * b - a).sum().save()
        }
    };
    let llamas = cases! {
        "llama, the output": (llama, full()), |m: Llama| { m.lm_head.output.save() }
        "llama, one row": (llama, prompts([60])), |m: Llama| { m.lm_head.output.save() }
        "llama, padded": (llama, padded()), |m: Llama| { m.lm_head.output.save() }
        "llama, all layers": (llama, full()), |m: Llama| {
            m.model.layers.iter().map(|block| block.output.save()).collect::<Vec<_>>()
        }
        "llama, an early end": (llama, full()), |m: Llama| { m.model.layers[1].output.save() }
        "llama, an mlp skipped": (llama, full()), |m: Llama| {
            m.model.layers[1].mlp.output = 0.0;
            m.lm_head.output.save()
        }
    };
    let gradients = cases! {
        "gpt2, a gradient": (gpt2, full()), |m: Gpt2| {
            m.lm_head.output.sum().backward();
            m.transformer.h[0].output.grad.save()
        }
        "gpt2, a late gradient": (gpt2, full()), |m: Gpt2| {
            m.lm_head.output.sum().backward();
            m.transformer.h[2].output.grad.save()
        }
        "llama, all layers' gradients": (llama, full()), |m: Llama| {
            m.lm_head.output.sum().backward();
            m.model.layers.iter().map(|block| block.output.grad.save()).collect::<Vec<_>>()
        }
        "gpt2, parameters' gradients": (gpt2, full()), |m: Gpt2| {
            m.lm_head.output.sum().backward().parameter_grads()
        }
    };
    let invoked = cases! {
        "gpt2, invokes": (gpt2), |t: Gpt2| {
            let (a, b) = (t.invoke(prompts([60; 8])), t.invoke(prompts([50; 8])));
            b.transformer.h[1].output[.., -1] = a.transformer.h[1].output.at((.., -1));
            (a.lm_head.output.save(), b.lm_head.output.save())
        }
    };
    let generated = cases! {
        "gpt2, a generation": (gpt2.generate(prompts([30; 16])).max_new_tokens(20)), |m: Gpt2| {
            m.generator.output.save()
        }
        "llama, a generation": (llama.generate(prompts([30; 16])).max_new_tokens(20)), |m: Llama| {
            m.generator.output.save()
        }
        "gpt2, from short prompts": (gpt2.generate(prompts([2; 16])).max_new_tokens(40)), |m: Gpt2| {
            m.generator.output.save()
        }
        "gpt2, without a cache": (gpt2.generate(prompts([30; 4])).max_new_tokens(8).without_cache()), |m: Gpt2| {
            m.lm_head.output.every_step().map(|site| site.get().at((.., -1)).save()).collect::<Vec<_>>()
        }
    };
    let all = gpt2s
        .iter()
        .chain(&llamas)
        .chain(&gradients)
        .chain(&invoked)
        .chain(&generated);
    let all: Vec<&Case> = all.collect();
    for case in &all {
        let error = 100.0 * case.error();
        println!(
            "{:<45} {:>9} {:>9} {error:>6.1} %  {}",
            case.name, case.said.peak_bytes, case.measured, case.said
        );
    }
    assert!(all.len() >= 20);
    let wrong: Vec<&str> = all
        .iter()
        .filter(|case| case.error().abs() > 0.1)
        .map(|case| case.name)
        .collect();
    assert!(wrong.is_empty(), "more than a tenth off: {wrong:?}");
}

/// [Kaplan et al. 2020](https://arxiv.org/abs/2001.08361), table 1: for each token two operations for each weight of the
/// blocks, and two for the scores of each query and key and as many for what is read by them; the head's beside.
#[test]
fn the_operations_of_gpt2_are_the_published_ones() {
    use nnsight_models::gpt2::small::Gpt2;
    let (layers, hidden, vocab, tokens) = (12, 768, 50_257, 100);
    let lm = lm::<Gpt2>();
    let plan = plan!(lm, prompts([tokens as usize]), |m: Gpt2| m.lm_head.output.save()).unwrap();
    let mut cost = Cost::default();
    let memory = measure(|| cost = plan.cost().unwrap());
    let weights = 12 * layers * hidden * hidden;
    let products = tokens * (2 * weights + 4 * layers * tokens * hidden + 2 * hidden * vocab);
    // Norms, biases, activations and softmaxes are less than a hundredth of it.
    let more = cost.operations as f64 / products as f64 - 1.0;
    assert!((0.0..0.01).contains(&more), "{} and {products}", cost.operations);
    assert_eq!(cost.result_bytes, tokens * vocab * 4);
    // Half a GB of weights is not made for it.
    assert!(memory.bytes_max < 4 << 20, "{} bytes", memory.bytes_max);
}
