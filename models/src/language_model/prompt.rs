//! What a language model can be asked with.

use super::CausalLm;
use crate::error::{Error, Result};
use crate::token_ids::TokenIds;
use crate::tokenizer::Tokenizer;
use burn::prelude::*;

/// A prompt: text, token ids, or a tensor of them.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "one prompt lives at a time, and not for long"
)]
pub enum Prompt {
    /// Text, to be tokenized.
    Text(String),
    /// The token ids of one sequence.
    Ids(Vec<i64>),
    /// Token ids, (Batch, Seq).
    Tensor(Tensor<2, Int>),
    /// Several prompts, a row each. Shorter ones are padded on the left.
    Batch(Vec<Prompt>),
}

/// What a model can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many tokens it knows.
    pub vocab: usize,
    /// The longest sequence.
    pub positions: usize,
}

impl Limits {
    /// The limits of a model's type.
    pub const fn of<M: CausalLm>() -> Self {
        Self {
            vocab: M::VOCAB,
            positions: M::POSITIONS,
        }
    }
}

impl Prompt {
    /// The token ids of each row, within `limits`.
    ///
    /// Ids that come as a tensor are fetched from their device to be checked.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyPrompt`], [`Error::PromptTooLong`], [`Error::TokenOutsideVocabulary`], and for
    /// text [`Error::NoTokenizer`] and [`Error::Tokenizer`].
    pub fn into_rows(self, tokenizer: &Tokenizer, limits: Limits) -> Result<Vec<Vec<i64>>> {
        let rows = match &self {
            Self::Text(text) => vec![tokenizer.encode(text)?.token_ids()],
            Self::Ids(ids) => vec![ids.clone()],
            Self::Tensor(tensor) => match tensor.dims() {
                [_, 0] => vec![Vec::new()],
                [_, length] => tensor.token_ids().chunks(length).map(<[i64]>::to_vec).collect(),
            },
            Self::Batch(prompts) => {
                let rows = prompts
                    .iter()
                    .map(|prompt| prompt.clone().into_rows(tokenizer, limits))
                    .collect::<Result<Vec<_>>>()?;
                rows.concat()
            }
        };
        if rows.is_empty() {
            self.check(&[], limits)?;
        }
        rows.iter().try_for_each(|row| self.check(row, limits))?;
        Ok(rows)
    }

    fn check(&self, ids: &[i64], limits: Limits) -> Result<()> {
        if ids.is_empty() {
            let hint = match self {
                Self::Text(_) => "an empty text has none, unless the tokenizer adds a first token",
                Self::Ids(_) | Self::Tensor(_) => "a first token can stand for an empty text",
                Self::Batch(_) => "a list of prompts wants at least one",
            };
            return Err(Error::EmptyPrompt { hint });
        }
        if ids.len() > limits.positions {
            return Err(Error::PromptTooLong {
                found: ids.len(),
                positions: limits.positions,
            });
        }
        let inside = |id: &i64| usize::try_from(*id).is_ok_and(|id| id < limits.vocab);
        match ids.iter().position(|id| !inside(id)) {
            None => Ok(()),
            Some(index) => Err(Error::TokenOutsideVocabulary {
                id: ids[index],
                index,
                vocab: limits.vocab,
            }),
        }
    }
}

impl From<&str> for Prompt {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Prompt {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Prompt {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

/// Lists of texts are prompts of several rows.
macro_rules! texts {
    ($($text:ty)+) => {$(
        impl From<Vec<$text>> for Prompt {
            fn from(texts: Vec<$text>) -> Self {
                Self::Batch(texts.into_iter().map(Prompt::from).collect())
            }
        }
        impl From<&[$text]> for Prompt {
            fn from(texts: &[$text]) -> Self {
                Self::Batch(texts.iter().cloned().map(Prompt::from).collect())
            }
        }
        impl<const N: usize> From<[$text; N]> for Prompt {
            fn from(texts: [$text; N]) -> Self {
                Self::Batch(texts.into_iter().map(Prompt::from).collect())
            }
        }
    )+};
}
texts!(&str String);

impl From<Vec<Prompt>> for Prompt {
    fn from(prompts: Vec<Prompt>) -> Self {
        Self::Batch(prompts)
    }
}

impl<T: TokenIds> From<&[T]> for Prompt {
    fn from(ids: &[T]) -> Self {
        Self::Ids(ids.token_ids())
    }
}

impl<T: TokenIds> From<Vec<T>> for Prompt {
    fn from(ids: Vec<T>) -> Self {
        Self::Ids(ids.token_ids())
    }
}

impl<T: TokenIds> From<&Vec<T>> for Prompt {
    fn from(ids: &Vec<T>) -> Self {
        Self::Ids(ids.token_ids())
    }
}

impl<T: TokenIds, const N: usize> From<[T; N]> for Prompt {
    fn from(ids: [T; N]) -> Self {
        Self::Ids(ids.token_ids())
    }
}

impl From<Tensor<1, Int>> for Prompt {
    fn from(ids: Tensor<1, Int>) -> Self {
        Self::Tensor(ids.unsqueeze())
    }
}

impl From<Tensor<2, Int>> for Prompt {
    fn from(ids: Tensor<2, Int>) -> Self {
        Self::Tensor(ids)
    }
}
