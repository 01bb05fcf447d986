//! The tokens of a GGUF file, and what each is for.

use super::unusable;
use crate::error::Result;
use crate::load::gguf::metadata::Metadata;
use tokenizers::AddedToken;
use tokenizers::models::bpe::Vocab;

const TOKENS: &str = "tokenizer.ggml.tokens";
const KINDS: &str = "tokenizer.ggml.token_type";

/// What a token is for, as llama.cpp numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A piece of text.
    Normal,
    /// What stands for text that cannot be spelled.
    Unknown,
    /// Says something about text: where it begins, who speaks.
    Control,
    /// Found in a text before it is split.
    UserDefined,
    /// Fills a place in the table; the model's own tokenizer does not have it.
    Unused,
    /// A byte, spelled `<0x0A>`.
    Byte,
}

impl Kind {
    fn of(number: i32) -> Self {
        match number {
            2 => Self::Unknown,
            3 => Self::Control,
            4 => Self::UserDefined,
            5 => Self::Unused,
            6 => Self::Byte,
            _ => Self::Normal,
        }
    }
}

/// The tokens of a file.
pub struct Vocabulary<'a> {
    metadata: &'a Metadata,
    tokens: &'a [String],
    kinds: &'a [i32],
}

impl<'a> Vocabulary<'a> {
    pub fn read(metadata: &'a Metadata) -> Result<Self> {
        let mut this = Self {
            metadata,
            tokens: metadata.texts(TOKENS)?,
            kinds: &[],
        };
        this.kinds = this.one_each(KINDS, metadata.ints(KINDS)?)?;
        Ok(this)
    }

    /// A list that should have an entry for each token.
    pub fn one_each<'l, T>(&self, field: &str, list: &'l [T]) -> Result<&'l [T]> {
        match list.len() == self.tokens.len() {
            true => Ok(list),
            false => {
                let found = format!(
                    "{field} has {} entries for {} tokens",
                    list.len(),
                    self.tokens.len()
                );
                Err(unusable(self.metadata, found))
            }
        }
    }

    pub fn metadata(&self) -> &'a Metadata {
        self.metadata
    }

    /// Each token in the order of the ids, with what it is for.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Kind)> {
        let tokens = self.tokens.iter().map(String::as_str);
        tokens.zip(self.kinds.iter().map(|kind| Kind::of(*kind)))
    }

    /// The ids by token, without those that are not used.
    pub fn ids(&self) -> Result<Vocab> {
        let mut ids = Vocab::with_capacity(self.tokens.len());
        for (id, (token, kind)) in (0u32..).zip(self.iter()) {
            if kind == Kind::Unused || token.is_empty() {
                continue;
            }
            if let Some(other) = ids.insert(token.to_owned(), id) {
                let found = format!("`{token}` has the ids {other} and {id}");
                return Err(unusable(self.metadata, found));
            }
        }
        Ok(ids)
    }

    /// The tokens that are found in a text before it is split.
    pub fn added(&self) -> impl Iterator<Item = AddedToken> {
        self.iter().filter_map(|(token, kind)| {
            let special = match kind {
                Kind::Control | Kind::Unknown => true,
                Kind::UserDefined => false,
                Kind::Normal | Kind::Unused | Kind::Byte => return None,
            };
            Some(AddedToken::from(token, special).normalized(false))
        })
    }

    /// The token whose id is in `field`, which must be there.
    pub fn token(&self, field: &'static str) -> Result<(u32, &'a str)> {
        let id = self.metadata.id(field)?;
        let token = |id: u32| Some((id, self.tokens.get(id as usize)?.as_str()));
        id.and_then(token).ok_or_else(|| {
            let wanted = format!("an id below {}", self.tokens.len());
            self.metadata.wrong(field, wanted)
        })
    }
}
