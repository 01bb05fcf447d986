//! Edits that last, and activations that are kept all at once.

use crate::goldens::Goldens;
use crate::gpt2::tiny::Gpt2;
use crate::support::{TinyNet, device, input, ints, rows, tiny_net};
use burn::tensor::Tensor;
use nnsight::models::LanguageModel;
use nnsight::prelude::*;

fn lm() -> LanguageModel<Gpt2> {
    crate::served::opened(Goldens::DIRECTORY)
}

#[test]
fn an_edit_is_the_same_trace_written_out() -> nnsight::Result<()> {
    let net = tiny_net();
    let steer = Tensor::<2>::ones([2, 3], &device());
    let by = steer.clone();
    let edited = edit!(net, move |m: TinyNet| {
        m.layer1.output[.., 0] = 0.0;
        m.layer1.output += &by;
    });
    let lasting = trace!(edited, input(), |m: TinyNet| (
        m.layer1.output.save(),
        m.output.save()
    ))?;
    let written = trace!(net, input(), |m: TinyNet| {
        m.layer1.output[.., 0] = 0.0;
        m.layer1.output += &steer;
        (m.layer1.output.save(), m.output.save())
    })?;
    assert_eq!(rows(lasting.0), rows(written.0));
    assert_eq!(rows(lasting.1), rows(written.1));
    // The original is as it was, and edits can be cleared.
    for plain in [&net, &edited.without_edits()] {
        let output = trace!(plain, input(), |m: TinyNet| m.output.save())?;
        assert_eq!(rows(output), [4.0, -1.0, 10.0, -3.0]);
    }
    Ok(())
}

#[test]
fn edits_compose_and_reach_every_invoke_and_gradient() -> nnsight::Result<()> {
    let edited = edit!(tiny_net(), |m: TinyNet| m.layer1.output *= 2.0);
    let edited = edit!(edited, |m: TinyNet| m.layer2.output += 1.0);
    let (a, b, g) = trace!(edited, |t: TinyNet| {
        let (a, b) = (t.invoke(input()), t.invoke(input()));
        b.layer2.output = 0.0;
        a.output.sum().backward();
        (a.output.save(), b.output.save(), a.layer1.input.grad.save())
    })?;
    assert_eq!(rows(a), [9.0, -1.0, 21.0, -5.0]);
    assert_eq!(rows(b), [0.0; 4]);
    assert_eq!(rows(g), [2.0; 4]);
    Ok(())
}

#[test]
fn an_edited_language_model_generates_with_its_edits() -> nnsight::models::Result<()> {
    let (goldens, lm) = (Goldens::read(), lm());
    let prompt = goldens.ints("ids_a");
    // At the steps of a generation too: an edit of every call.
    let ablated = edit!(lm, |m: Gpt2| m.transformer.h[-1].mlp.output.every_step() = 0.0);
    let tokens = ablated.generate(&prompt).max_new_tokens(20).tokens()?;
    assert_eq!(tokens, [goldens.ints("greedy_ablated.ids")]);
    let traced = trace!(ablated.generate(&prompt).max_new_tokens(20), |m: Gpt2| m
        .generator
        .output
        .save())?;
    assert_eq!(ints(traced), goldens.ints("greedy_ablated.ids"));
    assert_eq!(
        lm.generate(&prompt).max_new_tokens(20).tokens()?,
        [goldens.ints("greedy.ids")]
    );
    Ok(())
}

#[test]
fn a_cache_holds_every_site_by_its_path() -> nnsight::models::Result<()> {
    let (goldens, lm) = (Goldens::read(), lm());
    let cache = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| m.cache())?;
    goldens.check("lm_head.output", cache.get(|m| m.lm_head.output)?);
    goldens.check(
        "transformer.h.1.attn.pattern",
        cache.get(|m| m.transformer.h.at(1).attn.pattern.output)?,
    );
    goldens.check(
        "transformer.h.2.output",
        cache.get(|m| m.transformer.h.at(-1).output)?,
    );
    let names: Vec<String> = cache.iter().map(|(name, _)| name).collect();
    assert!(
        names.contains(&String::from("transformer.h.0.mlp.act.output")),
        "{names:?}"
    );
    assert_eq!(names.len(), cache.len());
    Ok(())
}

#[test]
fn a_cache_of_a_part_holds_that_part() -> nnsight::Result<()> {
    let cache = trace!(tiny_net(), input(), |m: TinyNet| {
        m.layer1.output[0] = 0.0;
        m.layer1.cache()
    })?;
    assert_eq!(cache.len(), 2);
    assert_eq!(
        rows(cache.get(|layer| layer.output)?),
        [0.0, 0.0, 0.0, 3.0, 4.0, 7.0]
    );
    assert_eq!(rows(cache.get(|layer| layer.input)?), [1.0, 2.0, 3.0, 4.0]);
    let text = cache
        .get(|layer| layer.call_idx(1).output)
        .expect_err("one call")
        .to_string();
    assert!(
        text.starts_with("layer1.output (call 1) is not in this cache"),
        "{text}"
    );
    Ok(())
}
