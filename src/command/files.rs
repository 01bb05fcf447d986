//! Tensors in safetensors files.

use super::parameters::dtype_name;
use super::{Error, Result};
use crate::NamedTensors;
use burn::tensor::{BoolStore, DType, TensorData};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

const SAFETENSORS: &str = "a safetensors file";

/// The tensors of a file, by name.
pub(super) fn read(file: &Path) -> Result<BTreeMap<String, TensorData>> {
    let bytes = std::fs::read(file).map_err(|source| Error::File {
        what: "read",
        file: file.to_owned(),
        source,
    })?;
    let broken = |reason: String| Error::Safetensors {
        file: file.to_owned(),
        reason,
    };
    let tensors = SafeTensors::deserialize(&bytes)
        .map_err(|error| broken(format!("it is not in safetensors' format: {error}")))?;
    let mut found = BTreeMap::new();
    for (name, view) in tensors.tensors() {
        let Some(dtype) = burn_type(view.dtype()) else {
            return Err(Error::ElementType {
                name,
                dtype: format!("{:?}", view.dtype()),
                place: "Burn",
            });
        };
        let is_bool = matches!(dtype, DType::Bool(_));
        if is_bool && view.data().iter().any(|&byte| byte > 1) {
            return Err(broken(format!(
                "`{name}` holds truth values that are neither 0 nor 1"
            )));
        }
        let data = TensorData::from_bytes_vec(view.data().to_vec(), view.shape().to_vec(), dtype);
        found.insert(name, data);
    }
    Ok(found)
}

/// A file that tensors will be written to, which is open before they are computed. It is written in place: links are
/// followed, devices written through, and a file keeps its mode.
pub(super) struct Target {
    path: PathBuf,
    file: File,
    /// It was not there before, and goes away unless it is written.
    is_new: bool,
}

impl Target {
    /// Opens a file without changing it.
    ///
    /// # Errors
    /// [`Error::File`] for one that cannot be written.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let unwritable = |source| Error::File {
            what: "write",
            file: path.to_owned(),
            source,
        };
        let is_new = std::fs::symlink_metadata(path).is_err();
        // The system lets some users write what is marked as not to be written.
        let is_readonly =
            |metadata: std::fs::Metadata| metadata.is_file() && metadata.permissions().readonly();
        if std::fs::metadata(path).is_ok_and(is_readonly) {
            return Err(unwritable(std::io::Error::from(ErrorKind::PermissionDenied)));
        }
        let mut options = File::options();
        let file = options.write(true).create(true).truncate(false).open(path);
        Ok(Self {
            path: path.to_owned(),
            file: file.map_err(unwritable)?,
            is_new,
        })
    }

    /// Writes tensors under their names, each in its own element type.
    ///
    /// # Errors
    /// [`Error::ElementType`] for a type that the format has no word for, [`Error::File`] where it cannot be written.
    pub(super) fn write(mut self, tensors: &NamedTensors, metadata: HashMap<String, String>) -> Result<()> {
        let bytes = serialized(&self.path, tensors, metadata)?;
        let written = match self.file.metadata() {
            Ok(metadata) if metadata.is_file() => self.file.set_len(0),
            _ => Ok(()),
        };
        let written = written.and_then(|()| self.file.write_all(&bytes));
        written
            .and_then(|()| self.file.flush())
            .map_err(|source| Error::File {
                what: "write",
                file: self.path.clone(),
                source,
            })?;
        self.is_new = false;
        Ok(())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if self.is_new {
            // Nothing was written, so nothing is lost where it stays.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Tensors in safetensors' format.
fn serialized(file: &Path, tensors: &NamedTensors, metadata: HashMap<String, String>) -> Result<Vec<u8>> {
    let mut data = Vec::with_capacity(tensors.iter().len());
    for (name, tensor) in tensors.iter() {
        let tensor = tensor.to_data()?;
        // Devices keep truth values as they like; the file has one byte each.
        let tensor = match tensor.dtype() {
            DType::Bool(BoolStore::U8 | BoolStore::U32) => tensor.convert::<bool>(),
            _ => tensor,
        };
        data.push((name, tensor));
    }
    let unwritable = |reason: String| Error::Safetensors {
        file: file.to_owned(),
        reason: format!("it cannot be written: {reason}"),
    };
    let mut views = Vec::with_capacity(data.len());
    for (name, tensor) in &data {
        let Some(dtype) = safetensors_type(tensor.dtype()) else {
            return Err(Error::ElementType {
                name: (*name).to_owned(),
                dtype: dtype_name(tensor.dtype()),
                place: SAFETENSORS,
            });
        };
        let view = TensorView::new(dtype, tensor.shape().to_vec(), tensor.bytes());
        views.push((*name, view.map_err(|error| unwritable(error.to_string()))?));
    }
    safetensors::serialize(views, Some(metadata)).map_err(|error| unwritable(error.to_string()))
}

fn burn_type(dtype: Dtype) -> Option<DType> {
    Some(match dtype {
        Dtype::F64 => DType::F64,
        Dtype::F32 => DType::F32,
        Dtype::F16 => DType::F16,
        Dtype::BF16 => DType::BF16,
        Dtype::I64 => DType::I64,
        Dtype::I32 => DType::I32,
        Dtype::I16 => DType::I16,
        Dtype::I8 => DType::I8,
        Dtype::U64 => DType::U64,
        Dtype::U32 => DType::U32,
        Dtype::U16 => DType::U16,
        Dtype::U8 => DType::U8,
        Dtype::BOOL => DType::Bool(BoolStore::Native),
        _ => return None,
    })
}

fn safetensors_type(dtype: DType) -> Option<Dtype> {
    Some(match dtype {
        DType::F64 => Dtype::F64,
        // On the host it is an f32.
        DType::F32 | DType::Flex32 => Dtype::F32,
        DType::F16 => Dtype::F16,
        DType::BF16 => Dtype::BF16,
        DType::I64 => Dtype::I64,
        DType::I32 => Dtype::I32,
        DType::I16 => Dtype::I16,
        DType::I8 => Dtype::I8,
        DType::U64 => Dtype::U64,
        DType::U32 => Dtype::U32,
        DType::U16 => Dtype::U16,
        DType::U8 => Dtype::U8,
        DType::Bool(BoolStore::Native) => Dtype::BOOL,
        _ => return None,
    })
}
