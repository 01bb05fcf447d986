//! Modules attached to a model: a sparse autoencoder in its residual stream, a LoRA beside one of its layers.
//!
//! In nnsight such a module is called by hand with `hook=True` to have sites, and forgotten silently without it.

use crate::goldens::Goldens;
use crate::gpt2::tiny::{Batch, Gpt2, Hidden, Mlp, Seq};
use crate::support::{Tolerance, device};
use burn::module::Param;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use nnsight::models::LanguageModel;
use nnsight::prelude::*;

axes! {
    Latent = 96;
    Rank = 2;
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq, Hidden) -> (Batch, Seq, Hidden))]
pub struct Sae {
    #[inspect((Batch, Seq, Hidden) -> (Batch, Seq, Latent))]
    encoder: Linear,
    pub latents: Probe<(Batch, Seq, Latent)>,
    #[inspect((Batch, Seq, Latent) -> (Batch, Seq, Hidden))]
    decoder: Linear,
}

#[inspectable]
impl Sae {
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let latents = self.latents.forward(relu(self.encoder.forward(x)));
        self.decoder.forward(latents)
    }
}

/// Adds `up(down(x))` to what a layer of the mlp gives for `x`.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq, Hidden) -> (Batch, Seq, Mlp))]
struct Lora {
    #[inspect((Batch, Seq, Hidden) -> (Batch, Seq, Rank))]
    down: Linear,
    #[inspect((Batch, Seq, Rank) -> (Batch, Seq, Mlp))]
    up: Linear,
}

#[inspectable]
impl Lora {
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        self.up.forward(self.down.forward(x))
    }
}

fn lm() -> LanguageModel<Gpt2> {
    let lm = LanguageModel::from_pretrained(Goldens::DIRECTORY).expect("the fixture is there");
    lm.with_device(device())
}

/// A layer of the same weights at each call: tests run side by side, and a seed is everybody's.
fn layer(from: usize, to: usize, has_bias: bool) -> Linear {
    let device = device();
    let numbers = |count: usize| {
        let waves = (0..count).map(|i| (1.7 * i as f32 + from as f32).sin() / (from as f32).sqrt());
        Tensor::<1>::from_floats(waves.collect::<Vec<_>>().as_slice(), &device)
    };
    let mut layer = LinearConfig::new(from, to).with_bias(has_bias).init(&device);
    layer.weight = Param::from_tensor(numbers(from * to).reshape([from, to]));
    layer.bias = has_bias.then(|| Param::from_tensor(numbers(to)));
    layer
}

pub fn sae() -> Sae {
    Sae {
        encoder: layer(48, 96, true),
        latents: Probe::new(),
        decoder: layer(96, 48, true),
    }
}

fn lora() -> Lora {
    Lora {
        down: layer(48, 2, false),
        up: layer(2, 192, false),
    }
}

/// The model with an autoencoder in the stream after block 1, at each step of a generation.
fn with_sae() -> (LanguageModel<Gpt2>, Attached<Sae>) {
    let (lm, sae) = lm().attach("sae", sae()).expect("the name is free");
    let edited = edit!(lm, move |m: Gpt2| for block in m.transformer.h[1].every_step() {
        block.output = m.attached(sae).call(block.output);
    });
    (edited, sae)
}

/// The model with the adapter beside block 0's `c_fc`.
fn with_lora() -> LanguageModel<Gpt2> {
    let (lm, lora) = lm().attach("lora", lora()).expect("the name is free");
    edit!(
        lm,
        move |m: Gpt2| for layer in m.transformer.h[0].mlp.c_fc.every_step() {
            layer.output += m.attached(lora).call(layer.input);
        }
    )
}

/// The same as one matrix: the adapter's product added to the layer's weight.
fn merged() -> LanguageModel<Gpt2> {
    let (lm, lora) = (lm(), lora());
    let mut model = lm.model().expect("the fixture is there").clone();
    let layer = &mut model.transformer.h[0].mlp.c_fc;
    let product = lora.down.weight.val().matmul(lora.up.weight.val());
    layer.weight = Param::from_tensor(layer.weight.val() + product);
    LanguageModel::from_parts(model, lm.tokenizer().clone()).expect("the same tokenizer")
}

fn off<const D: usize>(a: Tensor<D>, b: Tensor<D>) -> f32 {
    assert_eq!(a.dims(), b.dims());
    let scale = b.clone().abs().max().into_scalar::<f32>().max(1.0);
    (a - b).abs().max().into_scalar::<f32>() / scale
}

#[test]
fn an_autoencoder_in_the_stream_is_what_it_gives_alone() -> nnsight::models::Result<()> {
    let ids = Goldens::read().ids("ids_a");
    let ((edited, attached), alone) = (with_sae(), sae());
    let stream = trace!(lm(), ids.clone(), |m: Gpt2| m.transformer.h[1].output.save())?;
    let by_hand = alone.forward(stream.clone());
    let wanted = trace!(lm(), ids.clone(), |m: Gpt2| {
        m.transformer.h[1].output = &by_hand;
        m.lm_head.output.save()
    })?;
    let (logits, latents, entered) = trace!(edited, ids, |m: Gpt2| {
        let sae = m.attached(attached);
        (
            m.lm_head.output.save(),
            sae.latents.output.save(),
            sae.input.save(),
        )
    })?;
    assert!(off(logits, wanted) <= Tolerance::SAME.here());
    assert!(off(entered, stream.clone()) <= Tolerance::SAME.here());
    assert!(off(latents, relu(alone.encoder.forward(stream))) <= Tolerance::SAME.here());
    Ok(())
}

#[test]
fn its_sites_are_written_like_the_models_own() -> nnsight::models::Result<()> {
    let ids = Goldens::read().ids("ids_a");
    let ((edited, attached), alone) = (with_sae(), sae());
    let stream = trace!(lm(), ids.clone(), |m: Gpt2| m.transformer.h[1].output.save())?;
    let latents = relu(alone.encoder.forward(stream));
    let kept = latents.clone().slice_fill(burn::tensor::s![.., .., 5..6], 2.0);
    let wanted = alone.decoder.forward(kept);
    let written = trace!(edited, ids.clone(), |m: Gpt2| {
        m.attached(attached).latents.output[.., .., 5] = 2.0;
        m.transformer.h[1].output.save()
    })?;
    assert!(off(written, wanted) <= Tolerance::SAME.here());
    // A latent from elsewhere in the model, as long as the data can flow forward.
    let steered = trace!(edited, ids, |m: Gpt2| {
        let scale = m.transformer.h[0].output.mean_over(Hidden);
        m.attached(attached).latents.output[.., .., 7] += scale;
        m.attached(attached).latents.output[.., .., 7].save()
    })?;
    assert_eq!(steered.dims(), [1, 10]);
    Ok(())
}

#[test]
fn one_that_only_looks_changes_nothing_and_ends_the_forward_pass_early() -> nnsight::models::Result<()> {
    let ids = Goldens::read().ids("ids_a");
    let (lm, attached) = lm().attach("sae", sae())?;
    let (latents, report) = lm.trace_with_report(ids.clone(), |m| {
        let sae = m.attached(attached);
        let _ = sae.call(m.transformer.h.at(0).output.get());
        sae.latents.output.get().save()
    })?;
    assert_eq!(latents.dims(), [1, 10, 96]);
    assert_eq!(report.stopped_at.as_deref(), Some("sae.latents"));
    let logits = trace!(lm, ids, |m: Gpt2| {
        let _ = m.attached(attached).call(m.transformer.h[0].output);
        m.lm_head.output.save()
    })?;
    Goldens::read().check("lm_head.output", logits);
    Ok(())
}

#[test]
fn a_lora_is_its_product_added_to_the_weight() -> nnsight::models::Result<()> {
    let goldens = Goldens::read();
    let (adapted, merged) = (with_lora(), merged());
    let read = |lm: &LanguageModel<Gpt2>| trace!(lm, goldens.ids("ids_a"), |m: Gpt2| m.lm_head.output.save());
    let (logits, wanted) = (read(&adapted)?, read(&merged)?);
    // The same sums in another order.
    assert!(off(logits, wanted.clone()) <= Tolerance::REORDERED.here());
    assert!(off(read(&lm())?, wanted) > 0.1, "the adapter matters");
    // At each step of a generation, cached or not.
    let prompt = goldens.ints("ids_a");
    let tokens = |lm: &LanguageModel<Gpt2>| lm.generate(&prompt).max_new_tokens(8).tokens();
    let wanted = tokens(&merged)?;
    assert_eq!(tokens(&adapted)?, wanted);
    assert_ne!(tokens(&lm())?, wanted);
    let whole = adapted.generate(&prompt).max_new_tokens(8).without_cache();
    assert_eq!(whole.tokens()?, wanted);
    Ok(())
}

#[test]
fn each_invoke_has_a_run_of_its_own() -> nnsight::models::Result<()> {
    let (edited, attached) = with_sae();
    let prompts = [vec![5i64, 6, 7], vec![8, 9, 10, 11, 12]];
    let alone = prompts.each_ref().map(|prompt| {
        trace!(edited, prompt, |m: Gpt2| (
            m.attached(attached).latents.output.save(),
            m.lm_head.output.save()
        ))
    });
    let together = trace!(edited, |t: Gpt2| {
        let [a, b] = prompts.each_ref().map(|prompt| t.invoke(prompt));
        let (latents, logits) = (b.attached(attached).latents.output, b.lm_head.output);
        a.attached(attached).latents.output[.., .., 0] += 1.0;
        [
            (a.attached(attached).latents.output.save(), a.lm_head.output.save()),
            (latents.save(), logits.save()),
        ]
    })?;
    let [(a_latents, a_logits), (b_latents, b_logits)] = together;
    let [alone_a, alone_b] = alone;
    let ((own, logits), (other, untouched)) = (alone_a?, alone_b?);
    let first = own.clone().narrow(2, 0, 1) + 1.0;
    assert!(off(a_latents.narrow(2, 0, 1), first) <= Tolerance::REORDERED.here());
    assert!(off(a_logits, logits) > 1e-3, "the edit is seen");
    assert!(off(b_latents, other) <= Tolerance::REORDERED.here());
    assert!(off(b_logits, untouched) <= Tolerance::REORDERED.here());
    Ok(())
}

#[test]
fn later_steps_have_runs_of_their_own() -> nnsight::models::Result<()> {
    let (edited, attached) = with_sae();
    let prompt = Goldens::read().ints("ids_a");
    let (first, second, tokens) = trace!(edited.generate(&prompt).max_new_tokens(2), |m: Gpt2| (
        m.attached(attached).latents.output.save(),
        m.attached(attached).next().latents.output.save(),
        m.generator.output.save()
    ))?;
    assert_eq!((first.dims(), second.dims()), ([1, 10, 96], [1, 1, 96]));
    // What the second step adds is what the whole text has at that position.
    let text = tokens.narrow(1, 0, 11);
    let whole = trace!(edited, text, |m: Gpt2| m.attached(attached).latents.output.save())?;
    assert!(off(second, whole.clone().narrow(1, 10, 1)) <= Tolerance::REORDERED.here());
    assert!(off(first, whole.narrow(1, 0, 10)) <= Tolerance::REORDERED.here());
    Ok(())
}

#[test]
fn gradients_reach_its_sites_and_parameters() -> nnsight::models::Result<()> {
    let ids = Goldens::read().ids("ids_a");
    let ((edited, attached), alone) = (with_sae(), sae());
    let (after, at_latents, latents, parameters) = trace!(edited, ids, |m: Gpt2| {
        let sae = m.attached(attached);
        let loss = m.lm_head.output.sum().backward();
        (
            sae.output.grad.save(),
            sae.latents.output.grad.save(),
            sae.latents.output.save(),
            loss.parameter_grads(),
        )
    })?;
    // A linear layer: its input's gradient is its output's, times the weight transposed.
    let weight = alone.decoder.weight.val().transpose().unsqueeze();
    assert!(off(at_latents, after.clone().matmul(weight)) <= Tolerance::REORDERED.here());
    let of_weight = latents.swap_dims(1, 2).matmul(after).squeeze_dim::<2>(0);
    assert!(off(parameters.get::<2>("sae.decoder.weight")?, of_weight) <= Tolerance::REORDERED.here());
    assert!(parameters.get::<2>("transformer.wte.weight").is_ok());
    Ok(())
}

#[test]
fn one_may_run_on_what_lies_inside_another() -> nnsight::models::Result<()> {
    let ids = Goldens::read().ids("ids_a");
    let (edited, outer) = with_sae();
    let layer = layer(96, 96, false);
    let weight = layer.weight.val();
    let (both, inner) = edited.attach("inner", Inner { layer })?;
    let (read, latents) = trace!(both, ids, |m: Gpt2| {
        let latents = m.attached(outer).latents.output;
        let _ = m.attached(inner).call(latents);
        (m.attached(inner).layer.output.save(), latents.save())
    })?;
    assert!(off(read, latents.matmul(weight.unsqueeze())) <= Tolerance::REORDERED.here());
    Ok(())
}

#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq, Latent) -> (Batch, Seq, Latent))]
struct Inner {
    #[inspect((Batch, Seq, Latent) -> (Batch, Seq, Latent))]
    layer: Linear,
}

#[inspectable]
impl Inner {
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        self.layer.forward(x)
    }
}

#[test]
fn it_shows_in_the_tree_and_can_be_cached() -> nnsight::models::Result<()> {
    let (edited, attached) = with_sae();
    let tree = edited.tree().to_string();
    let shown = tree
        .lines()
        .skip_while(|line| !line.starts_with("attached sae: Sae"));
    assert_eq!(shown.count(), 4, "{tree}");
    let cache = trace!(edited, Goldens::read().ids("ids_a"), |m: Gpt2| {
        m.attached(attached).cache()
    })?;
    assert_eq!(cache.get(|sae| sae.latents.output)?.dims(), [1, 10, 96]);
    let names: Vec<String> = cache.iter().map(|(name, _)| name).collect();
    assert_eq!(names[0], "sae.input");
    // The model's own cache is what it was.
    let own = trace!(edited, Goldens::read().ids("ids_a"), |m: Gpt2| m.cache())?;
    assert!(own.iter().all(|(name, _)| !name.starts_with("sae")));
    Ok(())
}

#[test]
fn what_cannot_work_is_refused_before_the_model_runs() -> nnsight::models::Result<()> {
    let prompt = [1i64, 2, 3];
    let (edited, attached) = with_sae();
    let said = |result: nnsight::models::Result<Tensor<3>>| {
        let error = result.expect_err("it cannot work").to_string();
        error.split(" (written at").next().unwrap_or_default().to_owned()
    };

    let never = lm().attach("sae", sae())?;
    assert_eq!(
        said(trace!(never.0, prompt, |m: Gpt2| m
            .attached(never.1)
            .latents
            .output
            .save())),
        "sae.latents.output is not there: this trace does not make that call, `m.attached(..).call(value)`"
    );
    assert_eq!(
        said(trace!(lm(), prompt, |m: Gpt2| m
            .attached(attached)
            .latents
            .output
            .save())),
        "this module is not attached to the traced model"
    );
    assert_eq!(
        said(trace!(edited, prompt, |m: Gpt2| {
            m.attached(attached).encoder.input += m.transformer.h[2].output;
            m.lm_head.output.save()
        })),
        "the value of transformer.h.2.output cannot be written into sae.encoder.input, which comes earlier in the \
         forward pass"
    );
    assert_eq!(
        said(trace!(edited, prompt, |m: Gpt2| {
            m.transformer.h[0].output = m.attached(attached).output;
            m.lm_head.output.save()
        })),
        "the value of transformer.h.1.output cannot be written into transformer.h.0.output, which comes earlier in \
         the forward pass"
    );
    assert_eq!(
        said(trace!(never.0, prompt, |m: Gpt2| {
            let sae = m.attached(never.1);
            let h = m.transformer.h[0].output + sae.decoder.output;
            sae.call(h).save()
        })),
        "the value of sae.decoder.output cannot be written into sae.input, which comes earlier in the forward pass"
    );
    assert_eq!(
        said(trace!(never.0, prompt, |m: Gpt2| {
            m.lm_head.output.sum().backward();
            let _ = m.attached(never.1).call(m.transformer.h[0].output.grad);
            m.attached(never.1).latents.output.save()
        })),
        "sae.latents.output cannot be read or written: its module is called on a gradient, after the forward pass"
    );
    for name in ["sae", "transformer", "", "a.b"] {
        let error = edited.attach(name, sae()).expect_err("the name is not free");
        assert!(
            error
                .to_string()
                .starts_with(&format!("no module can be attached as {name:?}")),
            "{error}"
        );
    }
    Ok(())
}
