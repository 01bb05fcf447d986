//! Generation: greedy against PyTorch, steps as sites, the cache, several prompts, and how tokens are drawn.

use crate::goldens::Goldens;
use crate::gpt2::tiny::{Gpt2, Vocab};
use crate::support::{Tolerance, ints};
use burn::tensor::Tensor;
use nnsight::models::{Error, LanguageModel, NewToken};
use nnsight::prelude::*;
use proptest::prelude::*;

fn lm() -> LanguageModel<Gpt2> {
    crate::served::opened(Goldens::DIRECTORY)
}

fn off<const D: usize>(a: Tensor<D>, b: Tensor<D>) -> f32 {
    let scale = a.clone().abs().max().into_scalar::<f32>().max(1.0);
    (a - b).abs().max().into_scalar::<f32>() / scale
}

#[test]
fn greedy_tokens_are_pytorchs() -> nnsight::models::Result<()> {
    let (goldens, lm) = (Goldens::read(), lm());
    let wanted = goldens.ints("greedy.ids");
    let prompt = goldens.ints("ids_a");
    let cached = lm.generate(&prompt).max_new_tokens(20).tokens()?;
    let recomputed = lm.generate(&prompt).max_new_tokens(20).without_cache().tokens()?;
    assert_eq!(cached, recomputed);
    assert_eq!(recomputed, [wanted]);
    Ok(())
}

#[test]
fn an_intervention_at_every_step_is_pytorchs() -> nnsight::models::Result<()> {
    let (goldens, lm) = (Goldens::read(), lm());
    let prompt = goldens.ints("ids_a");
    let tokens = trace!(lm.generate(&prompt).max_new_tokens(20), |m: Gpt2| {
        m.transformer.h[-1].mlp.output.every_step() = 0.0;
        m.generator.output.save()
    })?;
    assert_eq!(ints(tokens), goldens.ints("greedy_ablated.ids"));
    Ok(())
}

#[test]
fn each_step_is_a_call_of_its_own() -> nnsight::models::Result<()> {
    let (goldens, lm) = (Goldens::read(), lm());
    let prompt = goldens.ints("ids_a");
    let wanted = goldens.ints("greedy.ids");
    let (first, second, third, all, sizes) = trace!(lm.generate(&prompt).max_new_tokens(4), |m: Gpt2| {
        let first = m.lm_head.output[.., -1].argmax(Vocab);
        let second = m.lm_head.next().output.argmax(Vocab);
        let third = m.lm_head.call_idx(2).output.argmax(Vocab);
        let pattern = m.transformer.h[0].attn.pattern.call_idx(2).output;
        let all: Vec<_> = m.lm_head.output.every_step().map(|site| site.get().at((.., -1)).argmax(Vocab).save()).collect();
        (first.save(), second.save(), third.save(), all, pattern.shape().iter().map(|&size| size as i64).collect::<Vec<_>>())
    })?;
    assert_eq!(ints(first), [wanted[10]]);
    assert_eq!(ints(second), [wanted[11]]);
    assert_eq!(ints(third), [wanted[12]]);
    assert_eq!(all.into_iter().flat_map(ints).collect::<Vec<_>>(), wanted[10..14]);
    assert_eq!(sizes, [1, 4, 1, 12]);
    Ok(())
}

#[test]
fn chosen_steps_are_edited() -> nnsight::models::Result<()> {
    let (goldens, lm) = (Goldens::read(), lm());
    let prompt = goldens.ints("ids_a");
    let (plain, ablated) = (goldens.ints("greedy.ids"), goldens.ints("greedy_ablated.ids"));
    let run = |from: usize| {
        trace!(lm.generate(&prompt).max_new_tokens(6), |m: Gpt2| {
            m.transformer.h[-1].mlp.output.steps(from..) *= 0.0;
            m.generator.output.save()
        })
    };
    assert_eq!(ints(run(6)?), plain[..16]);
    assert_eq!(ints(run(0)?), ablated[..16]);
    let later = ints(run(2)?);
    assert_eq!(later[..12], plain[..12]);
    assert_ne!(later, plain[..16]);
    Ok(())
}

#[test]
fn only_as_many_steps_are_run_as_are_needed() -> nnsight::models::Result<()> {
    let lm = lm();
    let mut seen = 0;
    let generation = lm
        .generate([1i64, 2, 3])
        .max_new_tokens(40)
        .stream(|_: NewToken| seen += 1);
    trace!(generation, |m: Gpt2| m.lm_head.next().output.argmax(Vocab).save())?;
    assert!(seen <= 2, "{seen} tokens");
    Ok(())
}

fn prompt() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(0i64..257, 1..10)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_cache_gives_the_logits_of_recomputation(a in prompt(), b in prompt()) {
        let lm = lm();
        let run = |cached: bool| {
            let generation = lm.generate_each().max_new_tokens(4);
            let generation = if cached { generation } else { generation.without_cache() };
            trace!(generation, |t: Gpt2| {
                let (a, b) = (t.invoke(&a), t.invoke(&b));
                let last = |m: nnsight::models::Generating<Gpt2>| {
                    m.lm_head.output.every_step().map(|site| site.get().at((.., -1)).save()).collect::<Vec<_>>()
                };
                (last(a), last(b), a.generator.output.save(), b.generator.output.save())
            })
            .expect("runs")
        };
        let (cached, recomputed) = (run(true), run(false));
        for (cached, recomputed) in cached.0.into_iter().chain(cached.1).zip(recomputed.0.into_iter().chain(recomputed.1)) {
            prop_assert!(off(cached, recomputed) < Tolerance::REORDERED.here());
        }
        prop_assert_eq!(ints(cached.2), ints(recomputed.2));
        prop_assert_eq!(ints(cached.3), ints(recomputed.3));
    }

    #[test]
    fn a_prompt_goes_on_as_it_would_alone(a in prompt(), b in prompt(), seed in 0u64..100) {
        let lm = lm();
        let alone = |prompt: &Vec<i64>| {
            lm.generate(prompt).max_new_tokens(5).temperature(0.7).top_k(20).seed(seed).tokens().expect("runs")
        };
        let generation = lm.generate_each().max_new_tokens(5).temperature(0.7).top_k(20).seed(seed);
        let (of_a, of_b) = trace!(generation, |t: Gpt2| {
            let (a, b) = (t.invoke(&a), t.invoke(&b));
            (a.generator.output.save(), b.generator.output.save())
        })
        .expect("runs");
        prop_assert_eq!(ints(of_a), alone(&a)[0].clone());
        prop_assert_eq!(ints(of_b), alone(&b)[0].clone());
    }
}

#[test]
fn prompts_stop_at_different_steps() -> nnsight::models::Result<()> {
    let (goldens, lm) = (Goldens::read(), lm());
    let prompt = goldens.ints("ids_a");
    let wanted = goldens.ints("greedy.ids");
    // The first prompt's second token ends it; the other goes on.
    let stop = wanted[11];
    let other = [5i64, 6, 7];
    let alone = lm.generate(other).max_new_tokens(4).stop_at([stop]).tokens()?;
    assert_eq!(alone[0].len(), 7, "choose another prompt");
    let generation = || lm.generate_each().max_new_tokens(4).stop_at([stop]);
    let (first, second, missing, there) = trace!(generation(), |t: Gpt2| {
        let (a, b) = (t.invoke(&prompt), t.invoke(other));
        (
            a.generator.output.save(),
            b.generator.output.save(),
            a.lm_head.call_idx(2).output.try_save(),
            b.lm_head.call_idx(2).output.try_save(),
        )
    })?;
    assert_eq!(ints(first), wanted[..12]);
    assert_eq!(ints(second), alone[0]);
    assert!(missing.is_none() && there.is_some());
    let refused = trace!(generation(), |t: Gpt2| {
        let (a, b) = (t.invoke(&prompt), t.invoke(other));
        let _ = b.generator.output.save();
        (a.lm_head.call_idx(2).output.save(), b.generator.output.save())
    });
    let text = refused.expect_err("it ended before").to_string();
    assert!(
        text.contains(
            "lm_head.output (call 2) of invoke 1 was not reached: the generation of its prompt ended"
        ),
        "{text}"
    );
    Ok(())
}

#[test]
fn tokens_are_streamed_and_drawn_as_asked() -> nnsight::models::Result<()> {
    let lm = lm();
    let mut seen = Vec::new();
    let tokens = lm
        .generate([1i64, 2])
        .max_new_tokens(3)
        .stream(|token| seen.push(token))
        .tokens()?;
    let wanted: Vec<NewToken> = (0..3)
        .map(|step| NewToken {
            row: 0,
            step,
            id: tokens[0][2 + step],
        })
        .collect();
    assert_eq!(seen, wanted);

    let draw = |seed| {
        lm.generate([1i64, 2])
            .max_new_tokens(12)
            .temperature(1.5)
            .seed(seed)
            .tokens()
    };
    assert_eq!(draw(1)?, draw(1)?);
    assert_ne!(draw(1)?, draw(2)?);
    let greedy = lm.generate([1i64, 2]).max_new_tokens(12).tokens()?;
    let of_one = lm
        .generate([1i64, 2])
        .max_new_tokens(12)
        .temperature(2.0)
        .top_k(1)
        .tokens()?;
    let likely = lm
        .generate([1i64, 2])
        .max_new_tokens(12)
        .temperature(2.0)
        .top_p(1e-9)
        .tokens()?;
    assert_eq!(of_one, greedy);
    assert_eq!(likely, greedy);
    Ok(())
}

#[test]
fn what_cannot_be_generated_is_refused() {
    let lm = lm();
    let long = lm.generate([1i64; 60]).max_new_tokens(6).tokens();
    assert!(matches!(
        long,
        Err(Error::GenerationTooLong {
            prompt: 60,
            new: 6,
            positions: 64
        })
    ));
    assert!(lm.generate([1i64; 60]).max_new_tokens(5).tokens().is_ok());
    let nothing = lm.generate([1i64]).max_new_tokens(0).tokens();
    assert!(matches!(
        nothing,
        Err(Error::Sampling {
            what: "max_new_tokens",
            ..
        })
    ));
    let cold = lm.generate([1i64]).temperature(-1.0).tokens();
    assert!(matches!(
        cold,
        Err(Error::Sampling {
            what: "temperature",
            ..
        })
    ));
    let none = lm.generate([1i64]).top_k(0).tokens();
    assert!(matches!(none, Err(Error::Sampling { what: "top_k", .. })));
    let nucleus = lm.generate([1i64]).top_p(1.5).tokens();
    assert!(matches!(nucleus, Err(Error::Sampling { what: "top_p", .. })));
}
