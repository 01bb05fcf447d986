//! A trained model, SmolLM2-135M-Instruct, against PyTorch's numbers (`tests/fixtures/smollm2-135m`).
//!
//! Its weights are not in the repository: `tests/fetch-model.sh` puts them into
//! `~/.cache/nnsight/SmolLM2-135M-Instruct`, and the variable NNSIGHT_SMOLLM2 names another directory. Where
//! there are none, these tests say so and test nothing.

use crate::device::device;
use crate::goldens::Goldens;
use crate::tolerance::Tolerance;
use crate::trained::{SMOLLM2, on_a_trained_model};
use burn::prelude::*;
use nnsight_core::{Value, trace};
use nnsight_models::llama::smollm2_135m::{Batch, Hidden, Llama, Seq, Vocab};
use nnsight_models::{Context, KeyValueCache, LanguageModel};
use std::path::Path;
use std::sync::LazyLock;

const EIFFEL: &str = "The Eiffel Tower is in the city of";
const COLOSSEUM: &str = "The Colosseum is in the city of";

/// Its weights are read once for all tests: they are 0.6 GB in f32.
static MODEL: LazyLock<Option<LanguageModel<Llama>>> =
    LazyLock::new(|| Some(SMOLLM2.open()?.with_device(device())));

fn with_model(test: &str, run: impl FnOnce(&LanguageModel<Llama>, Goldens)) {
    match &*MODEL {
        Some(lm) => run(lm, goldens()),
        None => SMOLLM2.skipped(test),
    }
}

fn goldens() -> Goldens {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/smollm2-135m/goldens.safetensors");
    // 30 blocks in f32, twice, in another order each. The logits reach 30.
    Goldens::read(&file, Tolerance::SMOLLM2.here())
}

on_a_trained_model! { with_model:
    fn prompts_have_the_reference_tokens(lm, goldens) {
        for (name, prompt) in [("a.ids", EIFFEL), ("b.ids", COLOSSEUM), ("c.ids", "Rome is the capital of")] {
            let ids = lm.token_ids(prompt).unwrap();
            assert_eq!(ids.into_data(), goldens.ids(name).into_data(), "{name}");
        }
    }

    fn the_eiffel_tower_is_in_paris_until_the_last_mlp_is_gone(lm, goldens) {
        let (paris, ids) = trace!(lm, EIFFEL, |m: Llama| {
            (m.lm_head.output[.., -1].argmax(Vocab).save(), m.lm_head.output.argmax(Vocab).save())
        })
        .unwrap();
        assert_eq!(lm.tokenizer().decode(paris).unwrap(), " Paris");
        assert_eq!(ints(ids), goldens.ints("a.argmax"));
        let (other, ids) = trace!(lm, EIFFEL, |m: Llama| {
            m.model.layers[-1].mlp.output = 0.0;
            (m.lm_head.output[.., -1].argmax(Vocab).save(), m.lm_head.output.argmax(Vocab).save())
        })
        .unwrap();
        assert_eq!(lm.tokenizer().decode(other).unwrap(), " T");
        assert_eq!(ints(ids), goldens.ints("a.zero_last_mlp.argmax"));
    }

    fn every_block_and_the_logits_have_pytorchs_values(lm, goldens) {
        let (blocks, last) = trace!(lm, EIFFEL, |m: Llama| {
            let blocks = m.model.layers.iter().map(|block| block.resid_post.output[0, -1].save());
            (blocks.collect::<Vec<_>>(), m.lm_head.output[0, -1].save())
        })
        .unwrap();
        goldens.check("a.last_logits", last);
        assert_eq!(blocks.len(), 30);
        for (i, block) in blocks.into_iter().enumerate() {
            goldens.check_part("a.resid_post_last", i, block);
        }
        let last = trace!(lm, COLOSSEUM, |m: Llama| m.lm_head.output[0, -1].save()).unwrap();
        goldens.check("b.last_logits", last);
    }

    fn the_logit_lens_has_pytorchs_tokens(lm, goldens) {
        let lens = trace!(lm, EIFFEL, |m: Llama| {
            let blocks = m.model.layers.iter();
            let logits = blocks.map(|block| m.lm_head.call(m.model.norm.call(block.output)));
            logits.map(|logits| logits.argmax(Vocab).save()).collect::<Vec<_>>()
        })
        .unwrap();
        let lens: Vec<i64> = lens.into_iter().flat_map(ints).collect();
        assert_eq!(lens, goldens.ints("a.lens_argmax"));
    }

    fn each_blocks_mlp_set_to_zero(lm, goldens) {
        let mut tokens = Vec::new();
        for i in 0..30usize {
            let last = trace!(lm, EIFFEL, |m: Llama| {
                m.model.layers[i].mlp.output = 0.0;
                m.lm_head.output[0, -1].save()
            })
            .unwrap();
            tokens.extend(ints(last.clone().argmax(0)));
            goldens.check_part("a.zero_mlp.top_logit", i, last.max());
        }
        assert_eq!(tokens, goldens.ints("a.zero_mlp.argmax"));
    }

    fn the_residual_of_another_prompt_carries_its_answer_from_block_23_on(lm, goldens) {
        let [paris, rome] = answers(&goldens);
        let (source, logits) = trace!(lm, COLOSSEUM, |m: Llama| {
            let outputs = m.model.layers.iter().map(|block| block.output.save());
            (outputs.collect::<Vec<_>>(), m.lm_head.output[0, -1].argmax(Vocab).save())
        })
        .unwrap();
        assert_eq!(ints(logits), [rome]);
        for (i, source) in source.iter().enumerate() {
            let last = trace!(lm, EIFFEL, |m: Llama| {
                let source = Value::<(Batch, Seq, Hidden)>::constant(source);
                m.model.layers[i].output[.., -1] = source[.., -1];
                m.lm_head.output[0, -1].save()
            })
            .unwrap();
            let difference = at(&last, paris) - at(&last, rome);
            assert_eq!(difference.clone().into_scalar::<f32>() < 0.0, i >= 23, "block {i}");
            goldens.check_part("patch_last.logit_diff", i, difference);
        }
    }

    fn each_head_of_every_fifth_block_set_to_zero(lm, goldens) {
        let [paris, rome] = answers(&goldens);
        let plain = trace!(lm, EIFFEL, |m: Llama| m.lm_head.output[0, -1].save()).unwrap();
        goldens.check_part("logit_diff", 0, at(&plain, paris) - at(&plain, rome));
        for (layer, head) in (0..6usize).flat_map(|layer| (0..9usize).map(move |head| (layer, head))) {
            let last = trace!(lm, EIFFEL, |m: Llama| {
                m.model.layers[5 * layer].self_attn.z.output[.., head] = 0.0;
                m.lm_head.output[0, -1].save()
            })
            .unwrap();
            let difference = at(&last, paris) - at(&last, rome);
            goldens.check_part("zero_head.logit_diff", layer * 9 + head, difference);
        }
    }

    fn the_embeddings_of_a_prompt_are_the_prompt(lm, goldens) {
        let blank = lm.token_ids(" _").unwrap().repeat_dim(1, 9);
        let embedded = trace!(lm, EIFFEL, |m: Llama| m.model.embed_tokens.output.save()).unwrap();
        let last = trace!(lm, blank, |m: Llama| {
            m.model.embed_tokens.output = &embedded;
            m.lm_head.output[0, -1].save()
        })
        .unwrap();
        goldens.check("embedding_transfer.last_logits", last);
    }

    fn blocks_have_pytorchs_gradients(lm, goldens) {
        let [paris, rome] = answers(&goldens).map(|id| id as usize);
        let gradients = trace!(lm, EIFFEL, |m: Llama| {
            let last = m.lm_head.output[0, -1];
            (last.at((paris,)) - last.at((rome,))).backward();
            [0usize, 10, 20, 29].map(|i| (i, m.model.layers.at(i).output.grad().save()))
        })
        .unwrap();
        for (i, gradient) in gradients {
            goldens.check_gradient(&format!("grad.resid_post.{i}"), gradient);
        }
    }

    fn greedy_continuations_are_pytorchs(lm, goldens) {
        let model = lm.model().unwrap();
        for prompt in ["a", "b", "c"] {
            let wanted = goldens.ints(&format!("{prompt}.greedy"));
            let margins = goldens.floats(&format!("{prompt}.greedy_margin"));
            let cache = KeyValueCache::new();
            let mut ids = wanted[..wanted.len() - 16].to_vec();
            let mut seen = 0;
            while ids.len() < wanted.len() {
                let row = Tensor::<1, Int>::from_ints(&ids[seen..], &device()).unsqueeze();
                let logits = model.forward(row, Context::new(Vec::new(), Some(&cache)));
                let last = logits.narrow(1, ids.len() - seen - 1, 1);
                seen = ids.len();
                ids.extend(ints(last.argmax(2)));
            }
            same_until_a_tie(&ids, &wanted, &margins);
        }
    }

    fn greedy_continuation_without_the_mlp_of_block_15(lm, goldens) {
        let wanted = goldens.ints("a.greedy_zero_mlp15");
        let mut ids = wanted[..9].to_vec();
        while ids.len() < wanted.len() {
            let next = trace!(lm, ids.clone(), |m: Llama| {
                m.model.layers[15].mlp.output = 0.0;
                m.lm_head.output[0, -1].argmax(Vocab).save()
            })
            .unwrap();
            ids.extend(ints(next));
        }
        same_until_a_tie(&ids, &wanted, &goldens.floats("a.greedy_zero_mlp15_margin"));
    }

    #[cfg(feature = "gguf")]
    /// The model in 4 bits, as the script found it; the safetensors are this file's weights, rounded to bf16.
    fn the_gguf_file_gives_the_same_answers(lm, goldens) {
        let Some(file) = SMOLLM2.gguf() else {
            return SMOLLM2.skipped("smollm2::the_gguf_file_gives_the_same_answers");
        };
        let gguf = LanguageModel::<Llama>::from_gguf(file).unwrap().with_device(device());
        assert_eq!(gguf.tokenizer().vocab_size(), lm.tokenizer().vocab_size());
        let logits = |lm: &LanguageModel<Llama>| trace!(lm, EIFFEL, |m: Llama| m.lm_head.output.save()).unwrap();
        let (whole, rounded) = (logits(&gguf), logits(lm));
        assert_eq!(ints(whole.clone().argmax(2)), goldens.ints("a.argmax"));
        let difference = (whole - rounded).abs().max().into_scalar::<f32>();
        // bf16 keeps 8 bits of each weight.
        assert!((1e-3..0.5).contains(&difference), "{difference}");
    }
}

/// The tokens that the two prompts go on with.
fn answers(goldens: &Goldens) -> [i64; 2] {
    let argmax = |name| {
        let logits = goldens.floats(name);
        let best = logits.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
        best.unwrap().0 as i64
    };
    [argmax("a.last_logits"), argmax("b.last_logits")]
}

fn at(logits: &Tensor<1>, id: i64) -> Tensor<1> {
    logits.clone().narrow(0, id as usize, 1)
}

/// Where the second best token was nearly as good, two programs may part, and then go on from there.
fn same_until_a_tie(ids: &[i64], wanted: &[i64], margins: &[f32]) {
    let sure = margins.iter().take_while(|margin| **margin >= 0.05).count();
    assert!(sure > 0, "nothing to compare");
    let end = wanted.len() - margins.len() + sure;
    assert_eq!(ids[..end], wanted[..end]);
}

fn ints<const D: usize>(ids: Tensor<D, Int>) -> Vec<i64> {
    ids.into_data().iter::<i64>().collect()
}
