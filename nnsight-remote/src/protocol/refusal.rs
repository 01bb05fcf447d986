//! Why a server does not do what it is asked.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The kind of a refusal, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// What was sent is no request.
    Malformed,
    /// The client speaks another version of the protocol.
    OtherVersion,
    /// No key, or one that is not known, or no longer.
    Unauthorized,
    /// The key may not do that.
    Forbidden,
    /// There is no such model, job or page; or it is another's.
    NotFound,
    /// The graph does not fit the model.
    Unfit,
    /// It asks for more than a limit.
    TooLarge,
    /// It asks too often.
    TooMany,
    /// The job is in another state: a result before there is one, say.
    Conflict,
    /// The result is no longer kept.
    Expired,
    /// The server cannot do it now: the disk is full, or it is being stopped.
    Unavailable,
    /// Something that should not happen.
    Internal,
}

/// Why a server does not do what it is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Refusal {
    /// The kind, for programs.
    pub code: Code,
    /// A sentence for people: what was wanted, what was found, and what would work.
    pub sentence: String,
    /// The limit that was not kept to, by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// After how many seconds it may be tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

impl Refusal {
    /// A refusal with a sentence.
    pub fn new(code: Code, sentence: impl Into<String>) -> Self {
        Refusal {
            code,
            sentence: sentence.into(),
            limit: None,
            retry_after: None,
        }
    }

    /// The same, with the name of the limit.
    #[must_use]
    pub fn of_limit(mut self, limit: impl Into<String>) -> Self {
        self.limit = Some(limit.into());
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Refusal {}
