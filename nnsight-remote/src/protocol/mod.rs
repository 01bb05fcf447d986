//! What a client and a server say to each other, over HTTP.
//!
//! | | | |
//! |---|---|---|
//! | `POST` | `/v1/jobs` | a [`Request`]; the answer is the job's [`JobState`] |
//! | `GET` | `/v1/jobs/{id}` | its [`JobState`] |
//! | `GET` | `/v1/jobs/{id}/events` | its [`Event`]s as they come, as server-sent events |
//! | `GET` | `/v1/jobs/{id}/result` | its [`Answer`](nnsight_core::Answer), once it is `COMPLETED`; in parts, if asked by `Range` |
//! | `DELETE` | `/v1/jobs/{id}` | asks for it to be cancelled |
//! | `GET` | `/v1/jobs` | one's own jobs, newest first |
//! | `GET` | `/v1/models` | the [`ModelState`]s |
//! | `GET` | `/v1/models/{name}` | the tree of one, as [`ModelTree`] |
//! | `GET` | `/v1/status` | the [`ServerState`] |
//!
//! A key goes along as `Authorization: Bearer KEY`. Whatever is refused has a [`Refusal`] as its body.

mod refusal;
mod request;
mod result;
mod state;
mod tensors;

pub use refusal::{Code, Refusal};
pub use request::{DecodeError, Envelope, Request, decode, encode};
pub use result::{ResultError, decode_named, decode_result, encode_result};
pub use state::{Eta, Event, JobState, ModelState, ModelTree, ServerState, Status, Weights, WorkerState};
pub use tensors::TensorError;

/// The version of the protocol. A server and a client of neighbouring versions say which of them is to be upgraded.
pub const VERSION: u32 = 1;

/// The header with the version that a client speaks, and the one that a server answers with.
pub const VERSION_HEADER: &str = "nnsight-protocol";

/// The header by which a request that is sent again is known: it is not run twice.
pub const IDEMPOTENCY_HEADER: &str = "idempotency-key";

/// The header with the SHA-256 of a whole result, in hexadecimal digits.
pub const HASH_HEADER: &str = "nnsight-sha256";

/// The media type of a request, and of a result.
pub const MEDIA_TYPE: &str = "application/vnd.nnsight+safetensors";

/// The SHA-256 of some bytes, in hexadecimal digits.
pub fn hash(bytes: &[u8]) -> String {
    use sha2::Digest;
    hex(&sha2::Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
        }
    }
    text
}
