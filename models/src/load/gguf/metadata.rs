//! A GGUF file's metadata, read by type.

use super::{broken, open};
use crate::error::{Error, Result};
use anamnesis::{GgufMetadataArray, GgufMetadataValue};
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What a GGUF file says of its model.
///
/// As with a `config.json`, a getter answers `None` for what is absent; what is of another type is an
/// [`Error::ConfigField`].
pub struct Metadata {
    file: PathBuf,
    values: HashMap<String, GgufMetadataValue>,
}

impl Metadata {
    pub fn read(file: &Path) -> Result<Self> {
        let header = anamnesis::parse_gguf_front_matter_from_reader(open(file)?);
        Ok(Self {
            file: file.to_owned(),
            values: header.map_err(|error| broken(file, error))?.metadata,
        })
    }

    pub fn file(&self) -> &Path {
        &self.file
    }

    pub fn text(&self, field: &'static str) -> Result<Option<&str>> {
        self.get(field, "a text", GgufMetadataValue::as_string)
    }

    pub fn flag(&self, field: &'static str) -> Result<Option<bool>> {
        self.get(field, "true or false", |value| match value {
            GgufMetadataValue::Bool(flag) => Some(*flag),
            _ => None,
        })
    }

    /// The id of a token.
    pub fn id(&self, field: &'static str) -> Result<Option<u32>> {
        self.get(field, "a token id", |value| match value {
            GgufMetadataValue::U32(id) => Some(*id),
            GgufMetadataValue::I32(id) => u32::try_from(*id).ok(),
            _ => None,
        })
    }

    /// A list that must be there.
    pub fn texts(&self, field: &'static str) -> Result<&[String]> {
        self.list(field, "a list of texts", GgufMetadataArray::as_string_slice)
    }

    /// A list that must be there.
    pub fn numbers(&self, field: &'static str) -> Result<&[f32]> {
        self.list(field, "a list of f32", GgufMetadataArray::as_f32_slice)
    }

    /// A list that must be there.
    pub fn ints(&self, field: &'static str) -> Result<&[i32]> {
        self.list(field, "a list of i32", GgufMetadataArray::as_i32_slice)
    }

    /// An error about `field`, with what would be right.
    pub fn wrong(&self, field: &'static str, wanted: impl Into<String>) -> Error {
        let found = self.values.get(field);
        Error::ConfigField {
            file: self.file.clone(),
            field,
            wanted: wanted.into(),
            found: found.map_or("missing".to_owned(), |value| format!("`{}`", json(value))),
        }
    }

    fn list<T>(
        &self,
        field: &'static str,
        wanted: &str,
        read: impl FnOnce(&GgufMetadataArray) -> Option<&[T]>,
    ) -> Result<&[T]> {
        let list = self.get(field, wanted, |value| value.as_array().and_then(read))?;
        list.ok_or_else(|| self.wrong(field, wanted))
    }

    fn get<'a, T>(
        &'a self,
        field: &'static str,
        wanted: &str,
        read: impl FnOnce(&'a GgufMetadataValue) -> Option<T>,
    ) -> Result<Option<T>> {
        match self.values.get(field) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| self.wrong(field, wanted)),
        }
    }
}

/// A value as JSON. A list stands for itself only in a message: where one number is wanted for all layers, some
/// models have one for each.
pub fn json(value: &GgufMetadataValue) -> Value {
    match value {
        GgufMetadataValue::U8(number) => (*number).into(),
        GgufMetadataValue::I8(number) => (*number).into(),
        GgufMetadataValue::U16(number) => (*number).into(),
        GgufMetadataValue::I16(number) => (*number).into(),
        GgufMetadataValue::U32(number) => (*number).into(),
        GgufMetadataValue::I32(number) => (*number).into(),
        GgufMetadataValue::U64(number) => (*number).into(),
        GgufMetadataValue::I64(number) => (*number).into(),
        GgufMetadataValue::F32(number) => (*number).into(),
        GgufMetadataValue::F64(number) => (*number).into(),
        GgufMetadataValue::Bool(truth) => (*truth).into(),
        GgufMetadataValue::String(text) => text.as_str().into(),
        _ => "a list".into(),
    }
}
