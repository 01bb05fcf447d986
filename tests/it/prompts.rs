//! Several prompts of a language model in one forward pass: each gets what it would get alone.
//!
//! TransformerLens #1609 and nnsight #672 return wrong numbers where prompts of different length are batched.

use crate::goldens::Goldens;
use crate::gpt2::tiny::{Gpt2, Vocab};
use crate::support::{Tolerance, device};
use burn::tensor::{Int, Tensor};
use nnsight::models::LanguageModel;
use nnsight::prelude::*;
use proptest::prelude::*;

fn lm() -> LanguageModel<Gpt2> {
    crate::served::opened(Goldens::DIRECTORY)
}

/// The largest difference, relative to the largest element: another order of the same sums.
fn off<const D: usize>(a: Tensor<D>, b: Tensor<D>) -> f32 {
    assert_eq!(a.dims(), b.dims());
    let scale = a.clone().abs().max().into_scalar::<f32>().max(1.0);
    (a - b).abs().max().into_scalar::<f32>() / scale
}

fn prompt() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(0i64..257, 1..12)
}

/// Everything that a prompt could see of itself.
type Seen = (Tensor<3>, Tensor<4>, Tensor<4>, Tensor<3>, Tensor<2, Int>);

fn seen_alone(lm: &LanguageModel<Gpt2>, prompt: &[i64]) -> Seen {
    trace!(lm, prompt, |m: Gpt2| {
        let block = m.transformer.h[1];
        (
            m.transformer.wpe.output.save(),
            block.attn.pattern.output.save(),
            block.attn.k.output.save(),
            m.lm_head.output.save(),
            m.lm_head.output.argmax(Vocab).save(),
        )
    })
    .expect("runs")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_prompt_gets_what_it_would_get_alone(prompts in prop::collection::vec(prompt(), 1..4)) {
        let lm = lm();
        let together: Vec<Seen> = trace!(lm, |t: Gpt2| {
            let mut seen = Vec::new();
            for prompt in &prompts {
                let m = t.invoke(prompt);
                let block = m.transformer.h[1];
                seen.push((
                    m.transformer.wpe.output.save(),
                    block.attn.pattern.output.save(),
                    block.attn.k.output.save(),
                    m.lm_head.output.save(),
                    m.lm_head.output.argmax(Vocab).save(),
                ));
            }
            seen
        }).expect("runs");
        for (prompt, together) in prompts.iter().zip(together) {
            let alone = seen_alone(&lm, prompt);
            prop_assert_eq!(alone.0.into_data(), together.0.into_data(), "positions");
            prop_assert!(off(alone.1, together.1) < Tolerance::REORDERED.here(), "pattern");
            prop_assert!(off(alone.2, together.2) < Tolerance::REORDERED.here(), "keys");
            prop_assert!(off(alone.3, together.3) < Tolerance::REORDERED.here(), "logits");
            prop_assert_eq!(alone.4.into_data(), together.4.into_data(), "argmax");
        }
    }

    #[test]
    fn an_edit_of_one_prompt_changes_no_bit_of_another(a in prompt(), b in prompt(), layer in 0usize..3) {
        let lm = lm();
        let run = |edited: bool| {
            trace!(lm, |t: Gpt2| {
                let a = t.invoke(&a);
                let b = t.invoke(&b);
                if edited {
                    a.transformer.h[layer].mlp.output = 0.0;
                    a.transformer.h[layer].attn.pattern.output[.., 1] = 0.25;
                    a.transformer.wpe.output[.., -1] = 9.0;
                }
                (a.lm_head.output.save(), b.lm_head.output.save())
            })
            .expect("runs")
        };
        let (plain, edited) = (run(false), run(true));
        prop_assert_eq!(plain.1.into_data(), edited.1.into_data());
        prop_assert!(off(plain.0, edited.0) > 1e-3, "the edit does nothing");
    }

    #[test]
    fn gradients_of_each_prompt_are_those_it_has_alone(a in prompt(), b in prompt()) {
        let lm = lm();
        let alone = |prompt: &Vec<i64>| {
            trace!(lm, prompt, |m: Gpt2| {
                (m.lm_head.output[.., -1, 3] * 1.0).sum().backward();
                m.transformer.h[0].output.grad.save()
            })
            .expect("runs")
        };
        let (of_a, of_b) = trace!(lm, |t: Gpt2| {
            let (a, b) = (t.invoke(&a), t.invoke(&b));
            a.lm_head.output[.., -1, 3].sum().backward();
            b.lm_head.output[.., -1, 3].sum().backward();
            (a.transformer.h[0].output.grad.save(), b.transformer.h[0].output.grad.save())
        })
        .expect("runs");
        prop_assert!(off(alone(&a), of_a) < Tolerance::REORDERED.here());
        prop_assert!(off(alone(&b), of_b) < Tolerance::REORDERED.here());
    }
}

#[test]
fn a_left_padded_batch_is_pytorchs() {
    // The same as each prompt alone, which the goldens have.
    let (goldens, lm) = (Goldens::read(), lm());
    let a = goldens.ints("ids_a");
    let logits = trace!(lm, |t: Gpt2| {
        let long = t.invoke(&a);
        let short = t.invoke(&a[..3]);
        let _ = short;
        long.lm_head.output.save()
    });
    goldens.check("lm_head.output", logits.expect("runs"));
}

#[test]
fn values_cross_prompts_of_one_length_and_positions_of_others() -> nnsight::models::Result<()> {
    let lm = lm();
    let (long, short): (&[i64], &[i64]) = (&[1, 2, 3, 4, 5], &[6, 7, 8]);
    let source = trace!(lm, long, |m: Gpt2| m.transformer.h[0].output[.., -1].save())?;
    let by_hand = trace!(lm, short, |m: Gpt2| {
        m.transformer.h[0].output[.., -1] = &source;
        m.lm_head.output.save()
    })?;
    let crossed = trace!(lm, |t: Gpt2| {
        let source = t.invoke(long);
        let base = t.invoke(short);
        base.transformer.h[0].output[.., -1] = source.transformer.h[0].output[.., -1];
        base.lm_head.output.save()
    })?;
    assert!(off(by_hand, crossed) < Tolerance::REORDERED.here());
    // A position that would be padding in the batch is outside of the prompt.
    let outside = trace!(lm, |t: Gpt2| {
        let _long = t.invoke(long);
        let base = t.invoke(short);
        let position = 3;
        base.lm_head.output[.., position].save()
    });
    let text = outside.expect_err("the prompt has three positions").to_string();
    assert!(text.contains("index 3") && text.contains("size 3"), "{text}");
    Ok(())
}

#[test]
fn a_list_of_prompts_is_one_invoke() -> nnsight::models::Result<()> {
    let lm = lm();
    let list = nnsight::models::Prompt::from(vec![
        nnsight::models::Prompt::from([1i64, 2, 3]),
        nnsight::models::Prompt::from([4i64, 5]),
    ]);
    let both = trace!(lm, list, |m: Gpt2| m.lm_head.output[.., -1].save())?;
    let first = trace!(lm, [1i64, 2, 3], |m: Gpt2| m.lm_head.output[.., -1].save())?;
    let second = trace!(lm, [4i64, 5], |m: Gpt2| m.lm_head.output[.., -1].save())?;
    assert!(off(both, Tensor::cat(vec![first, second], 0)) < Tolerance::REORDERED.here());
    Ok(())
}

#[test]
fn a_prompt_that_cannot_be_had_is_its_own_error() {
    let lm = lm();
    let long = vec![1i64; 65];
    let found = trace!(lm, |t: Gpt2| {
        let a = t.invoke(&long);
        a.lm_head.output.save()
    });
    let error = found.expect_err("64 positions");
    assert!(
        matches!(
            error,
            nnsight::models::Error::PromptTooLong {
                found: 65,
                positions: 64
            }
        ),
        "{error}"
    );
    let none = trace!(lm, |t: Gpt2| {
        let _ = &t;
        Value::<(), Float>::constant(&Tensor::<1>::ones([1], &device())).save()
    });
    let text = none.expect_err("no prompt").to_string();
    assert!(text.starts_with("this trace has no input"), "{text}");
}
