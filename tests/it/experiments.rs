//! Experiments written for any decoder: what they do in one line is what traces by hand do in many.

use crate::language_model::facts::Gpt2;
use burn::tensor::Tensor;
use nnsight::models::{Decoder, LanguageModel};
use nnsight::prelude::*;

pub const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/checkpoints/facts-gpt2");
const EIFFEL: &str = "The Eiffel Tower is in the city of";
const COLOSSEUM: &str = "The Colosseum is in the city of";

fn lm() -> LanguageModel<Gpt2> {
    crate::served::opened(DIRECTORY)
}

/// The residual stream after a layer, at the last position.
fn last_of_stream<M: Decoder>(
    lm: &LanguageModel<M>,
    layer: usize,
    prompt: &str,
) -> nnsight::models::Result<Tensor<1>> {
    trace!(lm, prompt, |m: M| M::blocks(m)[layer].resid_post.output[0, -1].save())
}

fn off(a: Tensor<1>, b: Tensor<1>) -> f32 {
    (a - b).abs().max().into_scalar()
}

#[test]
fn a_steered_generation_is_a_trace_of_each_step_by_hand() -> nnsight::models::Result<()> {
    fn check<M: Decoder>(lm: &LanguageModel<M>, layer: usize) -> nnsight::models::Result<()> {
        let vector = last_of_stream(lm, layer, COLOSSEUM)? - last_of_stream(lm, layer, EIFFEL)?;
        let by = vector.clone();
        let steered = edit!(lm, move |m: M| {
            M::blocks(m)[layer].resid_post.output.every_step() += Value::<(M::Hidden,)>::constant(&by);
        });
        let prompt = lm.tokenizer().encode(EIFFEL)?;
        let generated = steered.generate(&prompt).max_new_tokens(6).tokens()?;

        let mut ids: Vec<i64> = prompt.iter().copied().map(i64::from).collect();
        for _ in 0..6 {
            let rows = vector.clone().expand([1, ids.len() as i64, -1]);
            let next = trace!(lm, &ids, |m: M| {
                M::blocks(m)[layer].resid_post.output += &rows;
                M::logits_site(m).get()[0, -1].argmax(M::TOKENS).save()
            })?;
            ids.push(next.into_scalar());
        }
        assert_eq!(generated, [ids.clone()]);
        let plain = lm.generate(&prompt).max_new_tokens(6).tokens()?;
        assert_ne!(plain, [ids], "the vector does nothing");
        Ok(())
    }
    check(&lm(), 2)
}

#[test]
fn patching_each_layer_in_one_pass_is_a_pass_for_each() -> nnsight::models::Result<()> {
    fn check<M: Decoder>(lm: &LanguageModel<M>) -> nnsight::models::Result<()> {
        let together = trace!(lm, |t: M| {
            let source = t.invoke(COLOSSEUM);
            let patched = (0..M::LAYERS).map(|layer| {
                let base = t.invoke(EIFFEL);
                M::blocks(base)[layer].resid_post.output[.., -1] =
                    M::blocks(source)[layer].resid_post.output[.., -1];
                M::logits_site(base).get()[0, -1].save()
            });
            patched.collect::<Vec<_>>()
        })?;
        let plain = trace!(lm, EIFFEL, |m: M| M::logits_site(m).get()[0, -1].save())?;
        for (layer, together) in together.into_iter().enumerate() {
            let source = last_of_stream(lm, layer, COLOSSEUM)?.unsqueeze::<2>();
            let alone = trace!(lm, EIFFEL, |m: M| {
                M::blocks(m)[layer].resid_post.output[.., -1] = &source;
                M::logits_site(m).get()[0, -1].save()
            })?;
            // Another order of the same sums; the logits reach 20.
            assert!(off(alone, together.clone()) < 1e-3, "layer {layer}");
            assert!(
                off(plain.clone(), together) > 0.1,
                "layer {layer}: the patch does nothing"
            );
        }
        Ok(())
    }
    check(&lm())
}
