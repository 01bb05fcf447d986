//! Tokenizers inside of GGUF files: small ones made here, SmolLM2's, and the vocabularies that llama.cpp tests with.

use crate::common::Directory;
use crate::trained::{SMOLLM2, skipped};
use anamnesis::{GgufMetadataArray, GgufMetadataValue, write_gguf};
use nnsight_models::llama::smollm2_135m::Llama;
use nnsight_models::load::Source;
use nnsight_models::{Error, LanguageModel, Result, Tokenizer};
use serde::Deserialize;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The metadata of a tokenizer, open to change.
#[derive(Clone, Default)]
struct Metadata(HashMap<String, GgufMetadataValue>);

impl Metadata {
    fn with(mut self, field: &str, value: impl Into<Entry>) -> Self {
        self.0.insert(format!("tokenizer.ggml.{field}"), value.into().0);
        self
    }

    fn without(mut self, field: &str) -> Self {
        self.0.remove(&format!("tokenizer.ggml.{field}"));
        self
    }

    fn read(&self) -> Result<Option<Tokenizer>> {
        let directory = Directory::new();
        Source::gguf(self.write(&directory))?.tokenizer()
    }

    fn write(&self, directory: &Directory) -> PathBuf {
        let file = directory.path().join("model.gguf");
        write_gguf(&file, &[], &self.0).unwrap();
        file
    }

    fn error(&self) -> Error {
        self.read().unwrap_err()
    }
}

struct Entry(GgufMetadataValue);

impl From<&str> for Entry {
    fn from(text: &str) -> Self {
        Self(GgufMetadataValue::String(text.to_owned()))
    }
}

impl From<u32> for Entry {
    fn from(id: u32) -> Self {
        Self(GgufMetadataValue::U32(id))
    }
}

impl From<bool> for Entry {
    fn from(flag: bool) -> Self {
        Self(GgufMetadataValue::Bool(flag))
    }
}

impl From<Vec<String>> for Entry {
    fn from(texts: Vec<String>) -> Self {
        Self(GgufMetadataValue::Array(Box::new(GgufMetadataArray::String(
            texts,
        ))))
    }
}

impl From<Vec<i32>> for Entry {
    fn from(numbers: Vec<i32>) -> Self {
        Self(GgufMetadataValue::Array(Box::new(GgufMetadataArray::I32(
            numbers,
        ))))
    }
}

impl From<Vec<f32>> for Entry {
    fn from(numbers: Vec<f32>) -> Self {
        Self(GgufMetadataValue::Array(Box::new(GgufMetadataArray::F32(
            numbers,
        ))))
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

const NORMAL: i32 = 1;
const UNKNOWN: i32 = 2;
const CONTROL: i32 = 3;
const USER_DEFINED: i32 = 4;
const UNUSED: i32 = 5;
const BYTE: i32 = 6;

/// Five letters, three merges, a control token, one of the user's, and a place that is not used.
fn byte_level() -> Metadata {
    let tokens = [
        "a", "b", "Ġ", "1", "2", "ab", "Ġab", "12", "<end>", "[b a]", "[PAD10]",
    ];
    let mut kinds = vec![NORMAL; 8];
    kinds.extend([CONTROL, USER_DEFINED, UNUSED]);
    Metadata::default()
        .with("model", "gpt2")
        .with("pre", "gpt-2")
        .with("tokens", texts(&tokens))
        .with("token_type", kinds)
        .with("merges", texts(&["a b", "Ġ ab", "1 2"]))
        .with("bos_token_id", 8u32)
        .with("eos_token_id", 8u32)
}

/// The same letters as SentencePiece has them, with the bytes of `é`.
fn sentence_piece() -> Metadata {
    let tokens = [
        "<unk>", "<s>", "</s>", "<0xC3>", "<0xA9>", "▁", "a", "b", "ab", "▁a", "▁ab", "ba",
    ];
    let mut kinds = vec![UNKNOWN, CONTROL, CONTROL, BYTE, BYTE];
    kinds.extend([NORMAL; 7]);
    let scores = vec![0.0, 0.0, 0.0, 0.0, 0.0, -1e3, -1e3, -1e3, -2.0, -1.0, -3.0, -1.5];
    Metadata::default()
        .with("model", "llama")
        .with("tokens", texts(&tokens))
        .with("token_type", kinds)
        .with("scores", scores)
        .with("bos_token_id", 1u32)
        .with("eos_token_id", 2u32)
        .with("unknown_token_id", 0u32)
}

#[test]
fn byte_level_merges_go_in_their_order_and_stay_inside_of_words() -> Result<()> {
    let tokenizer = byte_level().read()?.unwrap();
    assert_eq!(tokenizer.encode("ab ab")?, [5, 6]);
    assert_eq!(tokenizer.encode("ba  aab")?, [1, 0, 2, 2, 0, 5]);
    assert_eq!(tokenizer.encode("12 12")?, [7, 2, 7]);
    assert_eq!(tokenizer.decode([5u32, 6, 8, 7].as_slice())?, "ab ab<end>12");
    Ok(())
}

#[test]
fn digits_stand_alone_where_the_file_names_such_a_model() -> Result<()> {
    for pre in ["smollm", "starcoder", "refact"] {
        let tokenizer = byte_level().with("pre", pre).read()?.unwrap();
        assert_eq!(tokenizer.encode("12")?, [3, 4], "{pre}");
    }
    Ok(())
}

#[test]
fn special_tokens_are_found_before_a_text_is_split() -> Result<()> {
    let tokenizer = byte_level().read()?.unwrap();
    assert_eq!(tokenizer.encode("a<end>b[b a] ab")?, [0, 8, 1, 9, 6]);
    // What the model's own tokenizer does not have is not taken from the file's table.
    assert_eq!(tokenizer.token_to_id("[PAD10]"), None);
    assert!(matches!(
        tokenizer.decode(10u32),
        Err(Error::TokenOutsideVocabulary { id: 10, .. })
    ));
    Ok(())
}

#[test]
fn tokens_are_put_around_a_text_where_the_file_says_so() -> Result<()> {
    assert_eq!(byte_level().read()?.unwrap().encode("a")?, [0]);
    let first = byte_level().with("add_bos_token", true);
    assert_eq!(first.read()?.unwrap().encode("a")?, [8, 0]);
    let both = first.with("add_eos_token", true);
    assert_eq!(both.read()?.unwrap().encode("a")?, [8, 0, 8]);
    let last = both.with("add_bos_token", false);
    assert_eq!(last.read()?.unwrap().encode("a")?, [0, 8]);

    // Llama 3 and SentencePiece begin texts with a token unless the file says otherwise.
    let llama3 = byte_level().with("pre", "llama-bpe");
    assert_eq!(llama3.read()?.unwrap().encode("a")?, [8, 0]);
    assert_eq!(sentence_piece().read()?.unwrap().encode("a")?, [1, 9]);
    let plain = sentence_piece().with("add_bos_token", false);
    assert_eq!(plain.read()?.unwrap().encode("a")?, [9]);
    Ok(())
}

#[test]
fn sentence_piece_merges_the_best_score_first_and_spells_the_rest_in_bytes() -> Result<()> {
    let tokenizer = sentence_piece().read()?.unwrap();
    assert_eq!(tokenizer.encode("ab")?, [1, 10]);
    // `ba` before `ab`.
    assert_eq!(tokenizer.encode("bab é")?, [1, 5, 11, 7, 5, 3, 4]);
    assert_eq!(tokenizer.decode([10u32, 5, 3, 4].as_slice())?, "ab é");
    // A letter without a token and without bytes.
    assert_eq!(tokenizer.encode("c")?, [1, 5, 0]);
    // A special token is followed by a new piece of text.
    assert_eq!(tokenizer.encode("a</s>a")?, [1, 9, 2, 9]);

    let bare = sentence_piece().with("add_space_prefix", false).read()?.unwrap();
    assert_eq!(bare.encode("ab")?, [1, 8]);
    assert_eq!(bare.decode([10u32, 8].as_slice())?, " abab");
    Ok(())
}

#[test]
fn kinds_that_are_not_known_are_errors_which_name_those_that_are() {
    let model = byte_level().with("model", "bert").error().to_string();
    assert!(
        model.contains("`tokenizer.ggml.model` is `bert`, and what is known is gpt2, llama."),
        "{model}"
    );
    assert!(
        model.contains("Put the model's tokenizer.json beside the file"),
        "{model}"
    );

    let pre = byte_level().with("pre", "mystery").error();
    assert!(
        matches!(&pre, Error::UnknownTokenizer { field: "tokenizer.ggml.pre", known, .. } if known.contains("qwen2")),
        "{pre}"
    );
    let missing = byte_level().without("pre").error().to_string();
    assert!(missing.contains("`tokenizer.ggml.pre` is missing"), "{missing}");
}

#[test]
fn a_file_without_a_tokenizer_has_none() {
    assert!(Metadata::default().read().unwrap().is_none());
}

#[test]
fn tokenizers_that_contradict_themselves_are_refused_by_what_is_wrong() {
    let cases = [
        (
            byte_level().with("token_type", vec![NORMAL; 3]),
            "token_type has 3 entries for 11 tokens",
        ),
        (
            byte_level().with("merges", texts(&["a b", "a 1"])),
            "`a 1` is no merge of two tokens to a third",
        ),
        (byte_level().with("merges", texts(&["ab"])), "`ab` is no merge"),
        (
            byte_level().with("add_bos_token", true).without("bos_token_id"),
            "`tokenizer.ggml.bos_token_id` is missing",
        ),
        (
            byte_level()
                .with("add_bos_token", true)
                .with("bos_token_id", 11u32),
            "is `11`, wanted an id below 11",
        ),
        (
            byte_level().with("tokens", 3u32),
            "`tokenizer.ggml.tokens` is `3`, wanted a list of texts",
        ),
        (
            byte_level().without("merges"),
            "`tokenizer.ggml.merges` is missing, wanted a list of texts",
        ),
        (
            sentence_piece().without("scores"),
            "`tokenizer.ggml.scores` is missing, wanted a list of f32",
        ),
        (
            sentence_piece().with("scores", vec![0.5]),
            "scores has 1 entries for 12 tokens",
        ),
        (
            sentence_piece().without("unknown_token_id"),
            "`tokenizer.ggml.unknown_token_id` is missing",
        ),
        (
            byte_level().with("tokens", vec!["a".to_owned(); 11]),
            "`a` has the ids 0 and 1",
        ),
    ];
    for (metadata, wanted) in cases {
        let error = metadata.error().to_string();
        assert!(error.contains(wanted), "{error}\nwanted {wanted}");
        assert!(error.contains("model.gguf"), "{error}");
    }
}

#[test]
fn a_tokenizer_json_beside_the_file_is_preferred() {
    let directory = Directory::new();
    let file = byte_level().write(&directory);
    let json = fixture("tokenizer.json");
    std::fs::copy(json, directory.path().join("tokenizer.json")).unwrap();
    let tokenizer = Source::gguf(file).unwrap().tokenizer().unwrap().unwrap();
    assert_eq!(tokenizer.vocab_size(), 49_152);
}

/// A text and its tokens.
#[derive(Deserialize)]
struct Case {
    text: String,
    ids: Vec<u32>,
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fixtures/smollm2-135m")
        .join(name)
}

/// Holds a tokenizer against `make_smollm2_texts.py`, which shares no code with it.
fn has_the_tokens_of_hard_texts(tokenizer: &Tokenizer) {
    let cases: Vec<Case> = serde_json::from_slice(&std::fs::read(fixture("texts.json")).unwrap()).unwrap();
    assert!(cases.len() > 20);
    for Case { text, ids } in cases {
        assert_eq!(tokenizer.encode(&text).unwrap(), ids, "{text:?}");
        assert_eq!(tokenizer.decode(ids.as_slice()).unwrap(), text);
    }
}

#[test]
fn smollm2s_tokenizer_json_has_the_tokens_of_hard_texts() {
    has_the_tokens_of_hard_texts(&Tokenizer::from_file(fixture("tokenizer.json")).unwrap());
}

#[test]
fn smollm2s_gguf_file_has_the_tokens_of_its_tokenizer_json() {
    let Some(gguf) = SMOLLM2.gguf() else {
        return SMOLLM2.skipped("gguf_tokenizer::smollm2s_gguf_file_has_the_tokens_of_its_tokenizer_json");
    };
    // Where no tokenizer.json is.
    let directory = Directory::new();
    let alone = directory.path().join("model.gguf");
    std::fs::hard_link(&gguf, &alone)
        .or_else(|_| std::fs::copy(&gguf, &alone).map(drop))
        .unwrap();
    let lm = LanguageModel::<Llama>::from_gguf(alone).unwrap();
    has_the_tokens_of_hard_texts(lm.tokenizer());

    let json = Tokenizer::from_file(fixture("tokenizer.json")).unwrap();
    let vocabulary = |tokenizer: &Tokenizer| tokenizer.inner().unwrap().get_vocab(true);
    assert_eq!(vocabulary(lm.tokenizer()), vocabulary(&json));
}

/// llama.cpp's repository has vocabularies without weights, and what their models' own tokenizers make of some
/// texts: `models/ggml-vocab-NAME.gguf`, `.gguf.inp` and `.gguf.out`.
#[test]
fn llama_cpps_vocabularies_give_the_tokens_that_it_tests_for() {
    let Some(directory) = std::env::var_os("NNSIGHT_GGML_VOCABS").map(PathBuf::from) else {
        return skipped(
            "gguf_tokenizer::llama_cpps_vocabularies_give_the_tokens_that_it_tests_for",
            "the variable NNSIGHT_GGML_VOCABS names the folder `models` of llama.cpp's repository",
        );
    };
    let mut held = 0;
    for name in [
        "gpt-2",
        "starcoder",
        "refact",
        "llama-bpe",
        "qwen2",
        "llama-spm",
        "phi-3",
    ] {
        let file = directory.join(format!("ggml-vocab-{name}.gguf"));
        if !file.is_file() {
            println!("no {}", file.display());
            continue;
        }
        let tokenizer = Source::gguf(&file).unwrap().tokenizer().unwrap().unwrap();
        let read = |end| std::fs::read_to_string(file.with_extension(end)).unwrap();
        let (texts, tokens) = (read("gguf.inp"), read("gguf.out"));
        for (text, line) in texts.split("\n__ggml_vocab_test__\n").zip(tokens.split('\n')) {
            let wanted: Vec<u32> = line.split_whitespace().map(|id| id.parse().unwrap()).collect();
            let found = tokenizer.inner().unwrap().encode(text, false).unwrap();
            assert_eq!(found.get_ids(), wanted, "{name}: {text:?}");
            assert_eq!(tokenizer.decode(wanted).unwrap(), text, "{name}");
            held += 1;
        }
    }
    println!("{held} texts");
    assert!(held > 0, "there is no vocabulary in {}", directory.display());
}
