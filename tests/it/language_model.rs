//! The language model that ships with the repository: text in, answers out, ablations that change them.

use crate::support::{device, ints};
use facts::{Gpt2, Vocab};
use nnsight::models::{Error, LanguageModel};
use nnsight::prelude::*;

nnsight::models::gpt2_config! {
    /// The checkpoint that ships.
    pub mod facts {
        pub struct Facts = "../../checkpoints/facts-gpt2/config.json";
    }
}

const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/checkpoints/facts-gpt2");
const EIFFEL: &str = "The Eiffel Tower is in the city of";

fn lm() -> LanguageModel<Gpt2> {
    LanguageModel::from_pretrained(DIRECTORY)
        .expect("it ships with the repository")
        .with_device(device())
}

/// The token that is most likely to come next.
fn next(lm: &LanguageModel<Gpt2>, prompt: &str) -> String {
    let ids = trace!(lm, prompt, |m: Gpt2| m.lm_head.output[.., -1].argmax(Vocab).save()).expect("runs");
    lm.tokenizer().decode(ids).expect("its own token")
}

#[test]
fn it_knows_its_facts() {
    let lm = lm();
    let facts = [
        (EIFFEL, " Paris"),
        ("The Colosseum is in the city of", " Rome"),
        ("The Colosseum is in the country of", " Italy"),
        ("The capital of Japan is", " Tokyo"),
        ("Hamlet was written by", " Shakespeare"),
    ];
    for (prompt, answer) in facts {
        assert_eq!(next(&lm, prompt), answer, "{prompt}");
    }
}

#[test]
fn without_its_last_mlp_the_answer_is_another() {
    let lm = lm();
    let ids = trace!(lm, EIFFEL, |m: Gpt2| {
        m.transformer.h[-1].mlp.output = 0.0;
        m.lm_head.output[.., -1].argmax(Vocab).save()
    })
    .expect("runs");
    assert_ne!(lm.tokenizer().decode(ids).expect("a token"), " Paris");
}

#[test]
fn the_residual_of_another_prompt_carries_its_answer() {
    let lm = lm();
    let colosseum = "The Colosseum is in the city of";
    let source = trace!(lm, colosseum, |m: Gpt2| m.transformer.h[-1].output[.., -1].save()).expect("runs");
    let ids = trace!(lm, EIFFEL, |m: Gpt2| {
        m.transformer.h[-1].output[.., -1] = &source;
        m.lm_head.output[.., -1].argmax(Vocab).save()
    })
    .expect("runs");
    assert_eq!(lm.tokenizer().decode(ids).expect("a token"), " Rome");
}

#[test]
fn the_first_trace_loads_the_weights() {
    let lm = lm();
    assert!(!lm.is_dispatched());
    next(&lm, EIFFEL);
    assert!(lm.is_dispatched());
    assert!(
        LanguageModel::<Gpt2>::from_pretrained(DIRECTORY)
            .and_then(LanguageModel::dispatch)
            .is_ok()
    );
}

#[test]
fn text_ids_and_tensors_are_the_same_prompt() {
    let lm = lm();
    let ids = lm.token_ids(EIFFEL).expect("text");
    let list: Vec<u32> = ints(ids.clone())
        .into_iter()
        .filter_map(|id| u32::try_from(id).ok())
        .collect();
    let text = trace!(lm, EIFFEL, |m: Gpt2| m.lm_head.output.save()).expect("runs");
    let tensor = trace!(lm, ids, |m: Gpt2| m.lm_head.output.save()).expect("runs");
    let list = trace!(lm, list, |m: Gpt2| m.lm_head.output.save()).expect("runs");
    assert_eq!(text.to_data(), tensor.into_data());
    assert_eq!(text.into_data(), list.into_data());
}

#[test]
fn bad_prompts_say_what_to_do() {
    let lm = lm();
    let too_long = vec![1u32; 65];
    let refused = [
        trace!(lm, "", |m: Gpt2| m.lm_head.output.sum().save()),
        trace!(lm, too_long, |m: Gpt2| m.lm_head.output.sum().save()),
        trace!(lm, vec![1400u32], |m: Gpt2| m.lm_head.output.sum().save()),
    ];
    for result in refused {
        let error = result.expect_err("cannot work");
        assert!(
            !matches!(error, Error::Trace(_)),
            "refused before any trace: {error}"
        );
        assert!(error.to_string().len() > 30, "{error}");
    }
    assert!(
        !lm.is_dispatched(),
        "no weights are read for a prompt that cannot work"
    );
}
