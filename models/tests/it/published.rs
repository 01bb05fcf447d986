//! GPT-2's own weights against the numbers that nnsight's walkthrough publishes for them.

use crate::trained::{GPT2, on_a_trained_model};
use burn::prelude::*;
use nnsight_core::trace;
use nnsight_models::LanguageModel;
use nnsight_models::gpt2::small::{Gpt2, Vocab};
use std::sync::LazyLock;

const EIFFEL: &str = "The Eiffel Tower is in the city of";

/// Read once for all tests.
static MODEL: LazyLock<Option<LanguageModel<Gpt2>>> = LazyLock::new(|| GPT2.open());

fn with_model(test: &str, run: impl FnOnce(&LanguageModel<Gpt2>)) {
    match &*MODEL {
        Some(lm) => run(lm),
        None => GPT2.skipped(test),
    }
}

on_a_trained_model! { with_model:
    fn after_each_token_the_most_likely_one_is_as_published(lm) {
        let ids = trace!(lm, EIFFEL, |m: Gpt2| m.lm_head.output.argmax(Vocab).save()).unwrap();
        assert_eq!(ints(ids), [198, 12, 417, 8765, 318, 257, 262, 3504, 7372, 6342]);
    }

    fn without_the_last_mlp_they_are_the_others_published(lm) {
        let ids = trace!(lm, EIFFEL, |m: Gpt2| {
            m.transformer.h[-1].mlp.output = 0.0;
            m.lm_head.output.argmax(Vocab).save()
        })
        .unwrap();
        assert_eq!(ints(ids), [262, 12, 417, 8765, 11, 257, 262, 3504, 338, 3576]);
    }

    fn three_more_tokens_are_as_published(lm) {
        let tokens = trace!(lm.generate(EIFFEL).max_new_tokens(3), |m: Gpt2| m.generator.output.save()).unwrap();
        let prompt = [464, 412, 733, 417, 8765, 318, 287, 262, 1748, 286];
        assert_eq!(ints(tokens), [&prompt[..], &[6342, 11, 290]].concat());
    }
}

fn ints<const D: usize>(ids: Tensor<D, Int>) -> Vec<i64> {
    ids.into_data().iter::<i64>().collect()
}
