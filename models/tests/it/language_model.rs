//! Models by name, and the prompts they take.

use crate::common::{Directory, IDS_A, fixture, golden, max_difference};
use crate::device::device;
use crate::tiny::Gpt2;
use burn::prelude::*;
use nnsight_core::{LostWhat, trace};
use nnsight_models::{CausalLm, Error, LanguageModel, Prompt, Tokenizer};

fn tiny() -> LanguageModel<Gpt2> {
    LanguageModel::from_pretrained(fixture("").to_str().unwrap())
        .unwrap()
        .with_device(device())
}

#[test]
fn weights_are_loaded_when_they_are_needed() {
    let lm = tiny();
    assert!(!lm.is_dispatched());
    let ids = lm.token_ids(IDS_A).unwrap();
    assert!(!lm.is_dispatched());
    let logits = lm.model().unwrap().logits(ids);
    assert!(lm.is_dispatched());
    assert!(max_difference(logits, &golden("lm_head.output")) < 2e-5);
    assert!(tiny().dispatch().unwrap().is_dispatched());
}

#[test]
fn opening_a_model_reads_no_weights() {
    let directory = Directory::with_weights(|_| {});
    std::fs::write(directory.path().join("model.safetensors"), "not weights").unwrap();
    let lm = LanguageModel::<Gpt2>::from_pretrained(directory.str()).unwrap();
    assert!(matches!(lm.model(), Err(Error::BrokenWeights { .. })));
    assert!(!lm.is_dispatched());
}

#[test]
fn ids_and_tensors_are_prompts() {
    let lm = tiny();
    let expected = Tensor::<2, Int>::from_data([IDS_A], &device()).into_data();
    let prompts: [Prompt; 4] = [
        IDS_A.into(),
        IDS_A.as_slice().into(),
        IDS_A.map(|id| id as u32).to_vec().into(),
        Tensor::<1, Int>::from_data(IDS_A, &device()).into(),
    ];
    for prompt in prompts {
        lm.token_ids(prompt)
            .unwrap()
            .into_data()
            .assert_eq(&expected, true);
    }
}

#[test]
fn prompts_that_cannot_run_are_refused() {
    let lm = tiny();
    let none: [i64; 0] = [];
    assert!(matches!(lm.token_ids(none), Err(Error::EmptyPrompt { .. })));
    let long = lm.token_ids(vec![1u32; 65]).unwrap_err();
    assert_eq!(
        long.to_string(),
        "the prompt has 65 tokens, and the model takes at most 64: shorten it by 1"
    );
    assert!(lm.token_ids(vec![1u32; 64]).is_ok());
    let outside = lm.token_ids([1i64, 257]).unwrap_err();
    assert_eq!(
        outside.to_string(),
        "the token id 257 at index 1 is outside of the vocabulary: ids go from 0 to 256"
    );
    assert!(matches!(
        lm.token_ids([-1i64]),
        Err(Error::TokenOutsideVocabulary { id: -1, .. })
    ));
    let text = lm.token_ids("some text").unwrap_err();
    assert!(matches!(text, Error::NoTokenizer { .. }), "{text}");
}

#[test]
fn a_name_that_is_nothing_says_what_was_tried() {
    let error = LanguageModel::<Gpt2>::from_pretrained("./no/such/model").unwrap_err();
    assert!(matches!(error, Error::NotADirectory { .. }), "{error}");
}

#[test]
fn a_model_in_memory_needs_no_files() {
    let model = tiny().model().unwrap().clone();
    let lm = LanguageModel::from_parts(model, Tokenizer::absent("tiny")).unwrap();
    assert!(lm.is_dispatched());
    let ids = lm.token_ids(IDS_A).unwrap();
    let lm = lm.with_device(device());
    let logits = lm.model().unwrap().logits(ids);
    assert!(max_difference(logits, &golden("lm_head.output")) < 2e-5);
}

/// Traces and generations of a strict model refuse what nothing saved can see; the model that it was made of does not.
#[test]
fn a_strict_model_loses_nothing_in_silence() {
    let lm = tiny();
    let strict = lm.strict();
    let late = |lm: &LanguageModel<Gpt2>| {
        trace!(lm, IDS_A, |m: Gpt2| {
            let kept = m.transformer.h[0].output.save();
            m.transformer.h[1].output = 0.0;
            kept
        })
    };
    let lost = |error: Error| match error {
        Error::Trace(nnsight_core::Error::Lost { what, name, .. }) => (what, name),
        other => panic!("not what was lost: {other}"),
    };
    let found = lost(late(&strict).unwrap_err());
    assert_eq!(found, (LostWhat::Edit, "transformer.h.1.output".to_owned()));
    assert!(late(&lm).is_ok());
    let generated = trace!(strict.generate(IDS_A).max_new_tokens(2), |m: Gpt2| {
        let _ = m.lm_head.output.map(|logits| logits);
        m.transformer.h[0].output.save()
    });
    let found = lost(generated.unwrap_err());
    assert_eq!(found, (LostWhat::Closure, "lm_head.output".to_owned()));
    let seen = trace!(strict, IDS_A, |m: Gpt2| {
        m.transformer.h[1].output = 0.0;
        m.lm_head.output.save()
    });
    assert!(seen.is_ok());
}

/// The whole batch beside its invokes: the rows of all in their order, the shorter prompts at the right.
#[test]
fn the_whole_batch_is_seen_beside_its_invokes() {
    let (first, second, all, after) = trace!(tiny(), |t: Gpt2| {
        let (first, second) = (t.invoke(IDS_A), t.invoke(&IDS_A[..4]));
        let all = t.batch();
        let before = all.transformer.h[0].output.save();
        first.transformer.h[0].output = 0.0;
        let kept = (
            first.transformer.h[0].output.save(),
            second.transformer.h[0].output.save(),
        );
        (kept.0, kept.1, before, all.transformer.h[0].output.save())
    })
    .unwrap();
    assert_eq!(all.dims()[..2], [2, 10]);
    assert_eq!((first.dims()[1], second.dims()[1]), (10, 4));
    assert!(max_difference(all.clone().slice(s![0..1]), &golden("transformer.h.0.output")) < 2e-5);
    let rows = |tensor: Tensor<3>| tensor.into_data().try_to_vec::<f32>().unwrap();
    assert_eq!(rows(all.slice([1..2, 6..10])), rows(second.clone()));
    assert!(rows(after.clone().slice(s![0..1])).iter().all(|x| *x == 0.0));
    assert_eq!(rows(after.slice([1..2, 6..10])), rows(second));
    assert!(rows(first).iter().all(|x| *x == 0.0));
}
