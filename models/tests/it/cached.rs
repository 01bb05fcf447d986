//! A generation that keeps keys and values gives what one gets by running every module: one that is replaced runs all the
//! same, so its attention fills the cache.

use crate::common::IDS_A;
use crate::device::device;
use crate::{llama, tiny};
use burn::prelude::*;
use nnsight_core::{Saved, Site, edit, trace};
use nnsight_models::{Context, Error, Generating, Generation, KeyValueCache, LanguageModel, Prompt, Result};
use proptest::prelude::*;
use std::marker::PhantomData;

const STEPS: u32 = 4;

/// An edit of one of a block's sites.
#[derive(Clone, Debug)]
struct Edit {
    layer: i64,
    site: usize,
    how: How,
}

#[derive(Clone, Copy, Debug)]
enum How {
    /// A number in all of it: the module need not run.
    Fill(f32),
    Scale(f32),
    /// A number in a part of it.
    Part(f32),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let number = || prop::sample::select(vec![-0.5f32, 0.0, 0.1, 2.0]);
    let how = prop_oneof![
        3 => number().prop_map(How::Fill),
        1 => number().prop_map(How::Scale),
        1 => number().prop_map(How::Part),
    ];
    let edit = (0i64..3, 0usize..3, how).prop_map(|(layer, site, how)| Edit { layer, site, how });
    prop::collection::vec(edit, 1..4)
}

fn prompt() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(0i64..250, 2..7)
}

fn near(a: &Tensor<2>, b: &Tensor<2>) -> bool {
    let difference = (a.clone() - b.clone()).abs().max().into_scalar::<f32>();
    a.dims() == b.dims() && difference < 1e-3
}

macro_rules! laws {
    ($module:ident: $model:ty, $axes:path, $lm:expr, |$m:ident, $layer:ident| [$block:expr, $attention:expr, $mlp:expr]) => {
        mod $module {
            use super::*;
            use $axes::{Batch, Hidden, Seq, Vocab};

            fn lm() -> LanguageModel<$model> {
                $lm.with_device(device())
            }

            /// A block, its attention or its mlp.
            fn site($m: Generating<$model>, edit: &Edit) -> Site<(Batch, Seq, Hidden)> {
                let $layer = edit.layer;
                match edit.site {
                    0 => $block.output,
                    1 => $attention.output,
                    _ => $mlp.output,
                }
            }

            /// Makes an edit. `plainly` names no number that could stand in for a module.
            fn make(site: Site<(Batch, Seq, Hidden)>, how: How, plainly: bool) {
                match how {
                    How::Fill(number) if plainly => site.update(|x| x * 0.0 + number),
                    How::Fill(number) => site.set(number),
                    How::Scale(by) => site.update(|x| x * by),
                    How::Part(number) => site.set_at((.., .., 1..4), number),
                }
            }

            /// The logits of the last position at a step.
            fn logits(m: Generating<$model>, step: u32) -> Saved<(Batch, Vocab)> {
                m.lm_head.call_idx(step).output.get().at((.., -1)).save()
            }

            /// The last logits of a list of prompts, edited at one step or at every one.
            fn of_list(generation: Generation<'_, $model>, edits: &[Edit], step: Option<u32>, plainly: bool) -> Tensor<2> {
                let found = trace!(generation.max_new_tokens(STEPS as usize), |m: $model| {
                    for edit in edits {
                        let steps = step.map_or(0..STEPS, |step| step..step + 1);
                        steps.for_each(|step| make(site(m, edit).call_idx(step), edit.how, plainly));
                    }
                    logits(m, STEPS - 1)
                });
                found.expect("it runs")
            }

            proptest! {
                #![proptest_config(ProptestConfig::with_cases(24))]

                #[test]
                fn a_replaced_module_fills_its_cache(
                    rows in prop::collection::vec(prompt(), 1..3), edits in edits(), step in 0..STEPS,
                ) {
                    let lm = lm();
                    for step in [Some(step), None] {
                        let run = |plainly| of_list(lm.generate(Prompt::from(rows.clone())), &edits, step, plainly);
                        prop_assert!(near(&run(false), &run(true)), "{rows:?} {edits:?} {step:?}");
                    }
                }

                #[test]
                fn what_is_edited_at_every_step_is_as_recomputed(
                    rows in prop::collection::vec(prompt(), 1..3), edits in edits(),
                ) {
                    let lm = lm();
                    let generation = || lm.generate(Prompt::from(rows.clone()));
                    let cached = of_list(generation(), &edits, None, false);
                    let recomputed = of_list(generation().without_cache(), &edits, None, false);
                    prop_assert!(near(&cached, &recomputed), "{rows:?} {edits:?}");
                }

                #[test]
                fn a_prompt_among_others_fills_its_cache(
                    one in prompt(), other in prompt(), edits in edits(), step in 0..STEPS,
                ) {
                    let lm = lm();
                    let run = |plainly| {
                        let generation = lm.generate_each().max_new_tokens(STEPS as usize);
                        trace!(generation, |t: $model| {
                            let (m, other) = (t.invoke(&one), t.invoke(&other));
                            for edit in &edits {
                                make(site(m, edit).call_idx(step), edit.how, plainly);
                            }
                            (logits(m, STEPS - 1), logits(other, STEPS - 1))
                        })
                        .expect("it runs")
                    };
                    let alone = of_list(lm.generate(&one), &edits, Some(step), false);
                    let ((short, rest), (plain, plain_rest)) = (run(false), run(true));
                    prop_assert!(near(&short, &plain) && near(&rest, &plain_rest), "{one:?} {other:?} {edits:?} {step}");
                    prop_assert!(near(&short, &alone), "{one:?} {other:?} {edits:?} {step}");
                }
            }

            #[test]
            fn a_block_replaced_by_itself_changes_nothing() {
                let lm = lm();
                let source = trace!(lm, IDS_A, |$m: $model| {
                    let $layer = 1;
                    $block.output.save()
                });
                let source = source.expect("it runs");
                let run = |generation: Generation<'_, $model>, patched: bool| {
                    let found = trace!(generation.max_new_tokens(STEPS as usize), |$m: $model| {
                        let $layer = 1;
                        if patched {
                            $block.output.set(&source);
                        }
                        logits($m, STEPS - 1)
                    });
                    found.expect("it runs")
                };
                let plain = run(lm.generate(IDS_A), false);
                assert!(near(&run(lm.generate(IDS_A), true), &plain));
                assert!(near(&run(lm.generate(IDS_A).without_cache(), true), &plain));
            }

            /// A block on what the one below gives: its own output, wherever it sees what the model sees.
            fn called(generation: Generation<'_, $model>, step: u32) -> Result<(Tensor<2>, Tensor<2>)> {
                let found = generation.max_new_tokens(STEPS as usize).trace_body(PhantomData, |$m: Generating<$model>| {
                    let $layer = 0;
                    let below = $block.output.call_idx(step).get();
                    let $layer = 1;
                    let (called, own) = ($block.call(below), $block.output.call_idx(step).get());
                    (called.save(), own.save())
                });
                found.map(|(called, own)| (called.flatten(0, 1), own.flatten(0, 1)))
            }

            #[test]
            fn a_block_is_called_on_what_it_sees_or_refused() {
                let lm = lm();
                let rows = |rows: &[&[i64]]| Prompt::from(rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>());
                let even = [&IDS_A[..6], &IDS_A[3..9]];
                for (generation, step) in [
                    (lm.generate(IDS_A), 0),
                    (lm.generate(rows(&even)), 0),
                    (lm.generate(IDS_A).without_cache(), 2),
                    (lm.generate(rows(&even)).without_cache(), 2),
                ] {
                    let (called, own) = called(generation, step).expect("it sees the whole prompt");
                    assert!(near(&called, &own), "step {step}");
                }
                let refused = |found: Result<(Tensor<2>, Tensor<2>)>, of: &str| match found {
                    Err(Error::Trace(nnsight_core::Error::Model(error))) => match error.downcast_ref() {
                        Some(Error::CalledOnPart { of: found, .. }) => assert_eq!(*found, of),
                        other => panic!("{other:?}"),
                    },
                    other => panic!("{other:?}"),
                };
                refused(
                    called(lm.generate(IDS_A), 2),
                    "a later step of a generation that keeps keys and values",
                );
                // Nothing of a pass that is over is left.
                assert!(called_alone(&lm));
            }

            fn called_alone(lm: &LanguageModel<$model>) -> bool {
                let (called, own) = called(lm.generate(IDS_A), 0).expect("it runs");
                near(&called, &own)
            }

            #[test]
            fn an_edited_model_goes_on_alike_in_every_way() {
                let lm = lm();
                let edited = edit!(lm, |$m: $model| {
                    let $layer = 0;
                    (0..8).for_each(|step| $attention.output.call_idx(step).set(0.0));
                });
                let ints = |tokens: Tensor<2, Int>| tokens.into_data().convert::<i64>().try_to_vec::<i64>().expect("ints");
                let traced = |generation: Generation<'_, $model>| {
                    let tokens = trace!(generation.max_new_tokens(8), |$m: $model| {
                        let $layer = 0;
                        (0..8).for_each(|step| $attention.output.call_idx(step).set(0.0));
                        $m.generator.output.save()
                    });
                    ints(tokens.expect("it runs"))
                };
                let tokens = |generation: Generation<'_, $model>| {
                    generation.max_new_tokens(8).tokens().expect("it runs").swap_remove(0)
                };
                let wanted = tokens(edited.generate(IDS_A).without_cache());
                assert_eq!(tokens(edited.generate(IDS_A)), wanted);
                assert_eq!(traced(lm.generate(IDS_A)), wanted);
                assert_eq!(traced(lm.generate(IDS_A).without_cache()), wanted);
                // At the prompt alone, what is kept of it stays edited: alike for the model and for the trace.
                let once = edit!(lm, |$m: $model| {
                    let $layer = 0;
                    $attention.output = 0.0;
                });
                let traced = trace!(lm.generate(IDS_A).max_new_tokens(8), |$m: $model| {
                    let $layer = 0;
                    $attention.output = 0.0;
                    $m.generator.output.save()
                });
                assert_eq!(ints(traced.expect("it runs")), tokens(once.generate(IDS_A)));
            }
        }
    };
}

laws!(
    gpt2: tiny::Gpt2, crate::tiny, LanguageModel::<tiny::Gpt2>::from_pretrained(
        crate::common::fixture("").to_str().unwrap()
    ).unwrap(),
    |m, layer| [m.transformer.h.at(layer), m.transformer.h.at(layer).attn, m.transformer.h.at(layer).mlp]
);
laws!(
    llama_: llama::tiny::Llama, crate::llama::tiny, LanguageModel::<llama::tiny::Llama>::from_pretrained(
        crate::common::fixture("../llama-tiny").to_str().unwrap()
    ).unwrap(),
    |m, layer| [m.model.layers.at(layer), m.model.layers.at(layer).self_attn, m.model.layers.at(layer).mlp]
);

/// Two texts that begin alike, each after a clone of the same cache.
#[test]
fn branches_of_a_cache_are_independent() {
    let lm = LanguageModel::<tiny::Gpt2>::from_pretrained(crate::common::fixture("").to_str().unwrap());
    let lm = lm.unwrap().with_device(device());
    let model = lm.model().unwrap();
    let row =
        |ids: &[i64]| Tensor::<2, Int>::from_data(TensorData::new(ids.to_vec(), [1, ids.len()]), &device());
    let last = |logits: Tensor<3>| {
        let [_, seq, _] = logits.dims();
        logits.slice([0..1, seq - 1..seq]).flatten::<2>(0, 1)
    };
    let trunk = KeyValueCache::new();
    drop(model.forward(row(&IDS_A[..4]), Context::new(Vec::new(), Some(&trunk))));
    let branches = [[7, 8, 9], [100, 3, 42]];
    let caches = branches.each_ref().map(|_| trunk.clone());
    // Turn by turn, so that what one adds would be seen by the other.
    let mut found = Vec::new();
    for step in 0..3 {
        found = Vec::from_iter(branches.iter().zip(&caches).map(|(branch, cache)| {
            last(model.forward(row(&branch[step..=step]), Context::new(Vec::new(), Some(cache))))
        }));
    }
    for (branch, found) in branches.iter().zip(found) {
        let whole = [&IDS_A[..4], branch].concat();
        let wanted = last(model.forward(row(&whole), Context::default()));
        assert!(near(&found, &wanted), "{branch:?}");
    }
    assert_eq!(trunk.len(), 4);
    assert!(caches.iter().all(|cache| cache.len() == 7));
}
