//! Models from a directory in Hugging Face's layout, from the hub, or from a GGUF file.
//!
//! [`Source`] finds the files, [`ConfigFile`] reads what the model says of itself so that its type
//! can be held against it, and [`WeightFiles`] fills the parameters.
//!
//! GGUF files of the Llama family (llama.cpp's architectures `llama` and `qwen2`) are read with the feature
//! `gguf`, which is on by default. Their weights are dequantised to f32 as they are loaded. A `tokenizer.json`
//! beside the file is preferred to the tokenizer inside, which can be byte-level BPE or SentencePiece's.

mod config_file;
#[cfg(feature = "gguf")]
mod gguf;
#[cfg(not(feature = "gguf"))]
#[path = "gguf_absent.rs"]
mod gguf;
mod source;
mod weights;

pub(crate) use config_file::Comparison;
pub use config_file::ConfigFile;
pub use source::Source;
pub use weights::{Layout, WeightFiles};
