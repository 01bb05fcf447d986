//! GPT-2's gradients, against PyTorch's numbers (`tests/fixtures/gpt2-tiny`): of the sum of all logits, and of
//! the difference of two.
//!
//! The tolerance is 1e-5 of a golden's largest element. PyTorch's own float32 is up to 1.5e-6 of it from its
//! float64 (`fp32_vs_fp64` in `goldens.json`; embeddings are worst, where the errors of all layers add up), and
//! two float32 programs that add in other orders each make such an error. The largest element itself is between
//! 0.37 and 190.

use crate::goldens::Goldens;
use crate::gpt2::tiny::{Batch, Gpt2, Hidden, Seq, Tiny, Vocab};
use crate::support::same;
use burn::tensor::TensorData;
use nnsight::models::LanguageModel;
use nnsight::models::gpt2::Block;
use nnsight::prelude::*;
use nnsight::{ParameterGrads, Result};

type Logits = Value<(Batch, Seq, Vocab)>;
type Residual = Site<(Batch, Seq, Hidden)>;
type Loss = fn(Logits) -> Value<()>;

fn sum(logits: Logits) -> Value<()> {
    logits.sum()
}

fn difference(logits: Logits) -> Value<()> {
    let last = logits.at((0, -1));
    last.at((42,)) - last.at((97,))
}

fn lm() -> LanguageModel<Gpt2> {
    crate::served::opened(Goldens::DIRECTORY)
}

/// Sites of a block, by PyTorch's names of their gradients.
fn sites(b: Sites<Block<Tiny>>) -> [(&'static str, Residual); 7] {
    [
        ("attn.c_proj.output", b.attn.c_proj.output),
        ("attn.c_proj.output", b.attn.output),
        // Here attention's output joins the stream, and below the mlp's.
        ("attn.c_proj.output", b.resid_mid.output),
        ("mlp.output", b.mlp.output),
        ("mlp.output", b.mlp.c_proj.output),
        ("output", b.output),
        ("output", b.resid_post.output),
    ]
}

fn sites_have_pytorchs_gradients(tag: &str, loss: Loss) {
    let (goldens, lm) = (Goldens::read(), lm());
    let (embedded, entering, blocks) = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| {
        loss(m.lm_head.output.get()).backward();
        let t = m.transformer;
        // The first block's input is their sum, and a sum hands its gradient on.
        let embedded = [
            t.wte.output.grad.save(),
            t.wpe.output.grad.save(),
            t.h[0].input.grad.save(),
            t.h[0].resid_pre.output.grad.save(),
        ];
        let entering =
            t.h.iter()
                .skip(1)
                .map(|b| b.input.grad.save())
                .collect::<Vec<_>>();
        let block = |b| sites(b).map(|(name, site)| (name, site.grad().save()));
        let blocks = t.h.iter().map(block).collect::<Vec<_>>();
        (embedded, entering, blocks)
    })
    .expect("runs");
    for gradient in embedded {
        goldens.check_relative(&format!("grad_{tag}.transformer.wte.output"), gradient);
    }
    for (i, gradient) in entering.into_iter().enumerate() {
        goldens.check_relative(&format!("grad_{tag}.transformer.h.{i}.output"), gradient);
    }
    // Three of each block and the embedding's are all there are.
    assert_eq!(
        (
            blocks.len(),
            goldens.names(&format!("grad_{tag}.transformer.")).len()
        ),
        (3, 10)
    );
    for (i, sites) in blocks.into_iter().enumerate() {
        for (site, gradient) in sites {
            goldens.check_relative(&format!("grad_{tag}.transformer.h.{i}.{site}"), gradient);
        }
    }
}

#[test]
fn every_site_has_pytorchs_gradient_of_the_sum() {
    sites_have_pytorchs_gradients("sum", sum);
}

#[test]
fn every_site_has_pytorchs_gradient_of_a_difference() {
    sites_have_pytorchs_gradients("diff", difference);
}

/// Burn's name of a parameter by PyTorch's, which calls the parameters of a layer norm otherwise.
fn burns_name(pytorchs: &str) -> String {
    match pytorchs.rsplit_once('.') {
        Some((norm, "weight")) if norm.contains("ln_") => format!("{norm}.gamma"),
        Some((norm, "bias")) if norm.contains("ln_") => format!("{norm}.beta"),
        _ => pytorchs.to_owned(),
    }
}

#[test]
fn every_parameter_has_pytorchs_gradient() -> Result<()> {
    let goldens = Goldens::read();
    let found = trace!(lm(), goldens.ids("ids_a"), |m: Gpt2| {
        m.lm_head.output.sum().backward().parameter_grads()
    })
    .expect("runs");
    let names = goldens.names("grad_sum.param.");
    // All but the head, which PyTorch ties to the embedding.
    assert_eq!(names.len() + 1, found.len());
    for name in names {
        let golden = format!("grad_sum.param.{name}");
        match (burns_name(&name).as_str(), goldens.rank(&golden)) {
            (wte @ "transformer.wte.weight", _) => {
                let tied = found.get::<2>(wte)? + found.get::<2>("lm_head.weight")?.transpose();
                goldens.check_relative(&golden, tied);
            }
            (name, 1) => goldens.check_relative(&golden, found.get::<1>(name)?),
            (name, _) => goldens.check_relative(&golden, found.get::<2>(name)?),
        }
    }
    Ok(())
}

#[test]
fn parameters_by_their_fields() {
    let (goldens, lm) = (Goldens::read(), lm());
    let ((c_attn, c_fc, wpe), (bias, gamma, beta), (wte, head)) =
        trace!(lm, goldens.ids("ids_a"), |m: Gpt2| {
            m.lm_head.output.sum().backward();
            let t = m.transformer;
            (
                (
                    t.h[0].attn.c_attn.weight.grad.save(),
                    t.h[1].mlp.c_fc.weight.grad.save(),
                    t.wpe.weight.grad.save(),
                ),
                (
                    t.h[-1].attn.c_proj.bias.grad.save(),
                    t.h[2].ln_2.gamma.grad.save(),
                    t.ln_f.beta.grad.save(),
                ),
                (t.wte.weight.grad.save(), m.lm_head.weight.grad.save()),
            )
        })
        .expect("runs");
    let matrices = [
        ("h.0.attn.c_attn.weight", c_attn),
        ("h.1.mlp.c_fc.weight", c_fc),
        ("wpe.weight", wpe),
        ("wte.weight", wte + head.transpose()),
    ];
    for (name, gradient) in matrices {
        goldens.check_relative(&format!("grad_sum.param.transformer.{name}"), gradient);
    }
    let vectors = [
        ("h.2.attn.c_proj.bias", bias),
        ("h.2.ln_2.weight", gamma),
        ("ln_f.bias", beta),
    ];
    for (name, gradient) in vectors {
        goldens.check_relative(&format!("grad_sum.param.transformer.{name}"), gradient);
    }
}

/// The parameters' gradients by name, to the bit.
fn data(gradients: &ParameterGrads) -> Vec<(&str, TensorData)> {
    gradients
        .iter()
        .map(|(name, _, gradient)| (name, gradient.to_data().expect("floats")))
        .collect()
}

#[test]
fn two_losses_of_a_trace_are_the_losses_of_two_traces() {
    let (goldens, lm) = (Goldens::read(), lm());
    let ids = goldens.ids("ids_a");
    let alone = |loss: Loss| {
        trace!(lm, ids.clone(), |m: Gpt2| {
            let b = loss(m.lm_head.output.get()).backward();
            let sites = m.transformer.h.iter().map(|block| block.output.grad.save());
            (
                sites.collect::<Vec<_>>(),
                m.transformer.wte.output.grad.save(),
                b.parameter_grads(),
            )
        })
        .expect("runs")
    };
    let together = trace!(lm, ids.clone(), |m: Gpt2| {
        let logits = m.lm_head.output.get();
        let losses = [sum(logits).backward(), difference(logits).backward()];
        losses.map(|b| {
            let sites = m.transformer.h.iter().map(|block| b.grad(block.output).save());
            (
                sites.collect::<Vec<_>>(),
                b.grad(m.transformer.wte.output).save(),
                b.parameter_grads(),
            )
        })
    })
    .expect("runs");
    for (together, alone) in together.into_iter().zip([alone(sum), alone(difference)]) {
        assert_eq!(data(&together.2), data(&alone.2));
        assert_eq!(same(together.1.into_data(), alone.1.into_data()), Ok(()));
        let blocks = |blocks: Vec<Tensor<3>>| blocks.into_iter().map(Tensor::into_data).collect::<Vec<_>>();
        assert_eq!(blocks(together.0), blocks(alone.0));
    }
}

/// To PyTorch's numbers, not to the bits of a plain run: where values are tracked, Burn takes a layer norm apart
/// that its CPU backend computes in one go otherwise.
#[test]
fn asking_for_gradients_leaves_the_values() {
    let (goldens, lm) = (Goldens::read(), lm());
    let (logits, blocks, _) = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| {
        m.lm_head.output.sum().backward();
        let blocks = m.transformer.h.iter().map(|b| b.output.save());
        (
            m.lm_head.output.save(),
            blocks.collect::<Vec<_>>(),
            m.transformer.wte.output.grad.save(),
        )
    })
    .expect("runs");
    goldens.check("lm_head.output", logits);
    for (i, output) in blocks.into_iter().enumerate() {
        goldens.check(&format!("transformer.h.{i}.output"), output);
    }
}

#[test]
fn a_gradient_of_zero_stops_what_lies_behind_it_and_nothing_else() {
    let (goldens, lm) = (Goldens::read(), lm());
    let plain = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| {
        m.lm_head.output.sum().backward().parameter_grads()
    })
    .expect("runs");
    let stopped = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| {
        m.transformer.h[1].output.grad = 0.0;
        m.lm_head.output.sum().backward().parameter_grads()
    })
    .expect("runs");
    let behind = ["wte", "wpe", "h.0", "h.1"].map(|name| format!("transformer.{name}."));
    let (plain, stopped) = (data(&plain), data(&stopped));
    assert_eq!(plain.len(), stopped.len());
    let mut zeroed = 0;
    for ((name, plain), (same, stopped)) in plain.into_iter().zip(stopped) {
        assert_eq!(name, same);
        assert!(plain.iter::<f32>().any(|x| x != 0.0), "{name}");
        if behind.iter().any(|module| name.starts_with(module)) {
            assert!(stopped.iter::<f32>().all(|x| x == 0.0), "{name}");
            zeroed += 1;
        } else {
            assert_eq!(plain, stopped, "{name}");
        }
    }
    // Two embeddings, and twelve parameters of each block.
    assert_eq!(zeroed, 26);
}
