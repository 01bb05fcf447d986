//! Text to ids and back, with a tokenizer of words small enough to check by eye.

use crate::common::{Directory, fixture};
use crate::device::device;
use crate::tiny::Gpt2;
use burn::prelude::*;
use nnsight_models::{Error, LanguageModel, Tokenizer};

/// A `tokenizer.json` whose words are split at spaces, plus `extra` words that never occur.
fn tokenizer_json(extra: usize) -> String {
    let words = ["<unk>", "The", "Eiffel", "Tower", "is", "in", "Paris"];
    let named = words.iter().map(ToString::to_string);
    let all = named.chain((0..extra).map(|i| format!("word{i}")));
    let vocab: Vec<String> = all
        .enumerate()
        .map(|(id, word)| format!("\"{word}\": {id}"))
        .collect();
    format!(
        r#"{{"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
            "normalizer": null, "pre_tokenizer": {{"type": "WhitespaceSplit"}},
            "post_processor": null, "decoder": null,
            "model": {{"type": "WordLevel", "vocab": {{{}}}, "unk_token": "<unk>"}}}}"#,
        vocab.join(", ")
    )
}

fn directory(tokenizer: &str) -> Directory {
    let directory = Directory::with_weights(|_| {});
    std::fs::write(directory.path().join("tokenizer.json"), tokenizer).unwrap();
    directory
}

#[test]
fn text_goes_to_ids_and_back() {
    let directory = directory(&tokenizer_json(0));
    let lm = LanguageModel::<Gpt2>::from_pretrained(directory.str())
        .unwrap()
        .with_device(device());
    let tokenizer = lm.tokenizer();
    assert_eq!(tokenizer.vocab_size(), 7);
    assert_eq!(tokenizer.token_to_id("Paris"), Some(6));
    assert_eq!(tokenizer.encode("The Eiffel Tower").unwrap(), [1, 2, 3]);

    let ids = lm.token_ids("Eiffel is in Paris").unwrap();
    assert_eq!(ids.dims(), [1, 4]);
    assert_eq!(tokenizer.decode(&ids).unwrap(), "Eiffel is in Paris");
    let row: Tensor<1, Int> = ids.squeeze_dim(0);
    assert_eq!(
        tokenizer.decode_each(&row).unwrap(),
        ["Eiffel", "is", "in", "Paris"]
    );
    assert_eq!(tokenizer.decode([6u32].as_slice()).unwrap(), "Paris");
    assert_eq!(tokenizer.decode(6i64).unwrap(), "Paris");
    assert!(matches!(lm.token_ids(""), Err(Error::EmptyPrompt { .. })));
}

#[test]
fn an_id_without_a_token_is_an_error_and_not_left_out() {
    let directory = directory(&tokenizer_json(0));
    let tokenizer = Tokenizer::from_file(directory.path().join("tokenizer.json")).unwrap();
    for id in [7i64, -1, i64::MAX] {
        let error = tokenizer.decode([1, id]).unwrap_err();
        assert!(
            matches!(
                error,
                Error::TokenOutsideVocabulary {
                    index: 1,
                    vocab: 7,
                    ..
                }
            ),
            "{error}"
        );
    }
}

#[test]
fn a_tokenizer_larger_than_the_model_is_refused_with_both_sizes() {
    let exact = directory(&tokenizer_json(250));
    assert!(LanguageModel::<Gpt2>::from_pretrained(exact.str()).is_ok());
    let larger = directory(&tokenizer_json(251));
    let error = LanguageModel::<Gpt2>::from_pretrained(larger.str()).unwrap_err();
    assert!(
        matches!(
            error,
            Error::TokenizerTooLarge {
                tokenizer: 258,
                vocab: 257,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_file_that_is_no_tokenizer_is_named() {
    let error = Tokenizer::from_file(fixture("config.json")).unwrap_err();
    assert!(matches!(&error, Error::BrokenTokenizer { file, .. } if file.ends_with("config.json")));
    let error = Tokenizer::from_file("no/tokenizer.json").unwrap_err();
    assert!(matches!(error, Error::MissingFile { .. }), "{error}");
}
