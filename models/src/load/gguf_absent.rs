//! What stands for [`gguf`](super) where the feature is off: files are known, and refused.

use super::ConfigFile;
use crate::error::{Error, Result};
use crate::tokenizer::Tokenizer;
use burn::store::burn_pack;
use std::path::Path;

pub fn config(file: &Path) -> Result<ConfigFile> {
    Err(Error::GgufFeature {
        file: file.to_owned(),
    })
}

pub fn stored_tensors(file: &Path) -> Result<Vec<burn_pack::Tensor>> {
    Err(Error::GgufFeature {
        file: file.to_owned(),
    })
}

pub fn tokenizer(file: &Path) -> Result<Option<Tokenizer>> {
    Err(Error::GgufFeature {
        file: file.to_owned(),
    })
}
