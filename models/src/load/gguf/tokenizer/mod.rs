//! The tokenizer inside of a GGUF file, as one of the crate `tokenizers`.
//!
//! It gives the ids that the model's own `tokenizer.json` gives. Models of the Llama family have one of two
//! kinds, told apart by `tokenizer.ggml.model`: what llama.cpp calls `gpt2` is in [`byte_level`], and `llama` in
//! [`sentence_piece`].

mod byte_level;
mod sentence_piece;
mod vocabulary;

use super::metadata::Metadata;
use crate::error::{Error, Result};
use crate::tokenizer::Tokenizer;
use std::path::Path;
use tokenizers::processors::template::{SpecialToken, Template, TemplateProcessing};
use vocabulary::Vocabulary;

const MODEL: &str = "tokenizer.ggml.model";

/// The tokenizer of a file, if it has one.
pub fn tokenizer(file: &Path) -> Result<Option<Tokenizer>> {
    let metadata = Metadata::read(file)?;
    let build = match metadata.text(MODEL)? {
        None => return Ok(None),
        Some("gpt2") => byte_level::build,
        Some("llama") => sentence_piece::build,
        Some(found) => return Err(unknown(&metadata, MODEL, Some(found), "gpt2, llama")),
    };
    build(&metadata).map(|built| Some(Tokenizer::new(built)))
}

/// Adds what both kinds have: tokens that are found in a text before it is split, and those that are put around
/// it. `adds_first` is what holds where the file does not say.
fn with_special_tokens(
    mut tokenizer: tokenizers::Tokenizer,
    vocabulary: &Vocabulary<'_>,
    adds_first: bool,
) -> Result<tokenizers::Tokenizer> {
    let metadata = vocabulary.metadata();
    let flag = |field, default| metadata.flag(field).map(|flag| flag.unwrap_or(default));
    let token = |adds: bool, field| adds.then(|| vocabulary.token(field)).transpose();
    let adds_first = flag("tokenizer.ggml.add_bos_token", adds_first)?;
    let adds_last = flag("tokenizer.ggml.add_eos_token", false)?;
    let first = token(adds_first, "tokenizer.ggml.bos_token_id")?;
    let last = token(adds_last, "tokenizer.ggml.eos_token_id")?;

    let failed = |error| unusable(metadata, error);
    tokenizer.add_tokens(vocabulary.added()).map_err(failed)?;
    if adds_first || adds_last {
        tokenizer.with_post_processor(Some(around(first, last).map_err(failed)?));
    }
    Ok(tokenizer)
}

/// Puts a token before a text, and one after it.
fn around(first: Option<(u32, &str)>, last: Option<(u32, &str)>) -> tokenizers::Result<TemplateProcessing> {
    // Names of the template's: what a token's own text holds may mean something there.
    let named = [("first", first), ("last", last)];
    let special = named.into_iter().filter_map(|(name, token)| {
        let (id, text) = token?;
        Some(SpecialToken::new(
            name.to_owned(),
            vec![id],
            vec![text.to_owned()],
        ))
    });
    let special = special.collect::<tokenizers::Result<Vec<_>>>()?;
    let template = match (first, last) {
        (Some(_), Some(_)) => "first $A last",
        (Some(_), None) => "first $A",
        (None, Some(_)) => "$A last",
        (None, None) => "$A",
    };
    let mut processing = TemplateProcessing::builder();
    processing
        .single(Template::try_from(template)?)
        .special_tokens(special);
    Ok(processing.build()?)
}

/// A tokenizer of a kind that cannot be built here.
fn unknown(metadata: &Metadata, field: &'static str, found: Option<&str>, known: &str) -> Error {
    Error::UnknownTokenizer {
        file: metadata.file().to_owned(),
        field,
        found: found.map_or("missing".to_owned(), |found| format!("`{found}`")),
        known: known.to_owned(),
    }
}

/// A tokenizer that contradicts itself.
fn unusable(metadata: &Metadata, reason: impl std::fmt::Display) -> Error {
    Error::BrokenGguf {
        file: metadata.file().to_owned(),
        reason: format!("its tokenizer cannot be built, {reason}"),
    }
}
