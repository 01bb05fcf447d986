//! What a language model can be asked with.

use super::CausalLm;
use crate::error::{Error, Result};
use crate::tokenizer::{TokenIds, Tokenizer};
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
    /// The token ids on `device`, within `limits`: (Batch, Seq).
    ///
    /// Ids that come as a tensor are fetched from their device to be checked.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyPrompt`], [`Error::PromptTooLong`], [`Error::TokenOutsideVocabulary`], and for
    /// text [`Error::NoTokenizer`] and [`Error::Tokenizer`].
    pub fn into_ids(self, tokenizer: &Tokenizer, limits: Limits, device: &Device) -> Result<Tensor<2, Int>> {
        let (ids, shape) = match &self {
            Self::Text(text) => {
                let ids = tokenizer.encode(text)?.token_ids();
                let shape = [1, ids.len()];
                (ids, shape)
            }
            Self::Ids(ids) => (ids.clone(), [1, ids.len()]),
            Self::Tensor(tensor) => (tensor.token_ids(), tensor.dims()),
        };
        self.check(&ids, shape, limits)?;
        Ok(match self {
            Self::Tensor(tensor) => tensor.to_device(device),
            _ => Tensor::from_data(TensorData::new(ids, shape), device),
        })
    }

    fn check(&self, ids: &[i64], [_, length]: [usize; 2], limits: Limits) -> Result<()> {
        if ids.is_empty() {
            let hint = match self {
                Self::Text(_) => "an empty text has none, unless the tokenizer adds a first token",
                Self::Ids(_) | Self::Tensor(_) => "a first token can stand for an empty text",
            };
            return Err(Error::EmptyPrompt { hint });
        }
        if length > limits.positions {
            return Err(Error::PromptTooLong {
                found: length,
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
