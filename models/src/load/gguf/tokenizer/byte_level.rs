//! Byte-level BPE, as GPT-2, Llama 3, Qwen2 and SmolLM have it: the file holds the merges, and the name of the
//! way in which texts are split before.

use super::{Vocabulary, unknown, unusable, with_special_tokens};
use crate::error::Result;
use crate::load::gguf::metadata::Metadata;
use tokenizers::models::bpe::{BPE, Merges, Vocab};
use tokenizers::normalizers::NFC;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{SplitDelimiterBehavior, Tokenizer};

const PRE: &str = "tokenizer.ggml.pre";
const MERGES: &str = "tokenizer.ggml.merges";

/// What llama.cpp knows of a model by the name in `tokenizer.ggml.pre`.
struct Pre {
    names: &'static [&'static str],
    words: Words,
    /// Whether letters and their accents become one character first (NFC).
    composes: bool,
    /// Whether a word that is a token is not merged from its parts.
    keeps_words: bool,
    /// Whether a token is put before the text, where the file does not say.
    adds_first: bool,
}

/// How a text is split; tokens stay inside of a word.
enum Words {
    /// GPT-2's words, which the crate knows.
    Gpt2,
    /// The same, between digits that each stand alone.
    Gpt2BetweenDigits,
    /// What a pattern matches.
    Pattern(&'static str),
}

const KNOWN: [Pre; 5] = [
    Pre {
        names: &["gpt-2"],
        words: Words::Gpt2,
        ..PLAIN
    },
    Pre {
        names: &["smollm", "starcoder", "refact"],
        words: Words::Gpt2BetweenDigits,
        ..PLAIN
    },
    Pre {
        names: &["llama-bpe", "llama3", "llama-v3"],
        words: Words::Pattern(
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        ),
        keeps_words: true,
        adds_first: true,
        ..PLAIN
    },
    Pre {
        names: &["qwen2"],
        words: Words::Pattern(QWEN2),
        composes: true,
        ..PLAIN
    },
    Pre {
        names: &["deepseek-r1-qwen"],
        words: Words::Pattern(QWEN2),
        ..PLAIN
    },
];

const PLAIN: Pre = Pre {
    names: &[],
    words: Words::Gpt2,
    composes: false,
    keeps_words: false,
    adds_first: false,
};

const QWEN2: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

pub fn build(metadata: &Metadata) -> Result<Tokenizer> {
    let pre = pre(metadata)?;
    let vocabulary = Vocabulary::read(metadata)?;
    let ids = vocabulary.ids()?;
    let merges = merges(metadata, &ids)?;

    let failed = |error| unusable(metadata, error);
    let bpe = BPE::builder()
        .vocab_and_merges(ids, merges)
        .ignore_merges(pre.keeps_words);
    let mut tokenizer = Tokenizer::new(bpe.build().map_err(failed)?);
    tokenizer
        .with_normalizer(pre.composes.then_some(NFC))
        .map_err(failed)?;
    tokenizer
        .with_pre_tokenizer(Some(pre.words.splitter().map_err(failed)?))
        .with_decoder(Some(ByteLevel::default()));
    with_special_tokens(tokenizer, &vocabulary, pre.adds_first)
}

fn pre(metadata: &Metadata) -> Result<&'static Pre> {
    let name = metadata.text(PRE)?;
    let known = KNOWN
        .iter()
        .find(|pre| name.is_some_and(|name| pre.names.contains(&name)));
    known.ok_or_else(|| {
        let known: Vec<&str> = KNOWN.iter().flat_map(|pre| pre.names).copied().collect();
        unknown(metadata, PRE, name, &known.join(", "))
    })
}

impl Words {
    fn splitter(&self) -> tokenizers::Result<Sequence> {
        let bytes = |words| PreTokenizerWrapper::from(ByteLevel::new(false, true, words));
        Ok(Sequence::new(match self {
            Self::Gpt2 => vec![bytes(true)],
            Self::Gpt2BetweenDigits => vec![Digits::new(true).into(), bytes(true)],
            Self::Pattern(pattern) => {
                let pattern = SplitPattern::Regex((*pattern).to_owned());
                let split = Split::new(pattern, SplitDelimiterBehavior::Isolated, false)?;
                vec![split.into(), bytes(false)]
            }
        }))
    }
}

/// The pairs that become one token, first ones first.
fn merges(metadata: &Metadata, ids: &Vocab) -> Result<Merges> {
    let merge = |pair: &String| {
        let parts = pair.split_once(' ').filter(|(left, right)| {
            let whole = [*left, *right].concat();
            [left, right, whole.as_str()]
                .iter()
                .all(|token| ids.contains_key(*token))
        });
        parts
            .map(|(left, right)| (left.to_owned(), right.to_owned()))
            .ok_or_else(|| unusable(metadata, format!("`{pair}` is no merge of two tokens to a third")))
    };
    metadata.texts(MERGES)?.iter().map(merge).collect()
}
