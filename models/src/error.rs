//! What can go wrong, each case with what was wanted, what was found, where, and what would work.

use nnsight_core::DebugAsDisplay;
use std::fmt;
use std::path::PathBuf;

/// A result whose error is this crate's [`enum@Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong between a model's name and its logits.
#[derive(DebugAsDisplay, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The trace itself.
    #[error(transparent)]
    Trace(#[from] nnsight_core::Error),
    /// A module is called on a value of which it cannot know what else there is to see.
    #[error(
        "a module that looks at other positions cannot be called on a value of {of}: what it would see there, only the \
         forward pass knows; {instead}"
    )]
    CalledOnPart {
        /// What the value is of.
        of: &'static str,
        /// What to write.
        instead: &'static str,
    },
    /// Tokens cannot be drawn that way.
    #[error("{what} is {found}, wanted {wanted}")]
    Sampling {
        /// The setting.
        what: &'static str,
        /// What it can be.
        wanted: &'static str,
        /// What it was.
        found: String,
    },
    /// A float type that the model's device does not compute in.
    #[error("{device} does not compute in {dtype:?}: use `FloatDType::F32`, or another device")]
    DType {
        /// The type.
        dtype: burn::tensor::FloatDType,
        /// The device.
        device: String,
    },
    /// Neither a directory nor a file of the hub.
    #[error(
        "cannot get `{file}` of `{name}`: there is no directory of that name here, and the hub did not \
         answer with one either ({hub}; it says 401 for a model that it does not have, or that is \
         private). Give the path of a directory that holds `{file}`, or the \
         name of a model on the hub, such as `openai-community/gpt2`; behind a mirror set \
         HF_ENDPOINT, without a network put the model into the cache under HF_HOME"
    )]
    NotFound {
        /// What the user gave.
        name: String,
        /// The file that was asked for.
        file: String,
        /// What the hub, or the client for it, said.
        hub: String,
    },

    /// A name that is no directory and that the hub cannot have either.
    #[error(
        "`{name}` is not a directory, and cannot be the name of a model on the hub (`owner/model`, \
         of letters, digits, `-`, `_` and `.`): check the path, which is relative to {current}"
    )]
    NotADirectory {
        /// What the user gave.
        name: String,
        /// The directory that relative paths start from.
        current: String,
    },

    /// A directory without a file that is needed.
    #[error("`{}` is missing: a model's directory holds {wanted}", .file.display())]
    MissingFile {
        /// The file that was looked for.
        file: PathBuf,
        /// What the directory should hold.
        wanted: &'static str,
    },

    /// A directory, or something else that is no file, in the place of one.
    #[error("`{}` is no file: a model's directory holds one of this name", .file.display())]
    NotAFile {
        /// What is in its place.
        file: PathBuf,
    },

    /// A file that cannot be read.
    #[error("cannot read `{}`: {source}", .file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },

    /// A file that is not the JSON it should be.
    #[error("`{}` is not {wanted}: {source}", .file.display())]
    Json {
        /// The file.
        file: PathBuf,
        /// What it should hold.
        wanted: &'static str,
        /// Where the reader stopped.
        source: serde_json::Error,
    },

    /// A `config.json` of another family of models.
    #[error(
        "`{}` describes a model of type `{found}`, and the Rust type is a `{wanted}`: use the type of \
         that family, or another model", .file.display()
    )]
    OtherFamily {
        /// The file.
        file: PathBuf,
        /// The family of the Rust type.
        wanted: &'static str,
        /// `model_type` in the file.
        found: String,
    },

    /// A `config.json` that disagrees with the sizes in the model's type.
    #[error(
        "`{}` describes another model than the type `{name}`: {}. Use the type of that size, or make \
         one from the file itself with `{remedy}`", .file.display(), list(.fields)
    )]
    OtherSize {
        /// The file.
        file: PathBuf,
        /// The name of the type's config.
        name: &'static str,
        /// Every field that differs.
        fields: Vec<Disagreement>,
        /// The macro that makes a type from a file.
        remedy: &'static str,
    },

    /// A field that is missing or ill-typed, or that asks for what the model does not compute.
    #[error("`{}`: `{field}` is {found}, wanted {wanted}", .file.display())]
    ConfigField {
        /// The file.
        file: PathBuf,
        /// The field.
        field: &'static str,
        /// What the model can take.
        wanted: String,
        /// What the file says; `missing` where it says nothing.
        found: String,
    },

    /// A file of weights that is not in safetensors' format, or was cut short.
    #[error(
        "`{}` cannot be read as safetensors: {reason}. If it was downloaded, remove it and fetch it again; a \
         pointer of Git LFS (about 130 bytes) is not the file itself", .file.display()
    )]
    BrokenWeights {
        /// The file.
        file: PathBuf,
        /// What the reader said.
        reason: String,
    },

    /// A file that is not in GGUF's format, or was cut short.
    #[error(
        "`{}` cannot be read as GGUF: {reason}. If it was downloaded, remove it and fetch it again", .file.display()
    )]
    BrokenGguf {
        /// The file.
        file: PathBuf,
        /// What the reader said.
        reason: String,
    },

    /// A GGUF file, for a program that cannot read one.
    #[error(
        "`{}` is a GGUF file, and this program was built without the feature `gguf`: build it with that, or give \
         a directory in Hugging Face's layout", .file.display()
    )]
    GgufFeature {
        /// The file.
        file: PathBuf,
    },

    /// Files of weights that lack tensors of the model.
    #[error(
        "`{}` lacks {} of the model's tensors: {}. {}", .file.display(), .names.len(), few(.names),
        "It may be a part of a model, or a model of another family"
    )]
    MissingTensors {
        /// The file, or the directory of several.
        file: PathBuf,
        /// The tensors, by Hugging Face's names.
        names: Vec<String>,
    },

    /// Files of weights with tensors that the model has no place for.
    #[error(
        "`{}` holds {} tensors that the model has no place for: {}. {}", .file.display(), .names.len(),
        few(.names), "It may be a model with another head, or of another family"
    )]
    UnexpectedTensors {
        /// The file, or the directory of several.
        file: PathBuf,
        /// The tensors, by the names in the file.
        names: Vec<String>,
    },

    /// A tensor whose shape is not the model's.
    #[error(
        "`{}`: the tensor `{name}` has the shape {found:?}, wanted {wanted:?}; the file belongs to a model \
         of another size than the config.json beside it", .file.display()
    )]
    TensorShape {
        /// The file, or the directory of several.
        file: PathBuf,
        /// The tensor, by Hugging Face's name.
        name: String,
        /// The shape in the model.
        wanted: Vec<usize>,
        /// The shape in the file.
        found: Vec<usize>,
    },

    /// A tensor that cannot be read or converted.
    #[error("`{}`: the tensor `{name}` cannot be loaded: {reason}; f32, f16 and bf16 can", .file.display())]
    Tensor {
        /// The file, or the directory of several.
        file: PathBuf,
        /// The tensor, by Hugging Face's name.
        name: String,
        /// What the reader said.
        reason: String,
    },

    /// A file that is no tokenizer.
    #[error("`{}` is not a tokenizer: {reason}. Wanted: a `tokenizer.json` of Hugging Face's tokenizers", .file.display())]
    BrokenTokenizer {
        /// The file.
        file: PathBuf,
        /// What the reader said.
        reason: String,
    },

    /// A GGUF file whose tokenizer is of a kind that is not known here.
    #[error(
        "`{}`: its tokenizer cannot be built, `{field}` is {found}, and what is known is {known}. Put the \
         model's tokenizer.json beside the file", .file.display()
    )]
    UnknownTokenizer {
        /// The file.
        file: PathBuf,
        /// The field that says which kind it is.
        field: &'static str,
        /// What the file says; `missing` where it says nothing.
        found: String,
        /// The kinds that are known.
        known: String,
    },

    /// Text for a model that has no tokenizer.
    #[error(
        "`{model}` has no tokenizer, so it cannot take or make text: give token ids, or put a tokenizer.json beside its config.json"
    )]
    NoTokenizer {
        /// The model.
        model: String,
    },

    /// A tokenizer that can make tokens which the model does not have.
    #[error(
        "the tokenizer of `{model}` has {tokenizer} tokens, and the model only {vocab}: they do not belong together"
    )]
    TokenizerTooLarge {
        /// The model.
        model: String,
        /// Tokens of the tokenizer.
        tokenizer: usize,
        /// Tokens of the model.
        vocab: usize,
    },

    /// Text that the tokenizer cannot encode, or ids that it cannot decode.
    #[error("the tokenizer failed: {reason}")]
    Tokenizer {
        /// What it said.
        reason: String,
    },

    /// A prompt without a token.
    #[error("the prompt has no tokens: give at least one; {hint}")]
    EmptyPrompt {
        /// What would work.
        hint: &'static str,
    },

    /// A prompt longer than the model can take.
    #[error("the prompt has {found} tokens, and the model takes at most {positions}: shorten it by {}", .found - .positions)]
    PromptTooLong {
        /// Tokens of the prompt.
        found: usize,
        /// The model's positions.
        positions: usize,
    },

    /// A generation whose last step would see more positions than the model has.
    #[error(
        "the prompt has {prompt} tokens and {new} more are wanted, and the model takes at most {positions}: ask for \
         at most {}, or shorten the prompt", (.positions + 1).saturating_sub(*.prompt)
    )]
    GenerationTooLong {
        /// Tokens of the longest prompt.
        prompt: usize,
        /// Tokens that were asked for.
        new: usize,
        /// The model's positions.
        positions: usize,
    },

    /// A token id that the model does not have.
    #[error("the token id {id} at index {index} is outside of the vocabulary: ids go from 0 to {}", .vocab - 1)]
    TokenOutsideVocabulary {
        /// The id.
        id: i64,
        /// Where it stands, counting all rows.
        index: usize,
        /// Tokens of the model, or of the tokenizer.
        vocab: usize,
    },
}

/// So that `?` works in a function whose errors are those of traces.
impl From<Error> for nnsight_core::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Trace(error) => error,
            other => nnsight_core::Error::Model(nnsight_core::ModelError::new(other)),
        }
    }
}

/// A field of a `config.json` that is not what the model's type says.
#[derive(Clone, Debug, PartialEq)]
pub struct Disagreement {
    /// The field's name in the file.
    pub field: &'static str,
    /// The value in the file.
    pub file: String,
    /// The value of the type.
    pub model: String,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, file, model } = self;
        write!(f, "`{field}` is {file} in the file and {model} in the type")
    }
}

fn list(fields: &[Disagreement]) -> String {
    let fields: Vec<String> = fields.iter().map(ToString::to_string).collect();
    fields.join("; ")
}

/// The first few names, and how many more there are.
fn few(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown}, and {more} more"),
    }
}
