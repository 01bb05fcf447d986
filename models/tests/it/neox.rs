//! GPT-NeoX against PyTorch's numbers (`tests/fixtures/neox-tiny`, made by `tests/fixtures/make_neox_tiny.py`).
//!
//! One set of weights makes two models: `parallel`, in which the mlp reads what attention reads, as in Pythia,
//! and `sequential`, in which it reads attention's result.

mod files;

use crate::common::max_difference;
use crate::device::device;
use crate::goldens::Goldens;
use crate::tolerance::Tolerance;
use burn::prelude::*;
use nnsight_models::load::WeightFiles;
use nnsight_models::neox::{self, Activation, NeoxConfig};
use nnsight_models::{CausalLm, Context, Decoder, KeyValueCache, LanguageModel, Tokenizer, neox_config};
use std::path::{Path, PathBuf};

neox_config! {
    /// As Pythia has it.
    pub mod parallel {
        pub struct Parallel = "../../../tests/fixtures/neox-tiny/config.json";
    }
}

neox_config! {
    /// The mlp after attention.
    pub mod sequential {
        pub struct Sequential = "../../../tests/fixtures/neox-tiny/sequential/config.json";
    }
}

const IDS_A: [i64; 10] = [72, 11, 200, 5, 33, 149, 72, 90, 251, 17];
const SHORT: [i64; 7] = [45, 6, 199, 80, 33, 12, 7];

/// Relative to the golden's largest element: five times what PyTorch's float32 is from its own float64.
const TOLERANCE: Tolerance = Tolerance::LLAMA;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fixtures/neox-tiny")
        .join(name)
}

fn goldens() -> Goldens {
    Goldens::read(&fixture("goldens.safetensors"), TOLERANCE.here())
}

/// Two ways to the same numbers.
fn same<const D: usize>(found: Tensor<D>, wanted: Tensor<D>) {
    let wanted = wanted.into_data().try_to_vec::<f32>().unwrap();
    let largest = wanted.iter().fold(1.0f32, |largest, x| largest.max(x.abs()));
    let difference = max_difference(found, &wanted) / largest;
    assert!(difference < TOLERANCE.here(), "{difference:e}");
}

fn model<C: NeoxConfig>() -> neox::GptNeoX<C> {
    let mut model = neox::GptNeoX::init(&device());
    model
        .load_weights(&WeightFiles::new(vec![fixture("model.safetensors")]))
        .unwrap();
    model
}

fn lm<C: NeoxConfig>() -> LanguageModel<neox::GptNeoX<C>> {
    LanguageModel::from_parts(model(), Tokenizer::absent("tiny")).unwrap()
}

fn ids(ids: &[i64]) -> Tensor<2, Int> {
    Tensor::<1, Int>::from_ints(ids, &device()).unsqueeze()
}

#[test]
fn the_config_was_read_at_compile_time() {
    use parallel::Parallel;
    const _: () = assert!(Parallel::LAYERS == 3 && Parallel::MLP == 96);
    assert_eq!(
        (Parallel::NAME, Parallel::VOCAB, Parallel::POSITIONS),
        ("parallel", 257, 64)
    );
    assert_eq!((Parallel::HIDDEN, Parallel::HEADS), (48, 3));
    assert_eq!((Parallel::ROTARY, Parallel::ROTARY_BASE), (4, 1000.0));
    assert_eq!((Parallel::LN_EPS, Parallel::ACTIVATION), (1e-5, Activation::Gelu));
    assert_eq!(
        (Parallel::PARALLEL, sequential::Sequential::PARALLEL),
        (true, false)
    );
}

#[test]
fn the_published_sizes_have_the_published_numbers_of_parameters() {
    // From the model cards: all parameters, and those that are not in the embedding or the head.
    fn check<C: NeoxConfig>(all: usize, inner: usize) {
        let model = neox::GptNeoX::<C>::init(&device());
        assert_eq!(model.num_params(), all, "{}", C::NAME);
        assert_eq!(all - 2 * C::VOCAB * C::HIDDEN, inner, "{}", C::NAME);
        assert!(C::PARALLEL && 4 * C::ROTARY == C::HIDDEN / C::HEADS);
    }
    check::<neox::pythia_14m::Pythia14M>(14_067_712, 1_189_888);
    check::<neox::pythia_31m::Pythia31M>(30_494_720, 4_739_072);
    check::<neox::pythia_70m::Pythia70M>(70_426_624, 18_915_328);
    check::<neox::pythia_160m::Pythia160M>(162_322_944, 85_056_000);
    check::<neox::pythia_410m::Pythia410M>(405_334_016, 302_311_424);
    check::<neox::pythia_1b::Pythia1B>(1_011_781_632, 805_736_448);
    check::<neox::pythia_1_4b::Pythia1_4B>(1_414_647_808, 1_208_602_624);
    check::<neox::pythia_2_8b::Pythia2_8B>(2_775_208_960, 2_517_652_480);
    check::<neox::pythia_6_9b::Pythia6_9B>(6_857_302_016, 6_444_163_072);
    check::<neox::pythia_12b::Pythia12B>(11_846_072_320, 11_327_027_200);
}

fn every_site_has_pytorchs_value<C: NeoxConfig>(name: &str, all: bool) {
    let (goldens, lm) = (goldens(), lm::<C>());
    let (embedded, normed, logits) = lm
        .trace(IDS_A, |m| {
            (
                m.gpt_neox.embed_in.output.get().save(),
                m.gpt_neox.final_layer_norm.output.get().save(),
                m.embed_out.output.get().save(),
            )
        })
        .unwrap();
    goldens.check(&format!("{name}.gpt_neox.embed_in.output"), embedded);
    goldens.check(&format!("{name}.gpt_neox.final_layer_norm.output"), normed);
    goldens.check(&format!("{name}.embed_out.output"), logits);

    let layers = lm
        .trace(IDS_A, |m| {
            let layer = |layer: nnsight_core::Sites<neox::Layer<C>>| {
                let hidden = [
                    ("input_layernorm.output", layer.input_layernorm.output),
                    ("attention.output", layer.attention.output),
                    (
                        "post_attention_layernorm.output",
                        layer.post_attention_layernorm.output,
                    ),
                    ("mlp.output", layer.mlp.output),
                    ("output", layer.output),
                ];
                let attention = layer.attention;
                let heads = [
                    ("attention.q", attention.q.output),
                    ("attention.z", attention.z.output),
                ];
                let keys = [
                    ("attention.k", attention.k.output),
                    ("attention.v", attention.v.output),
                ];
                let patterns = [
                    ("attention.scores", attention.scores.output),
                    ("attention.pattern", attention.pattern.output),
                ];
                (
                    (
                        hidden.map(|(name, site)| (name, site.get().save())),
                        attention.query_key_value.output.get().save(),
                        layer.mlp.dense_h_to_4h.output.get().save(),
                        layer.mlp.act.output.get().save(),
                    ),
                    (
                        heads.map(|(name, site)| (name, site.get().save())),
                        keys.map(|(name, site)| (name, site.get().save())),
                        patterns.map(|(name, site)| (name, site.get().save())),
                    ),
                )
            };
            m.gpt_neox.layers.iter().map(layer).collect::<Vec<_>>()
        })
        .unwrap();
    assert_eq!(layers.len(), 3);
    for (i, ((hidden, qkv, wide, act), (heads, keys, patterns))) in layers.into_iter().enumerate() {
        let name = |site: &str| format!("{name}.gpt_neox.layers.{i}.{site}");
        // Of the sequential model only what differs is stored.
        let stored = |site: &str| all || !["input_layernorm.output", "attention.scores"].contains(&site);
        for (site, value) in hidden.into_iter().filter(|(site, _)| stored(site)) {
            goldens.check(&name(site), value);
        }
        for (site, value) in patterns.into_iter().filter(|(site, _)| stored(site)) {
            goldens.check(&name(site), value);
        }
        if all {
            goldens.check(&name("attention.query_key_value.output"), qkv);
            goldens.check(&name("mlp.dense_h_to_4h.output"), wide);
            goldens.check(&name("mlp.act.output"), act);
            for (site, value) in heads.into_iter().chain(keys) {
                goldens.check(&name(site), value);
            }
        }
    }
}

#[test]
fn every_site_of_a_parallel_model_has_pytorchs_value() {
    every_site_has_pytorchs_value::<parallel::Parallel>("parallel", true);
}

#[test]
fn every_site_of_a_sequential_model_has_pytorchs_value() {
    every_site_has_pytorchs_value::<sequential::Sequential>("sequential", false);
}

#[test]
fn the_shared_names_are_those_of_the_modules() {
    fn streams<C: NeoxConfig>(name: &str) {
        let (goldens, lm) = (goldens(), lm::<C>());
        let blocks = lm
            .trace(IDS_A, |m| {
                let blocks = neox::GptNeoX::<C>::blocks(m).into_iter().map(|block| {
                    (
                        block.resid_pre.output.get().save(),
                        block.resid_mid.map(|mid| mid.output.get().save()),
                        block.resid_post.output.get().save(),
                        block.attn_out.get().save(),
                        block.mlp_out.get().save(),
                    )
                });
                blocks.collect::<Vec<_>>()
            })
            .unwrap();
        for (i, (pre, mid, post, attention, mlp)) in blocks.into_iter().enumerate() {
            assert_eq!(mid.is_some(), !C::PARALLEL);
            let before = match i {
                0 => "embed_in.output".to_owned(),
                _ => format!("layers.{}.output", i - 1),
            };
            goldens.check(&format!("{name}.gpt_neox.{before}"), pre.clone());
            goldens.check(&format!("{name}.gpt_neox.layers.{i}.output"), post.clone());
            let sum = pre.clone() + attention.clone() + mlp;
            goldens.check(&format!("{name}.gpt_neox.layers.{i}.output"), sum);
            if let Some(mid) = mid {
                same(mid, pre + attention);
            }
        }
    }
    streams::<parallel::Parallel>("parallel");
    streams::<sequential::Sequential>("sequential");
}

#[test]
fn the_last_streams_unembedding_is_the_logits() {
    let lens = lm::<parallel::Parallel>()
        .trace(IDS_A, |m| {
            let last = parallel::GptNeoX::blocks(m)[2].resid_post.output.get();
            parallel::GptNeoX::unembed(m, last).save()
        })
        .unwrap();
    goldens().check("parallel.embed_out.output", lens);
}

#[test]
fn a_layer_that_is_called_on_values_counts_positions_from_0() {
    let (called, there) = lm::<parallel::Parallel>()
        .trace(IDS_A, |m| {
            let layers = m.gpt_neox.layers;
            let called = layers.at(1).call(layers.at(0).output.get());
            (called.save(), layers.at(1).output.get().save())
        })
        .unwrap();
    let there = there.into_data().try_to_vec::<f32>().unwrap();
    assert_eq!(max_difference(called, &there), 0.0);
}

#[test]
fn a_stream_that_a_parallel_model_does_not_have_is_refused_before_the_run() {
    let error = lm::<parallel::Parallel>()
        .trace(IDS_A, |m| m.gpt_neox.layers.at(0).resid_mid.output.get().save())
        .unwrap_err()
        .to_string();
    assert!(error.contains("resid_mid"), "{error}");
}

#[test]
fn ablations_are_pytorchs() {
    fn ablate<C: NeoxConfig>(name: &str) {
        let (goldens, lm) = (goldens(), lm::<C>());
        for layer in 0..3 {
            let logits = lm
                .trace(IDS_A, |m| {
                    m.gpt_neox.layers.at(layer).mlp.output.set(0.0);
                    m.embed_out.output.get().save()
                })
                .unwrap();
            let last = logits.narrow(1, 9, 1);
            goldens.check_part(&format!("{name}.ablate_mlp.last_logits"), layer, last);
        }
        for (layer, head) in (0..3).flat_map(|layer| (0..3).map(move |head| (layer, head))) {
            let logits = lm
                .trace(IDS_A, |m| {
                    let z = m.gpt_neox.layers.at(layer).attention.z;
                    z.output.set_at((.., head), 0.0);
                    m.embed_out.output.get().save()
                })
                .unwrap();
            let logit = |token: usize| logits.clone().narrow(1, 9, 1).narrow(2, token, 1);
            let difference = logit(42) - logit(97);
            goldens.check_part(
                &format!("{name}.ablate_head.logit_diff"),
                3 * layer + head,
                difference,
            );
        }
    }
    ablate::<parallel::Parallel>("parallel");
    ablate::<sequential::Sequential>("sequential");
}

#[test]
fn gradients_are_pytorchs() {
    fn gradients<C: NeoxConfig>(name: &str) {
        let tolerance = Tolerance::GELU_GRADIENT.here();
        let goldens = Goldens::read(&fixture("goldens.safetensors"), tolerance);
        let (embedded, layers) = lm::<C>()
            .trace(IDS_A, |m| {
                m.embed_out.output.get().sum().backward();
                let layers = m.gpt_neox.layers.iter().map(|layer| {
                    let attention = layer.attention.output.grad().save();
                    (attention, layer.output.grad().save())
                });
                let layers = layers.collect::<Vec<_>>();
                (m.gpt_neox.embed_in.output.grad().save(), layers)
            })
            .unwrap();
        let name = |site: &str| format!("{name}.grad_sum.gpt_neox.{site}.output");
        goldens.check_gradient(&name("embed_in"), embedded);
        for (i, (attention, layer)) in layers.into_iter().enumerate() {
            goldens.check_gradient(&name(&format!("layers.{i}.attention")), attention);
            goldens.check_gradient(&name(&format!("layers.{i}")), layer);
        }
    }
    gradients::<parallel::Parallel>("parallel");
    gradients::<sequential::Sequential>("sequential");
}

/// Both prompts, the short one after three positions of padding.
fn both() -> Tensor<2, Int> {
    let mut row = vec![0; 3];
    row.extend(SHORT);
    Tensor::cat(vec![ids(&IDS_A), ids(&row)], 0)
}

#[test]
fn a_padded_prompt_gets_what_it_gets_alone() {
    fn padded<C: NeoxConfig>(name: &str) {
        let (goldens, model) = (goldens(), model::<C>());
        let name = |golden: &str| format!("{name}.{golden}");
        let logits = model.forward(both(), Context::new(vec![0, 3], None));
        let last = logits.clone().narrow(1, 9, 1).squeeze_dim::<2>(1);
        goldens.check(&name("batch.last_logits"), last);
        goldens.check(&name("embed_out.output"), logits.clone().narrow(0, 0, 1));
        let short = logits.narrow(0, 1, 1).narrow(1, 3, 7);
        goldens.check(&name("short.logits"), short);
        goldens.check(&name("short.logits"), model.logits(ids(&SHORT)));
    }
    padded::<parallel::Parallel>("parallel");
    padded::<sequential::Sequential>("sequential");
}

#[test]
fn a_cache_gives_what_the_whole_sequence_gives() {
    let model = model::<parallel::Parallel>();
    let whole = model.forward(both(), Context::new(vec![0, 3], None));
    // A prompt, then several tokens at once, then one by one.
    let cache = KeyValueCache::new();
    let parts = [(0, 5), (5, 3), (8, 1), (9, 1)].map(|(start, length)| {
        let context = Context::new(vec![0, 3], Some(&cache));
        model.forward(both().narrow(1, start, length), context)
    });
    assert_eq!(cache.len(), 10);
    same(Tensor::cat(parts.to_vec(), 1), whole);
}

#[test]
fn greedy_tokens_are_pytorchs() {
    let model = model::<parallel::Parallel>();
    let wanted = goldens().ints("parallel.greedy.ids");
    let cache = KeyValueCache::new();
    let (mut found, mut next) = (IDS_A.to_vec(), ids(&IDS_A));
    while found.len() < wanted.len() {
        let logits = model.forward(next, Context::new(Vec::new(), Some(&cache)));
        let last = logits.dims()[1] - 1;
        next = logits.narrow(1, last, 1).argmax(2).squeeze_dim(2);
        found.extend(next.clone().into_data().iter::<i64>());
    }
    // The smallest margin between first and second is 0.018, far above the distance to PyTorch.
    assert_eq!(found, wanted);
}

#[test]
fn a_batch_of_the_same_prompt_gives_it_twice() {
    let model = model::<sequential::Sequential>();
    let both = model.logits(ids(&IDS_A).repeat_dim(0, 2));
    goldens().check("sequential.embed_out.output", both.clone().narrow(0, 0, 1));
    goldens().check("sequential.embed_out.output", both.narrow(0, 1, 1));
}
