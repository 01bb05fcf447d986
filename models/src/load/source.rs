//! Where a model's files are: a directory or a GGUF file of this machine, or a repository of the hub.

use super::{ConfigFile, gguf};
use crate::error::{Error, Result};
use crate::tokenizer::Tokenizer;
use hf_hub::api::sync::{ApiBuilder, ApiError};
use hf_hub::{Cache, Repo, RepoType};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const WEIGHTS: &str = "model.safetensors";
const WEIGHTS_INDEX: &str = "model.safetensors.index.json";

/// A place that holds the files of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A directory in Hugging Face's layout.
    Directory(PathBuf),
    /// A GGUF file.
    Gguf(PathBuf),
    /// A repository of the hub, whose files are fetched when first wanted and then kept.
    Hub {
        /// `owner/model`
        name: String,
        /// A branch, tag or commit; `main` unless the name said `owner/model@revision`.
        revision: String,
    },
}

impl Source {
    /// `name` as a directory if there is one, as a file if it ends in `.gguf`, else as `owner/model` or
    /// `owner/model@revision` of the hub.
    ///
    /// Nothing is fetched yet, so a name that the hub does not have shows at the first
    /// [`file`](Self::file). The environment variables HF_HOME and HF_ENDPOINT are honoured.
    ///
    /// # Errors
    ///
    /// [`Error::NotADirectory`] for what is neither a directory nor can be a name of the hub;
    /// [`Error::MissingFile`] for a GGUF file that is not there.
    pub fn resolve(name: &str) -> Result<Self> {
        let directory = Path::new(name);
        if directory.is_dir() {
            return Ok(Self::Directory(directory.to_owned()));
        }
        if is_gguf(directory) {
            return Self::gguf(directory);
        }
        let (repository, revision) = name.split_once('@').unwrap_or((name, "main"));
        if !is_hub_name(repository) || revision.is_empty() {
            return Err(Error::NotADirectory {
                name: name.to_owned(),
                current: std::env::current_dir().map_or_else(
                    |_| "the current directory".to_owned(),
                    |dir| dir.display().to_string(),
                ),
            });
        }
        Ok(Self::Hub {
            name: repository.to_owned(),
            revision: revision.to_owned(),
        })
    }

    /// A GGUF file.
    ///
    /// # Errors
    ///
    /// [`Error::MissingFile`] if it is not there.
    pub fn gguf(file: impl AsRef<Path>) -> Result<Self> {
        let file = file.as_ref().to_owned();
        match file.is_file() {
            true => Ok(Self::Gguf(file)),
            false => Err(Error::MissingFile {
                file,
                wanted: "a model, or give the path of a GGUF file",
            }),
        }
    }

    /// What the model says of itself: its `config.json`, or the metadata of a GGUF file under the same names.
    ///
    /// # Errors
    ///
    /// As [`file`](Self::file) and [`ConfigFile::read`]; for a GGUF file [`Error::BrokenGguf`],
    /// [`Error::GgufFeature`], and [`Error::ConfigField`] if it is of an architecture that is not known.
    pub fn config(&self) -> Result<ConfigFile> {
        match self {
            Self::Gguf(file) => gguf::config(file),
            _ => ConfigFile::read(self.file("config.json")?),
        }
    }

    /// The model's tokenizer, if it has one: its `tokenizer.json`, or else the one inside of a GGUF file.
    ///
    /// # Errors
    ///
    /// As [`optional_file`](Self::optional_file), and [`Error::BrokenTokenizer`]; for the one inside of a GGUF file
    /// [`Error::UnknownTokenizer`], [`Error::BrokenGguf`], and [`Error::ConfigField`] if a part of it is missing.
    pub fn tokenizer(&self) -> Result<Option<Tokenizer>> {
        match (self.optional_file("tokenizer.json")?, self) {
            (Some(file), _) => Tokenizer::from_file(file).map(Some),
            (None, Self::Gguf(file)) => gguf::tokenizer(file),
            (None, _) => Ok(None),
        }
    }

    /// What the model is called: the directory's path, or its name on the hub.
    pub fn name(&self) -> String {
        match self {
            Self::Directory(path) | Self::Gguf(path) => path.display().to_string(),
            Self::Hub { name, .. } => name.clone(),
        }
    }

    /// The path of a file that must be there, fetched if need be; of a GGUF file, one beside it.
    ///
    /// # Errors
    ///
    /// [`Error::MissingFile`] and [`Error::NotAFile`] for a directory, [`Error::NotFound`] for the hub.
    pub fn file(&self, file: &str) -> Result<PathBuf> {
        let directory = match self {
            Self::Directory(directory) => directory.as_path(),
            Self::Gguf(path) => path.parent().unwrap_or(Path::new("")),
            Self::Hub { name, revision } => {
                return fetch(name, revision, file).map_err(|error| Error::NotFound {
                    name: name.clone(),
                    file: file.to_owned(),
                    hub: error.to_string(),
                });
            }
        };
        let path = directory.join(file);
        match (path.is_file(), path.exists()) {
            (true, _) => Ok(path),
            (false, true) => Err(Error::NotAFile { file: path }),
            (false, false) => Err(Error::MissingFile {
                file: path,
                wanted: "config.json, model.safetensors and, for text, tokenizer.json",
            }),
        }
    }

    /// The path of a file that may be absent.
    ///
    /// # Errors
    ///
    /// [`Error::NotAFile`] for what is something else; [`Error::NotFound`] if the hub fails to answer; a file that it says
    /// is not there is `None`.
    pub fn optional_file(&self, file: &str) -> Result<Option<PathBuf>> {
        match (self, self.file(file)) {
            (_, Ok(path)) => Ok(Some(path)),
            (Self::Directory(_) | Self::Gguf(_), Err(Error::MissingFile { .. })) => Ok(None),
            (_, Err(Error::NotFound { hub, .. })) if says_not_there(&hub) => Ok(None),
            (_, Err(error)) => Err(error),
        }
    }

    /// The files that hold the weights: `model.safetensors`, or the parts that
    /// `model.safetensors.index.json` lists; the GGUF file itself.
    ///
    /// # Errors
    ///
    /// As [`file`](Self::file); [`Error::Io`] and [`Error::Json`] for a broken index.
    pub fn weights(&self) -> Result<Vec<PathBuf>> {
        if let Self::Gguf(file) = self {
            return Ok(vec![file.clone()]);
        }
        // What is in the cache is taken without asking the hub, so that it works without a network.
        let index = match self.cached(WEIGHTS_INDEX) {
            Some(index) if self.cached(WEIGHTS).is_none() => index,
            _ => match self.optional_file(WEIGHTS)? {
                Some(file) => return Ok(vec![file]),
                None => match self.optional_file(WEIGHTS_INDEX)? {
                    Some(index) => index,
                    None => return self.file(WEIGHTS).map(|file| vec![file]),
                },
            },
        };
        parts(&index)?.iter().map(|part| self.file(part)).collect()
    }

    /// A file that was fetched before.
    fn cached(&self, file: &str) -> Option<PathBuf> {
        match self {
            Self::Directory(_) | Self::Gguf(_) => None,
            Self::Hub { name, revision } => Cache::from_env().repo(repo(name, revision)).get(file),
        }
    }
}

fn repo(name: &str, revision: &str) -> Repo {
    Repo::with_revision(name.to_owned(), RepoType::Model, revision.to_owned())
}

/// A file of the cache, or else of the hub.
fn fetch(name: &str, revision: &str, file: &str) -> Result<PathBuf, ApiError> {
    let api = ApiBuilder::from_env().build()?;
    api.repo(repo(name, revision)).get(file)
}

/// Whether a path is that of a GGUF file, by its end.
pub(super) fn is_gguf(path: &Path) -> bool {
    path.extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("gguf"))
}

/// `owner/model` or `model`, of the characters that the hub allows.
fn is_hub_name(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['.', '-'])
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    name.split('/').count() <= 2 && name.split('/').all(part)
}

/// Whether the hub answered that it has no such file, as opposed to not answering.
fn says_not_there(hub: &str) -> bool {
    hub.contains("status: 404")
}

/// The names of the files that an index of sharded weights refers to.
fn parts(index: &Path) -> Result<BTreeSet<String>> {
    #[derive(serde::Deserialize)]
    struct Index {
        weight_map: std::collections::BTreeMap<String, String>,
    }
    let text = std::fs::read_to_string(index).map_err(|source| Error::Io {
        file: index.to_owned(),
        source,
    })?;
    let index: Index = serde_json::from_str(&text).map_err(|source| Error::Json {
        file: index.to_owned(),
        wanted: "an index of weights (`weight_map`)",
        source,
    })?;
    Ok(index.weight_map.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_directories_from_hub_names() {
        let here = Source::resolve(".").unwrap();
        assert_eq!(here, Source::Directory(PathBuf::from(".")));
        let hub = |name: &str, revision: &str| Source::Hub {
            name: name.to_owned(),
            revision: revision.to_owned(),
        };
        assert_eq!(
            Source::resolve("openai-community/gpt2").unwrap(),
            hub("openai-community/gpt2", "main")
        );
        assert_eq!(Source::resolve("gpt2@v1").unwrap(), hub("gpt2", "v1"));
        assert!(matches!(
            Source::resolve("no/such.gguf"),
            Err(Error::MissingFile { .. })
        ));
        for path in ["./no/such/dir", "/no/such/dir", "a/b/c", "", "a b", "gpt2@"] {
            let error = Source::resolve(path).unwrap_err();
            assert!(matches!(error, Error::NotADirectory { .. }), "{path}: {error}");
        }
    }
}
