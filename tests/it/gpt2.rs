//! GPT-2 under the tracer, against PyTorch's numbers (`tests/fixtures/gpt2-tiny`).
//!
//! The tolerance is 1e-5 relative to the golden's largest element, and at least 1e-5: PyTorch's own float32
//! is that far from its float64 on these weights, which are drawn large.

use crate::goldens::Goldens;
use crate::support::device;
use nnsight::models::LanguageModel;
use nnsight::prelude::*;
use tiny::{Batch, Gpt2, Hidden, Seq, Vocab};

nnsight::models::gpt2_config! {
    /// The tiny GPT-2 of the fixtures.
    pub mod tiny {
        pub struct Tiny = "../fixtures/gpt2-tiny/config.json";
    }
}

fn lm() -> LanguageModel<Gpt2> {
    crate::served::opened(Goldens::DIRECTORY)
}

#[test]
fn every_site_has_pytorchs_value() {
    let (goldens, lm) = (Goldens::read(), lm());
    let (wte, wpe, ln_f, lm_head) = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| {
        let t = m.transformer;
        (
            t.wte.output.save(),
            t.wpe.output.save(),
            t.ln_f.output.save(),
            m.lm_head.output.save(),
        )
    })
    .expect("runs");
    goldens.check("transformer.wte.output", wte);
    goldens.check("transformer.wpe.output", wpe);
    goldens.check("transformer.ln_f.output", ln_f);
    goldens.check("lm_head.output", lm_head);

    let blocks = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| {
        let block = |b: Sites<nnsight::models::gpt2::Block<tiny::Tiny>>| {
            let wide = (
                b.attn.c_attn.output.save(),
                b.mlp.c_fc.output.save(),
                b.mlp.act.output.save(),
                b.attn.pattern.output.save(),
            );
            let narrow = [
                ("ln_1.input", b.ln_1.input),
                ("ln_1.output", b.ln_1.output),
                ("attn.c_proj.input", b.attn.c_proj.input),
                ("attn.c_proj.output", b.attn.c_proj.output),
                ("attn.output", b.attn.output),
                ("ln_2.input", b.ln_2.input),
                ("ln_2.output", b.ln_2.output),
                ("mlp.output", b.mlp.output),
                ("output", b.output),
                // Probes that PyTorch has under another name.
                ("ln_1.input", b.resid_pre.output),
                ("ln_2.input", b.resid_mid.output),
                ("output", b.resid_post.output),
            ];
            (wide, narrow.map(|(name, value)| (name, value.save())))
        };
        m.transformer.h.iter().map(block).collect::<Vec<_>>()
    })
    .expect("runs");
    assert_eq!(blocks.len(), 3);
    for (i, ((c_attn, c_fc, act, pattern), narrow)) in blocks.into_iter().enumerate() {
        let name = |site: &str| format!("transformer.h.{i}.{site}");
        goldens.check(&name("attn.c_attn.output"), c_attn);
        goldens.check(&name("mlp.c_fc.output"), c_fc);
        goldens.check(&name("mlp.act.output"), act);
        goldens.check(&name("attn.pattern"), pattern);
        for (site, value) in narrow {
            goldens.check(&name(site), value);
        }
    }
}

#[test]
fn heads_see_what_pytorch_computes() {
    let (goldens, lm) = (Goldens::read(), lm());
    // scores, masked and normalised, are the pattern; the pattern applied to v is z; z by heads is c_proj's input.
    let (scores, pattern, z, v, merged) = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| {
        let attn = m.transformer.h[1].attn;
        (
            attn.scores.output.save(),
            attn.pattern.output.save(),
            attn.z.output.save(),
            attn.v.output.save(),
            attn.c_proj.input.save(),
        )
    })
    .expect("runs");
    goldens.check("transformer.h.1.attn.pattern", pattern.clone());
    let causal = Tensor::<2, Bool>::tril_mask([10, 10], 0, &device())
        .unsqueeze::<4>()
        .expand([1, 4, 10, 10]);
    let normalised = burn::tensor::activation::softmax(scores.mask_fill(causal, f32::NEG_INFINITY), 3);
    goldens.check("transformer.h.1.attn.pattern", normalised);
    goldens.check("transformer.h.1.attn.c_proj.input", merged);
    let read = pattern.matmul(v).swap_dims(1, 2).reshape([1, 10, 48]);
    goldens.check("transformer.h.1.attn.c_proj.input", read);
    goldens.check(
        "transformer.h.1.attn.c_proj.input",
        z.swap_dims(1, 2).reshape([1, 10, 48]),
    );
}

#[test]
fn the_logit_lens_calls_the_models_own_modules() {
    let (goldens, lm) = (Goldens::read(), lm());
    let lens = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| {
        m.transformer
            .h
            .iter()
            .map(|b| m.lm_head.call(m.transformer.ln_f.call(b.output)).save())
            .collect::<Vec<_>>()
    })
    .expect("runs");
    for (i, logits) in lens.into_iter().enumerate() {
        goldens.check(&format!("lens.{i}"), logits);
    }
}

#[test]
fn each_layers_mlp_set_to_zero() {
    let (goldens, lm) = (Goldens::read(), lm());
    for i in 0..3usize {
        let logits = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| {
            m.transformer.h[i].mlp.output = 0.0;
            m.lm_head.output.save()
        })
        .expect("runs");
        goldens.check_part("ablate_mlp.logits", i, logits);
    }
}

#[test]
fn each_layers_attention_set_to_zero() {
    let (goldens, lm) = (Goldens::read(), lm());
    for i in 0..3usize {
        let logits = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| {
            m.transformer.h[i].attn.output = 0.0;
            m.lm_head.output[.., -1].save()
        })
        .expect("runs");
        goldens.check_part("ablate_attn.last_logits", i, logits);
    }
}

#[test]
fn each_head_set_to_zero() {
    let (goldens, lm) = (Goldens::read(), lm());
    for (layer, head) in (0..3usize).flat_map(|layer| (0..4usize).map(move |head| (layer, head))) {
        let difference = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| {
            m.transformer.h[layer].attn.z.output[.., head] = 0.0;
            let last = m.lm_head.output[0, -1];
            (last[42] - last[97]).save()
        })
        .expect("runs");
        goldens.check_part("ablate_head.logit_diff", layer * 4 + head, difference);
    }
}

#[test]
fn the_residual_patched_at_every_layer_and_position() {
    let (goldens, lm) = (Goldens::read(), lm());
    let clean: Vec<Tensor<3>> = trace!(lm, goldens.ids("ids_b"), |m: Gpt2| {
        m.transformer
            .h
            .iter()
            .map(|b| b.output.save())
            .collect::<Vec<_>>()
    })
    .expect("runs");
    for (layer, position) in (0..3usize).flat_map(|layer| (0..10usize).map(move |position| (layer, position)))
    {
        let source = clean[layer].clone();
        let (last, difference) = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| {
            let source = Value::<(Batch, Seq, Hidden)>::constant(&source);
            m.transformer.h[layer].output[.., position] = source[.., position];
            let last = m.lm_head.output[0, -1];
            (last.save(), (last[42] - last[97]).save())
        })
        .expect("runs");
        goldens.check_part("patch_sweep.last_logits", layer * 10 + position, last);
        goldens.check_part("patch_sweep.logit_diff", layer * 10 + position, difference);
    }
}

#[test]
fn the_argmax_tokens_are_pytorchs() {
    let (goldens, lm) = (Goldens::read(), lm());
    let ids = trace!(lm, goldens.ids("ids_a"), |m: Gpt2| m
        .lm_head
        .output
        .argmax(Vocab)
        .save())
    .expect("runs");
    assert_eq!(crate::support::ints(ids), goldens.ints("lm_head.argmax"));
}
