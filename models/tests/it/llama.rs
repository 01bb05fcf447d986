//! Llama against PyTorch's numbers: `tests/fixtures/llama-tiny`, and `tests/fixtures/llama-variants`, made by
//! `make_llama_variants.py` beside it.

use crate::common::{Directory, Weights};
use crate::device::device;
use crate::goldens::{Goldens, causal_pattern};
use crate::tolerance::Tolerance;
use burn::prelude::*;
use nnsight_core::{Sites, Value, trace};
use nnsight_models::llama::{self, Block, Family, LlamaConfig, RopeScaling};
use nnsight_models::{CausalLm, Context, Decoder, Error, KeyValueCache, LanguageModel, llama_config};
use std::path::{Path, PathBuf};
use tiny::{Batch, Hidden, Llama, Seq, Tiny, Vocab};

llama_config! {
    /// The tiny Llama of the fixtures.
    pub mod tiny {
        pub struct Tiny = "../../../tests/fixtures/llama-tiny/config.json";
    }
}

/// A type for each of the variants.
macro_rules! variants {
    ($($module:ident $name:ident)*) => {$(
        llama_config! {
            mod $module {
                pub struct $name = concat!("../../../tests/fixtures/llama-variants/", stringify!($module), "/config.json");
            }
        }
    )*};
}
variants! { llama3 Llama3 linear Linear dynamic Dynamic mistral Mistral qwen2 Qwen2 }

/// PyTorch's own float32 is up to 1.5e-6 away from its float64, both relative to the largest element; two
/// programs that add in another order make such an error each.
const TOLERANCE: Tolerance = Tolerance::LLAMA;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fixtures")
        .join(name)
}

fn goldens() -> Goldens {
    Goldens::read(&fixture("llama-tiny/goldens.safetensors"), TOLERANCE.here())
}

fn lm() -> LanguageModel<Llama> {
    LanguageModel::from_pretrained(fixture("llama-tiny").to_str().unwrap())
        .unwrap()
        .with_device(device())
}

fn model<C: LlamaConfig>(name: &str) -> llama::Llama<C> {
    CausalLm::from_dir(fixture(name), &device()).unwrap()
}

fn close(found: Tensor<3>, wanted: Tensor<3>, what: &str) {
    assert_eq!(found.dims(), wanted.dims(), "{what}");
    let difference = (found - wanted).abs().max().into_scalar::<f32>();
    // The logits reach 12.
    assert!(difference < 12.0 * TOLERANCE.here(), "{what}: {difference:e}");
}

#[test]
fn the_config_was_read_at_compile_time() {
    const _: () = assert!(Tiny::LAYERS == 3 && Tiny::HEADS == 2 * Tiny::KV_HEADS);
    assert_eq!((Tiny::NAME, Tiny::VOCAB, Tiny::POSITIONS), ("tiny", 257, 64));
    assert_eq!((Tiny::HIDDEN, Tiny::HEAD_DIM, Tiny::MLP), (48, 12, 96));
    assert_eq!((Tiny::RMS_EPS, Tiny::ROPE_THETA), (1e-5, 10_000.0));
    assert_eq!((Tiny::TIED, Tiny::QKV_BIAS, Tiny::WINDOW), (false, false, None));
    assert_eq!(Tiny::ROPE_SCALING, RopeScaling::Plain);

    type C = llama3::Llama3;
    let scaling = RopeScaling::Llama3 {
        factor: 8.0,
        low: 1.0,
        high: 4.0,
        original_positions: 32,
    };
    assert_eq!((C::ROPE_THETA, C::ROPE_SCALING), (500_000.0, scaling));
    const _: () = assert!(C::QKV_BIAS && C::O_BIAS && C::MLP_BIAS && C::TIED);
    assert_eq!(mistral::Mistral::WINDOW, Some(5));
    assert_eq!(mistral::Mistral::VALUES.family, Family::Mistral);
    assert_eq!((qwen2::Qwen2::QKV_BIAS, qwen2::Qwen2::O_BIAS), (true, false));
    assert_eq!(linear::Linear::ROPE_SCALING, RopeScaling::Linear { factor: 4.0 });
}

#[test]
fn the_published_sizes_have_the_published_numbers_of_parameters() {
    // Hugging Face's `num_parameters()`, in which a tied head counts once.
    fn parameters<C: LlamaConfig>() -> usize {
        let head = if C::TIED { C::HIDDEN * C::VOCAB } else { 0 };
        llama::Llama::<C>::init(&device()).num_params() - head
    }
    assert_eq!(parameters::<llama::llama2_7b::Llama2_7B>(), 6_738_415_616);
    assert_eq!(parameters::<llama::llama2_13b::Llama2_13B>(), 13_015_864_320);
    assert_eq!(parameters::<llama::llama2_70b::Llama2_70B>(), 68_976_648_192);
    assert_eq!(parameters::<llama::llama3_8b::Llama3_8B>(), 8_030_261_248);
    assert_eq!(parameters::<llama::llama3_70b::Llama3_70B>(), 70_553_706_496);
    assert_eq!(parameters::<llama::llama31_8b::Llama31_8B>(), 8_030_261_248);
    assert_eq!(parameters::<llama::llama31_70b::Llama31_70B>(), 70_553_706_496);
    assert_eq!(parameters::<llama::llama32_1b::Llama32_1B>(), 1_235_814_400);
    assert_eq!(parameters::<llama::llama32_3b::Llama32_3B>(), 3_212_749_824);
    assert_eq!(parameters::<llama::tinyllama::TinyLlama>(), 1_100_048_384);
    assert_eq!(parameters::<llama::smollm2_135m::SmolLm2_135M>(), 134_515_008);
    assert_eq!(parameters::<llama::smollm2_360m::SmolLm2_360M>(), 361_821_120);
    assert_eq!(parameters::<llama::smollm2_1_7b::SmolLm2_1_7B>(), 1_711_376_384);
    assert_eq!(parameters::<llama::mistral_7b_v01::Mistral7BV01>(), 7_241_732_096);
    assert_eq!(parameters::<llama::mistral_7b_v03::Mistral7BV03>(), 7_248_023_552);
    assert_eq!(parameters::<llama::qwen2_0_5b::Qwen2_0_5B>(), 494_032_768);
    assert_eq!(parameters::<llama::qwen2_1_5b::Qwen2_1_5B>(), 1_543_714_304);
    assert_eq!(parameters::<llama::qwen2_7b::Qwen2_7B>(), 7_615_616_512);
    assert_eq!(
        parameters::<llama::qwen2_72b_instruct::Qwen2_72BInstruct>(),
        72_706_203_648
    );
    assert_eq!(parameters::<llama::qwen25_0_5b::Qwen25_0_5B>(), 494_032_768);
    assert_eq!(parameters::<llama::qwen25_1_5b::Qwen25_1_5B>(), 1_543_714_304);
    assert_eq!(parameters::<llama::qwen25_3b::Qwen25_3B>(), 3_085_938_688);
    assert_eq!(parameters::<llama::qwen25_7b::Qwen25_7B>(), 7_615_616_512);
}

#[test]
fn every_site_has_pytorchs_value() {
    let (goldens, lm) = (goldens(), lm());
    let (embedded, norm, logits) = trace!(lm, goldens.ids("ids_a"), |m: Llama| {
        (
            m.model.embed_tokens.output.save(),
            m.model.norm.output.save(),
            m.lm_head.output.save(),
        )
    })
    .unwrap();
    goldens.check("model.embed_tokens.output", embedded);
    goldens.check("model.norm.output", norm);
    goldens.check("lm_head.output", logits);

    let blocks = trace!(lm, goldens.ids("ids_a"), |m: Llama| {
        let block = |b: Sites<Block<Tiny>>| {
            let attn = b.self_attn;
            let heads = (
                attn.pattern.output.save(),
                attn.k_proj.output.save(),
                attn.v_proj.output.save(),
            );
            let units = [
                ("mlp.gate_proj.output", b.mlp.gate_proj.output),
                ("mlp.act_fn.output", b.mlp.act_fn.output),
                ("mlp.up_proj.output", b.mlp.up_proj.output),
            ];
            let narrow = [
                ("input_layernorm.output", b.input_layernorm.output),
                ("self_attn.o_proj.output", attn.o_proj.output),
                ("self_attn.output", attn.output),
                (
                    "post_attention_layernorm.output",
                    b.post_attention_layernorm.output,
                ),
                ("mlp.down_proj.output", b.mlp.down_proj.output),
                ("mlp.output", b.mlp.output),
                ("output", b.output),
                ("output", b.resid_post.output),
            ];
            (
                heads,
                attn.q_proj.output.save(),
                units.map(|(name, site)| (name, site.save())),
                narrow.map(|(name, site)| (name, site.save())),
                (b.resid_mid.output - b.self_attn.output - b.resid_pre.output).save(),
            )
        };
        m.model.layers.iter().map(block).collect::<Vec<_>>()
    })
    .unwrap();
    assert_eq!(blocks.len(), 3);
    for (i, ((pattern, k, v), q, units, narrow, rest)) in blocks.into_iter().enumerate() {
        let name = |site: &str| format!("model.layers.{i}.{site}");
        goldens.check(&name("self_attn.pattern"), pattern);
        goldens.check(&name("self_attn.q_proj.output"), q);
        goldens.check(&name("self_attn.k_proj.output"), k);
        goldens.check(&name("self_attn.v_proj.output"), v);
        for (site, value) in units.into_iter() {
            goldens.check(&name(site), value);
        }
        for (site, value) in narrow {
            goldens.check(&name(site), value);
        }
        assert!(rest.abs().max().into_scalar::<f32>() < 1e-5);
    }
}

#[test]
fn heads_turn_meet_and_read_as_pytorchs_do() {
    let (goldens, lm) = (goldens(), lm());
    let (q_proj, q, k, v, scores, pattern, z, merged) = trace!(lm, goldens.ids("ids_a"), |m: Llama| {
        let attn = m.model.layers[1].self_attn;
        (
            attn.q_proj.output.save(),
            attn.q.output.save(),
            attn.k.output.save(),
            attn.v.output.save(),
            attn.scores.output.save(),
            attn.pattern.output.save(),
            attn.z.output.save(),
            attn.o_proj.input.save(),
        )
    })
    .unwrap();
    // Queries, turned as Hugging Face writes it, with its own tables.
    let table = |name| {
        let table = Tensor::<1>::from_floats(goldens.floats(name).as_slice(), &device());
        table.reshape([1, 1, 10, 12])
    };
    let plain = q_proj.reshape([1, 10, 4, 12]).swap_dims(1, 2);
    let half = Tensor::cat(
        vec![-plain.clone().narrow(3, 6, 6), plain.clone().narrow(3, 0, 6)],
        3,
    );
    let turned = plain * table("rope.cos") + half * table("rope.sin");
    let difference = (turned - q.clone()).abs().max().into_scalar::<f32>();
    assert!(difference < 5e-6, "{difference:e}");

    // Heads 0 and 1 read the keys and values of head 0, heads 2 and 3 those of head 1.
    let each = |x: Tensor<4>| {
        let parts = [0, 0, 1, 1].map(|head| x.clone().narrow(1, head, 1));
        Tensor::cat(parts.to_vec(), 1)
    };
    let products = q.matmul(each(k).transpose()) / 12f32.sqrt();
    let difference = (products - scores.clone()).abs().max().into_scalar::<f32>();
    assert!(difference < 1e-4, "{difference:e}");
    goldens.check("model.layers.1.self_attn.pattern", causal_pattern(scores));
    let read = pattern.matmul(each(v));
    let difference = (read - z.clone()).abs().max().into_scalar::<f32>();
    assert!(difference < 1e-5, "{difference:e}");
    let difference = (z.swap_dims(1, 2).reshape([1, 10, 48]) - merged).abs().max();
    assert_eq!(difference.into_scalar::<f32>(), 0.0);
}

#[test]
fn each_layers_mlp_set_to_zero() {
    let (goldens, lm) = (goldens(), lm());
    for i in 0..3usize {
        let logits = trace!(lm, goldens.ids("ids_a"), |m: Llama| {
            m.model.layers[i].mlp.output = 0.0;
            m.lm_head.output.save()
        })
        .unwrap();
        goldens.check_part("ablate_mlp.logits", i, logits);
    }
}

#[test]
fn the_residual_patched_at_every_layer_and_position() {
    let (goldens, lm) = (goldens(), lm());
    let (source, logits) = trace!(lm, goldens.ids("ids_b"), |m: Llama| {
        let outputs = m.model.layers.iter().map(|block| block.output.save());
        (outputs.collect::<Vec<_>>(), m.lm_head.output.save())
    })
    .unwrap();
    goldens.check("ids_b.logits", logits);
    for (layer, source) in source.iter().enumerate() {
        for position in 0..10usize {
            let last = trace!(lm, goldens.ids("ids_a"), |m: Llama| {
                let source = Value::<(Batch, Seq, Hidden)>::constant(source);
                m.model.layers[layer].output[.., position] = source[.., position];
                m.lm_head.output[0, -1].save()
            })
            .unwrap();
            goldens.check_part("patch_sweep.last_logits", layer * 10 + position, last);
        }
    }
}

#[test]
fn blocks_have_pytorchs_gradients() {
    let (goldens, lm) = (goldens(), lm());
    let (embedded, blocks) = trace!(lm, goldens.ids("ids_a"), |m: Llama| {
        m.lm_head.output.sum().backward();
        let block = |b: Sites<Block<Tiny>>| [b.output.grad.save(), b.resid_post.output.grad.save()];
        (
            m.model.embed_tokens.output.grad.save(),
            m.model.layers.iter().map(block).collect::<Vec<_>>(),
        )
    })
    .unwrap();
    goldens.check_gradient("grad_sum.model.embed_tokens.output", embedded);
    assert_eq!(blocks.len(), 3);
    for (i, gradients) in blocks.into_iter().enumerate() {
        for gradient in gradients {
            goldens.check_gradient(&format!("grad_sum.model.layers.{i}.output"), gradient);
        }
    }
}

/// Tokens that are most likely to come next, one after the other.
fn greedy(model: &Llama, prompt: &[i64], new: usize, cached: bool) -> Vec<i64> {
    let cache = cached.then(KeyValueCache::new);
    let mut ids = prompt.to_vec();
    let mut seen = 0;
    for _ in 0..new {
        let row = Tensor::<1, Int>::from_ints(&ids[seen..], &device()).unsqueeze();
        let logits = model.forward(row, Context::new(Vec::new(), cache.as_ref()));
        let last = logits.narrow(1, ids.len() - seen - 1, 1);
        ids.push(last.argmax(2).into_scalar::<i64>());
        seen = cache.as_ref().map_or(0, KeyValueCache::len);
    }
    ids
}

#[test]
fn greedy_tokens_are_pytorchs_with_and_without_a_cache() {
    let goldens = goldens();
    let (wanted, margins) = (goldens.ints("greedy.ids"), goldens.floats("greedy.margin"));
    let model = model::<Tiny>("llama-tiny");
    // Every margin is above 0.0037, and the logits are right to 6e-5.
    assert!(margins.iter().all(|margin| *margin > 0.003));
    assert_eq!(greedy(&model, &wanted[..10], 20, false), wanted);
    assert_eq!(greedy(&model, &wanted[..10], 20, true), wanted);
}

const SHORT: [i64; 7] = [45, 6, 199, 80, 33, 12, 7];

fn a_padded_batch_gives_each_row_what_it_gets_alone<C: LlamaConfig>(name: &str) {
    let model = model::<C>(name);
    let vocab = C::VOCAB as i64;
    let long: Vec<i64> = (0..10).map(|i| (i * 37 + 5) % vocab).collect();
    let short: Vec<i64> = SHORT.iter().map(|id| id % vocab).collect();
    let padded: Vec<i64> = [vec![0; 3], short.clone()].concat();
    let row = |ids: &[i64]| Tensor::<1, Int>::from_ints(ids, &device()).unsqueeze::<2>();
    let both = Tensor::cat(vec![row(&long), row(&padded)], 0);
    let together = model.forward(both, Context::new(vec![0, 3], None));
    close(
        together.clone().narrow(0, 0, 1),
        model.logits(row(&long)),
        "the long row",
    );
    let last = together.narrow(0, 1, 1).narrow(1, 3, 7);
    close(last, model.logits(row(&short)), "the short row");
}

fn a_cache_changes_nothing<C: LlamaConfig>(name: &str) {
    let model = model::<C>(name);
    let ids: Vec<i64> = (0..24).map(|i| (i * 29 + 3) % C::VOCAB as i64).collect();
    let row = |ids: &[i64]| Tensor::<1, Int>::from_ints(ids, &device()).unsqueeze::<2>();
    // Two rows, the second with two positions of padding.
    let rows =
        |range: std::ops::Range<usize>| Tensor::cat(vec![row(&ids[range.clone()]), row(&ids[range])], 0);
    let whole = model.forward(rows(0..24), Context::new(vec![0, 2], None));
    let cache = KeyValueCache::new();
    let mut parts = Vec::new();
    for range in [0..9, 9..10, 10..16, 16..24] {
        let context = Context::new(vec![0, 2], Some(&cache));
        parts.push(model.forward(rows(range), context));
    }
    assert_eq!(cache.len(), 24);
    let visible = |logits: Tensor<3>| [logits.clone().narrow(0, 0, 1), logits.narrow(0, 1, 1)];
    let [first, second] = visible(whole);
    let [first_part, second_part] = visible(Tensor::cat(parts, 1));
    close(first_part, first, "the row without padding");
    close(
        second_part.narrow(1, 2, 22),
        second.narrow(1, 2, 22),
        "the row with padding",
    );
}

/// Every variant has PyTorch's numbers, and the laws of batches and caches.
macro_rules! each_variant {
    ($($name:ident $config:ty;)*) => {$(
        #[test]
        fn $name() {
            let folder = concat!("llama-variants/", stringify!($name));
            let goldens = Goldens::read(&fixture(folder).join("goldens.safetensors"), TOLERANCE.here());
            let lm = LanguageModel::<llama::Llama<$config>>::from_pretrained(fixture(folder).to_str().unwrap());
            let lm = lm.unwrap().with_device(device());
            let (blocks, logits) = lm.trace(goldens.ids("ids"), |m| {
                let blocks = m.model.layers.iter().map(|block| block.output.get().save());
                (blocks.collect::<Vec<_>>(), m.lm_head.output.get().save())
            }).unwrap();
            for (i, block) in blocks.into_iter().enumerate() {
                goldens.check(&format!("layers.{i}"), block);
            }
            goldens.check("logits", logits);
            a_padded_batch_gives_each_row_what_it_gets_alone::<$config>(folder);
            a_cache_changes_nothing::<$config>(folder);
        }
    )*};
}
each_variant! {
    llama3 llama3::Llama3;
    linear linear::Linear;
    dynamic dynamic::Dynamic;
    mistral mistral::Mistral;
    qwen2 qwen2::Qwen2;
}

#[test]
fn batches_and_caches_of_the_tiny_one() {
    a_padded_batch_gives_each_row_what_it_gets_alone::<Tiny>("llama-tiny");
    a_cache_changes_nothing::<Tiny>("llama-tiny");
}

#[test]
fn an_experiment_on_any_decoder_runs_on_this_one() {
    fn lens<M: Decoder>(lm: &LanguageModel<M>, prompt: [i64; 10]) -> Vec<Tensor<3>> {
        lm.trace(prompt, |m| {
            let streams = M::blocks(m)
                .into_iter()
                .map(|block| block.resid_post.output.get());
            streams
                .map(|stream| M::unembed(m, stream).save())
                .collect::<Vec<_>>()
        })
        .unwrap()
    }
    let goldens = goldens();
    let ids: [i64; 10] = goldens.ints("ids_a").try_into().unwrap();
    let lens = lens(&lm(), ids);
    goldens.check("lm_head.output", lens[2].clone());
}

#[test]
fn modules_run_on_values() {
    // A block that is called on a value counts its positions from 0, as it does in the model.
    let (goldens, lm) = (goldens(), lm());
    let (called, logits) = trace!(lm, goldens.ids("ids_a"), |m: Llama| {
        let layers = m.model.layers;
        let called = layers[2].call(layers[1].call(layers[0].output));
        (
            called.save(),
            m.lm_head.call(m.model.norm.call(called)).argmax(Vocab).save(),
        )
    })
    .unwrap();
    goldens.check("model.layers.2.output", called);
    assert_eq!(logits.dims(), [1, 10]);
}

#[test]
fn weights_in_several_files_are_put_together() {
    let directory = Directory::new();
    std::fs::copy(
        fixture("llama-tiny/config.json"),
        directory.path().join("config.json"),
    )
    .unwrap();
    Weights::of(&fixture("llama-tiny/model.safetensors")).write_in_parts(directory.path());
    let goldens = goldens();
    let lm = LanguageModel::<Llama>::from_pretrained(directory.str())
        .unwrap()
        .with_device(device());
    let logits = trace!(lm, goldens.ids("ids_a"), |m: Llama| m.lm_head.output.save()).unwrap();
    goldens.check("lm_head.output", logits);

    std::fs::remove_file(directory.path().join("model-00002-of-00002.safetensors")).unwrap();
    let lm = LanguageModel::<Llama>::from_pretrained(directory.str())
        .unwrap()
        .with_device(device());
    let error = lm.model().unwrap_err();
    assert!(
        matches!(&error, Error::MissingFile { file, .. } if file.ends_with("model-00002-of-00002.safetensors")),
        "{error}"
    );
}

fn error_of_config(edit: impl FnOnce(String) -> String) -> Error {
    let directory = Directory::new();
    let config = std::fs::read_to_string(fixture("llama-tiny/config.json")).unwrap();
    std::fs::write(directory.path().join("config.json"), edit(config)).unwrap();
    LanguageModel::<Llama>::from_pretrained(directory.str()).unwrap_err()
}

#[test]
fn a_config_that_does_not_fit_names_what_differs() {
    let message =
        error_of_config(|text| text.replace("\"num_key_value_heads\": 2", "\"num_key_value_heads\": 4"));
    let message = message.to_string();
    assert!(
        message.contains("`num_key_value_heads` is 4 in the file and 2 in the type"),
        "{message}"
    );
    assert!(message.contains("llama_config!"), "{message}");

    let scaled = error_of_config(|text| text.replace("\"default\"", "\"linear\", \"factor\": 2"));
    let message = scaled.to_string();
    assert!(
        message.contains("`rope_scaling` is Linear { factor: 2.0 } in the file and none in the type"),
        "{message}"
    );
    let tied = error_of_config(|text| {
        text.replace("\"tie_word_embeddings\": false", "\"tie_word_embeddings\": true")
    });
    assert!(matches!(tied, Error::OtherSize { .. }), "{tied}");
    let family = error_of_config(|text| text.replace("\"llama\"", "\"gpt2\""));
    assert!(
        matches!(&family, Error::OtherFamily { wanted: "llama", .. }),
        "{family}"
    );
}

#[test]
fn a_config_that_asks_for_what_is_not_computed_is_refused() {
    let cases = [
        (
            "\"silu\"",
            "\"gelu\"",
            "`hidden_act` is `\"gelu\"`, wanted `silu`, the only one",
        ),
        (
            "\"default\"",
            "\"longrope\"",
            "wanted `default`, `linear`, `dynamic`, `llama3` or `yarn`",
        ),
        (
            "\"default\"",
            "\"llama3\"",
            "`rope_scaling.factor` is missing, wanted a number",
        ),
        (
            "\"hidden_size\": 48",
            "\"hidden_size\": \"48\"",
            "`hidden_size` is `\"48\"`, wanted a whole number",
        ),
        (
            "\"num_hidden_layers\": 3,",
            "",
            "`num_hidden_layers` is missing, wanted a whole number",
        ),
        (
            "\"num_key_value_heads\": 2",
            "\"num_key_value_heads\": 3",
            "`num_key_value_heads` is `3`, wanted a number that",
        ),
        (
            "\"head_dim\": 12",
            "\"head_dim\": 11",
            "`head_dim` is `11`, wanted an even number",
        ),
        ("1e-05", "0", "`rms_norm_eps` is `0`, wanted a number above 0"),
        (
            "\"rope_theta\"",
            "\"partial_rotary_factor\": 0.5, \"rope_theta\"",
            "wanted 1, the only one computed here",
        ),
    ];
    for (from, to, wanted) in cases {
        let error = error_of_config(|text| {
            assert!(text.contains(from), "{from}");
            text.replace(from, to)
        });
        let message = error.to_string();
        assert!(matches!(error, Error::ConfigField { .. }), "{message}");
        assert!(message.contains(wanted), "{message}");
    }
}

#[test]
fn shipped_sizes_accept_the_files_of_their_models() {
    // Written from GGUF, in which the epsilon is an f32.
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/llama/configs/smollm2-135m.json");
    let text = std::fs::read_to_string(file).unwrap();
    let directory = Directory::new();
    let file = directory.path().join("config.json");
    std::fs::write(&file, text.replace("1e-05", "9.999999747378752e-06")).unwrap();
    assert!(LanguageModel::<llama::smollm2_135m::Llama>::from_pretrained(directory.str()).is_ok());
    let other = LanguageModel::<llama::smollm2_360m::Llama>::from_pretrained(directory.str());
    assert!(matches!(other, Err(Error::OtherSize { .. })));
}
