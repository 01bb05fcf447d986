//! Parameters out of safetensors files, or of a GGUF file.

use super::{gguf, source::is_gguf};
use crate::error::{Error, Result};
use burn::store::burn_pack::Tensor as StoredTensor;
use burn::store::{
    ApplyError, FloatCastAdapter, ModuleAdapter, ModuleContext, ModuleSnapshot, ModuleStore,
    PyTorchToBurnAdapter, SafetensorsStore, SafetensorsStoreError,
};
use burn::tensor::DType;
use std::path::{Path, PathBuf};

/// How the names and layouts of a family's files differ from its Burn modules.
///
/// Names of parameters are those of the Burn modules, so after [`renames`](Self::renames).
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Regular expressions over the names in the file, and what to put in their place.
    pub renames: &'static [(&'static str, &'static str)],
    /// Whether a tensor of the file is no parameter, as a stored causal mask.
    pub ignored: fn(&str) -> bool,
    /// Whether a parameter is stored (out, in), as PyTorch's `Linear` has it, and is to be transposed.
    pub transposed: fn(&str) -> bool,
    /// A parameter (second) that is read from another (first) if the file does not have it.
    pub tied: Option<(&'static str, &'static str)>,
}

/// The files that hold a model's weights together: safetensors, or GGUF by the end of its name.
#[derive(Clone, Debug)]
pub struct WeightFiles(Vec<PathBuf>);

impl WeightFiles {
    /// The files in any order.
    pub fn new(files: Vec<PathBuf>) -> Self {
        Self(files)
    }

    /// Fills every parameter of `module`, in f32 whatever the float type of the file.
    ///
    /// # Errors
    ///
    /// [`Error::BrokenWeights`], [`Error::BrokenGguf`], [`Error::MissingTensors`], [`Error::UnexpectedTensors`],
    /// [`Error::TensorShape`], [`Error::Tensor`]. The module's parameters are then some of the old
    /// and some of the new ones: drop it.
    pub fn load_into<M: ModuleSnapshot>(&self, module: &mut M, layout: &Layout) -> Result<()> {
        let mut tensors = Vec::new();
        for file in &self.0 {
            tensors.extend(match is_gguf(file) {
                true => gguf::stored_tensors(file)?,
                false => stored_tensors(file, layout)?,
            });
        }
        if let Some((from, to)) = layout.tied
            && !tensors.iter().any(|tensor| tensor.name == to)
            && let Some(source) = tensors.iter().find(|tensor| tensor.name == from)
        {
            let mut tied = source.clone();
            tied.name = to.to_owned();
            tensors.push(tied);
        }

        let adapter = TransposeAdapter(layout.transposed).chain(FloatCastAdapter::to(DType::F32));
        let result = module.apply(tensors, None, Some(Box::new(adapter)), false);

        if let Some(error) = result.errors.into_iter().next() {
            return Err(self.tensor_error(error));
        }
        if !result.missing.is_empty() {
            let names = result.missing.iter().map(|(name, _)| file_name(name));
            return Err(Error::MissingTensors {
                file: self.place(),
                names: names.collect(),
            });
        }
        if !result.unused.is_empty() {
            return Err(Error::UnexpectedTensors {
                file: self.place(),
                names: result.unused.iter().map(|name| file_name(name)).collect(),
            });
        }
        Ok(())
    }

    /// The one file, or the directory of several.
    fn place(&self) -> PathBuf {
        match self.0.as_slice() {
            [] => PathBuf::from("no file"),
            [file] => file.clone(),
            [file, ..] => file.parent().unwrap_or(file).to_owned(),
        }
    }

    fn tensor_error(&self, error: ApplyError) -> Error {
        match error {
            ApplyError::ShapeMismatch {
                path,
                expected,
                found,
            } => Error::TensorShape {
                file: self.place(),
                name: file_name(&path),
                wanted: expected.to_vec(),
                found: found.to_vec(),
            },
            ApplyError::DTypeMismatch {
                path,
                expected,
                found,
            } => Error::Tensor {
                file: self.place(),
                name: file_name(&path),
                reason: format!("it holds {found:?}, wanted {expected:?}"),
            },
            ApplyError::AdapterError { path, message } | ApplyError::LoadError { path, message } => {
                Error::Tensor {
                    file: self.place(),
                    name: file_name(&path),
                    reason: message,
                }
            }
        }
    }
}

/// The tensors of a file by the names of the Burn modules; their bytes are read later.
fn stored_tensors(file: &Path, layout: &Layout) -> Result<Vec<StoredTensor>> {
    // Burn's norms call their parameters gamma and beta.
    let renames = layout.renames.iter().copied().chain([
        (r"(^|\.)(ln_\w+|norm|\w+_layernorm)\.weight$", "$1$2.gamma"),
        (r"(^|\.)(ln_\w+|norm|\w+_layernorm)\.bias$", "$1$2.beta"),
    ]);
    let mut store = SafetensorsStore::from_file(file);
    for (from, to) in renames {
        store = store.with_key_remapping(from, to);
    }
    let tensors = store.get_all_tensors().map_err(|error| match error {
        SafetensorsStoreError::Io(source) => Error::Io {
            file: file.to_owned(),
            source,
        },
        other => Error::BrokenWeights {
            file: file.to_owned(),
            reason: other.to_string(),
        },
    })?;
    let kept = tensors.values().filter(|tensor| !(layout.ignored)(&tensor.name));
    Ok(kept.cloned().collect())
}

/// The name that Hugging Face gives a parameter of a Burn module.
fn file_name(path: &str) -> String {
    if let Some(norm) = path.strip_suffix(".gamma") {
        return format!("{norm}.weight");
    }
    if let Some(norm) = path.strip_suffix(".beta") {
        return format!("{norm}.bias");
    }
    path.to_owned()
}

/// Transposes the matrices that a layout stores the other way round.
#[derive(Clone)]
struct TransposeAdapter(fn(&str) -> bool);

impl ModuleAdapter for TransposeAdapter {
    fn adapt(&self, tensor: StoredTensor, context: ModuleContext<'_>) -> StoredTensor {
        if (self.0)(&tensor.name) {
            PyTorchToBurnAdapter.adapt(tensor, context)
        } else {
            tensor
        }
    }

    fn clone_box(&self) -> Box<dyn ModuleAdapter> {
        Box::new(self.clone())
    }
}
