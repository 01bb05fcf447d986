//! A `config.json`, read when a model is loaded.

use super::source::is_gguf;
use crate::config_json::{ConfigJson, Wrong};
use crate::error::{Disagreement, Error, Result};
use serde_json::{Map, Value};
use std::fmt::Display;
use std::path::{Path, PathBuf};

/// The fields of a `config.json` on disk, those of nested objects by their path: `rope_parameters.rope_theta`.
///
/// Its getters answer `None` for a field that is absent or `null`, as Hugging Face writes both.
#[derive(Clone, Debug)]
pub struct ConfigFile {
    file: PathBuf,
    text: String,
    fields: Map<String, Value>,
}

impl ConfigFile {
    /// Reads a `config.json`.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] and [`Error::Json`].
    pub fn read(file: impl Into<PathBuf>) -> Result<Self> {
        let file = file.into();
        let text = std::fs::read_to_string(&file).map_err(|source| Error::Io {
            file: file.clone(),
            source,
        })?;
        let fields = serde_json::from_str(&text).map_err(|source| Error::Json {
            file: file.clone(),
            wanted: "a config.json",
            source,
        })?;
        Ok(Self { file, text, fields })
    }

    /// The fields that another format says as much as.
    #[cfg(feature = "gguf")]
    pub(super) fn from_fields(file: PathBuf, fields: Map<String, Value>) -> Self {
        Self {
            file,
            text: Value::from(fields.clone()).to_string(),
            fields,
        }
    }

    /// Where it was read from.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Whether it is the metadata of a GGUF file, under the names of a `config.json`.
    pub fn is_gguf(&self) -> bool {
        is_gguf(&self.file)
    }

    /// Its text, which is a JSON object.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The whole number in `field`.
    ///
    /// # Errors
    ///
    /// [`Error::ConfigField`] if it holds something else.
    pub fn usize(&self, field: &'static str) -> Result<Option<usize>> {
        let number = |value: &Value| value.as_u64().and_then(|n| usize::try_from(n).ok());
        self.get(field, "a whole number", number)
    }

    /// The number in `field`.
    ///
    /// # Errors
    ///
    /// [`Error::ConfigField`] if it holds something else.
    pub fn f64(&self, field: &'static str) -> Result<Option<f64>> {
        self.get(field, "a number", Value::as_f64)
    }

    /// The truth value in `field`.
    ///
    /// # Errors
    ///
    /// [`Error::ConfigField`] if it holds something else.
    pub fn bool(&self, field: &'static str) -> Result<Option<bool>> {
        self.get(field, "true or false", Value::as_bool)
    }

    /// The text in `field`.
    ///
    /// # Errors
    ///
    /// [`Error::ConfigField`] if it holds something else.
    pub fn str(&self, field: &'static str) -> Result<Option<String>> {
        self.get(field, "a text", |value| value.as_str().map(str::to_owned))
    }

    /// An error about `field`, with what would be right.
    pub fn wrong(&self, field: &'static str, wanted: impl Into<String>) -> Error {
        let found = match self.find(field) {
            Some(value) => format!("`{value}`"),
            None => "missing".to_owned(),
        };
        Error::ConfigField {
            file: self.file.clone(),
            field,
            wanted: wanted.into(),
            found,
        }
    }

    /// What a reader finds that serves the compiler too.
    ///
    /// # Errors
    ///
    /// [`Error::ConfigField`] with what it finds wrong.
    pub(crate) fn values<T>(
        &self,
        read: impl for<'a> FnOnce(ConfigJson<'a>) -> Result<T, Wrong<'a>>,
    ) -> Result<T> {
        read(ConfigJson::new(&self.text)).map_err(|wrong| {
            let (field, wanted, found) = match wrong {
                Wrong::Field { field, wanted, found } => (field, wanted, found),
                Wrong::NotJson => ("model_type", "in a JSON object", None),
            };
            Error::ConfigField {
                file: self.file.clone(),
                field,
                wanted: wanted.to_owned(),
                found: found.map_or("missing".to_owned(), |found| format!("`{found}`")),
            }
        })
    }

    /// Refuses a config of another family than `family`; a file that does not say passes.
    ///
    /// # Errors
    ///
    /// [`Error::OtherFamily`].
    pub fn expect_family(&self, family: &'static str) -> Result<()> {
        match self.str("model_type")? {
            Some(found) if found != family => Err(Error::OtherFamily {
                file: self.file.clone(),
                wanted: family,
                found,
            }),
            _ => Ok(()),
        }
    }

    /// The value at a path; `None` too if what lies on the way is no object.
    fn find(&self, path: &str) -> Option<&Value> {
        let mut steps = path.split('.');
        let first = self.fields.get(steps.next()?);
        steps.fold(first, |object, step| object?.get(step))
    }

    fn get<T>(
        &self,
        field: &'static str,
        wanted: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<Option<T>> {
        match self.find(field) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| self.wrong(field, wanted)),
        }
    }
}

/// Collects the fields in which a file and a model's type differ.
#[derive(Debug, Default)]
pub(crate) struct Comparison(Vec<Disagreement>);

impl Comparison {
    /// Notes `field` unless file and type say the same.
    pub fn same<T: Display + PartialEq>(&mut self, field: &'static str, file: T, model: T) {
        if file != model {
            self.0.push(Disagreement {
                field,
                file: file.to_string(),
                model: model.to_string(),
            });
        }
    }

    /// The same for a number. Some files were written from numbers in f32.
    pub fn near(&mut self, field: &'static str, file: f64, model: f64) {
        let same = (file - model).abs() <= 1e-6 * model.abs();
        self.same(field, if same { model } else { file }, model);
    }

    /// An error that names every field that was noted.
    pub fn finish(self, config: &ConfigFile, name: &'static str, remedy: &'static str) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Error::OtherSize {
            file: config.file.clone(),
            name,
            fields: self.0,
            remedy,
        })
    }
}
