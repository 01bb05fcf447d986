//! SentencePiece's BPE, as Llama 2 and the first Mistrals have it: the file holds a score for each token, and
//! the token of the best score is merged first.

use super::vocabulary::Kind;
use super::{Vocabulary, unusable, with_special_tokens};
use crate::error::Result;
use crate::load::gguf::metadata::Metadata;
use std::cmp::Reverse;
use std::collections::HashMap;
use tokenizers::Tokenizer;
use tokenizers::decoders::byte_fallback::ByteFallback;
use tokenizers::decoders::fuse::Fuse;
use tokenizers::decoders::sequence::Sequence as Decoders;
use tokenizers::decoders::strip::Strip;
use tokenizers::models::bpe::{BPE, Merges};
use tokenizers::normalizers::{Prepend, Replace, Sequence as Normalizers};

const SCORES: &str = "tokenizer.ggml.scores";
/// What stands for a space.
const SPACE: &str = "▁";

pub fn build(metadata: &Metadata) -> Result<Tokenizer> {
    let vocabulary = Vocabulary::read(metadata)?;
    let scores = vocabulary.one_each(SCORES, metadata.numbers(SCORES)?)?;
    let has_bytes = vocabulary.iter().any(|(_, kind)| kind == Kind::Byte);
    let (_, unknown) = vocabulary.token("tokenizer.ggml.unknown_token_id")?;
    let starts_with_space = metadata.flag("tokenizer.ggml.add_space_prefix")?.unwrap_or(true);

    let failed = |error| unusable(metadata, error);
    let bpe = BPE::builder()
        .vocab_and_merges(vocabulary.ids()?, merges(&vocabulary, scores))
        .unk_token(unknown.to_owned())
        .fuse_unk(true)
        .byte_fallback(has_bytes);
    let mut tokenizer = Tokenizer::new(bpe.build().map_err(failed)?);

    let mut normalizers = vec![Replace::new(" ", SPACE).map_err(failed)?.into()];
    let mut decoders = vec![
        Replace::new(SPACE, " ").map_err(failed)?.into(),
        ByteFallback::new().into(),
        Fuse::new().into(),
    ];
    if starts_with_space {
        normalizers.insert(0, Prepend::new(SPACE.to_owned()).into());
        decoders.push(Strip::new(' ', 1, 0).into());
    }
    tokenizer
        .with_normalizer(Some(Normalizers::new(normalizers)))
        .map_err(failed)?;
    tokenizer.with_decoder(Some(Decoders::new(decoders)));
    with_special_tokens(tokenizer, &vocabulary, true)
}

/// Two tokens that make a third.
struct Merge<'a> {
    left: &'a str,
    right: &'a str,
    whole: usize,
    score: f32,
}

/// Every way in which two tokens make a third, the third of the best score first.
///
/// Of one score, the longer left part comes first and then the longer right one, as where Hugging Face makes a
/// `tokenizer.json` of a SentencePiece model.
fn merges(vocabulary: &Vocabulary<'_>, scores: &[f32]) -> Merges {
    let tokens = vocabulary.iter().enumerate();
    let normal = tokens.filter(|(_, (_, kind))| *kind == Kind::Normal);
    let ids: HashMap<&str, usize> = normal.map(|(id, (token, _))| (token, id)).collect();
    let splits = ids.iter().flat_map(|(token, id)| {
        let ends = token.char_indices().skip(1).map(|(end, _)| token.split_at(end));
        ends.map(|(left, right)| Merge {
            left,
            right,
            whole: *id,
            score: scores[*id],
        })
    });
    let mut merges: Vec<Merge<'_>> = splits
        .filter(|merge| ids.contains_key(merge.left) && ids.contains_key(merge.right))
        .collect();
    let length = |text: &str| Reverse(text.chars().count());
    let rest = |merge: &Merge<'_>| (length(merge.left), length(merge.right), merge.whole);
    merges.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| rest(a).cmp(&rest(b))));
    merges
        .into_iter()
        .map(|merge| (merge.left.to_owned(), merge.right.to_owned()))
        .collect()
}
