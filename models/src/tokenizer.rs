//! Text to token ids and back.

use crate::error::{Error, Result};
use crate::token_ids::TokenIds;
use std::path::Path;

/// A tokenizer in Hugging Face's format.
///
/// A thin cover over the crate `tokenizers`: token ids come and go in the shapes that traces use,
/// and what cannot be decoded is an error in place of silence. A model without one has an
/// [`absent`](Self::absent) tokenizer, and takes token ids only.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    inner: State,
}

#[derive(Clone, Debug)]
enum State {
    Present(Box<tokenizers::Tokenizer>),
    Absent { model: String },
}

impl Tokenizer {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    ///
    /// [`Error::MissingFile`] and [`Error::BrokenTokenizer`].
    pub fn from_file(file: impl AsRef<Path>) -> Result<Self> {
        let file = file.as_ref();
        if !file.is_file() {
            return Err(Error::MissingFile {
                file: file.to_owned(),
                wanted: "a tokenizer.json for text prompts",
            });
        }
        let inner = tokenizers::Tokenizer::from_file(file).map_err(|error| Error::BrokenTokenizer {
            file: file.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self::new(inner))
    }

    /// Takes a tokenizer that was built elsewhere.
    pub fn new(inner: tokenizers::Tokenizer) -> Self {
        Self {
            inner: State::Present(Box::new(inner)),
        }
    }

    /// The tokenizer of a model that has none: text is an [`Error::NoTokenizer`], which names `model`.
    pub fn absent(model: impl Into<String>) -> Self {
        Self {
            inner: State::Absent { model: model.into() },
        }
    }

    /// The token ids of `text`, with the special tokens that the tokenizer adds by itself.
    ///
    /// # Errors
    ///
    /// [`Error::Tokenizer`] if the tokenizer's model has no way to spell the text;
    /// [`Error::NoTokenizer`].
    pub fn encode(&self, text: &str) -> Result<Vec<u32>> {
        let encoding = self.inner()?.encode(text, true).map_err(failed)?;
        Ok(encoding.get_ids().to_vec())
    }

    /// The text of token ids: a slice, a tensor of one or two dimensions (row after row), or one id.
    ///
    /// # Errors
    ///
    /// [`Error::TokenOutsideVocabulary`] for an id without a token, which `tokenizers` would leave out.
    pub fn decode(&self, ids: impl TokenIds) -> Result<String> {
        let ids = self.known(&ids.token_ids())?;
        self.inner()?.decode(&ids, false).map_err(failed)
    }

    /// The text of each token id by itself, as a list of candidates wants it.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    pub fn decode_each(&self, ids: impl TokenIds) -> Result<Vec<String>> {
        let ids = self.known(&ids.token_ids())?;
        let inner = self.inner()?;
        ids.iter()
            .map(|id| inner.decode(&[*id], false).map_err(failed))
            .collect()
    }

    /// How many tokens there are, added ones included; 0 if there is no tokenizer.
    pub fn vocab_size(&self) -> usize {
        self.inner().map_or(0, |inner| inner.get_vocab_size(true))
    }

    /// The id of a token by its spelling in the vocabulary, where a leading space is `Ġ`.
    pub fn token_to_id(&self, token: &str) -> Option<u32> {
        self.inner().ok()?.token_to_id(token)
    }

    /// The tokenizer itself, for what is not covered here.
    ///
    /// # Errors
    ///
    /// [`Error::NoTokenizer`].
    pub fn inner(&self) -> Result<&tokenizers::Tokenizer> {
        match &self.inner {
            State::Present(inner) => Ok(inner),
            State::Absent { model } => Err(Error::NoTokenizer { model: model.clone() }),
        }
    }

    fn known(&self, ids: &[i64]) -> Result<Vec<u32>> {
        let inner = self.inner()?;
        let known = |(index, &id): (usize, &i64)| {
            u32::try_from(id)
                .ok()
                .filter(|id| inner.id_to_token(*id).is_some())
                .ok_or_else(|| Error::TokenOutsideVocabulary {
                    id,
                    index,
                    vocab: self.vocab_size(),
                })
        };
        ids.iter().enumerate().map(known).collect()
    }
}

fn failed(error: tokenizers::Error) -> Error {
    Error::Tokenizer {
        reason: error.to_string(),
    }
}
