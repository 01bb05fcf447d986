//! Tensors as safetensors: the one form in which numbers travel.

use burn::tensor::{BoolStore, DType, TensorData};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use std::collections::{BTreeMap, HashMap};

/// Why tensors cannot be written or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TensorError {
    /// Bytes that are not in the format.
    #[error("it is not in safetensors' format: {reason}")]
    Format {
        /// What is wrong with them.
        reason: String,
    },
    /// An element type that one of the two sides has no word for.
    #[error("tensor `{name}` has elements of type {dtype}, which {place} does not know")]
    ElementType {
        /// The tensor.
        name: String,
        /// Its element type.
        dtype: String,
        /// Who does not know it.
        place: &'static str,
    },
    /// Truth values that are none.
    #[error("tensor `{name}` holds truth values that are neither 0 nor 1")]
    Truth {
        /// The tensor.
        name: String,
    },
}

/// Tensors by name, and the file's own words.
pub(super) type Read = (BTreeMap<String, TensorData>, HashMap<String, String>);

/// Writes tensors under their names, each in its own element type, with words of the file's own.
pub(super) fn write(
    tensors: Vec<(String, TensorData)>,
    words: HashMap<String, String>,
) -> Result<Vec<u8>, TensorError> {
    let mut data = Vec::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        // Devices keep truth values as they like; a file has one byte each.
        let tensor = match tensor.dtype() {
            DType::Bool(BoolStore::U8 | BoolStore::U32) => tensor.convert::<bool>(),
            _ => tensor,
        };
        data.push((name, tensor));
    }
    let format = |error: safetensors::SafeTensorError| TensorError::Format {
        reason: error.to_string(),
    };
    let mut views = Vec::with_capacity(data.len());
    for (name, tensor) in &data {
        let Some(dtype) = safetensors_type(tensor.dtype()) else {
            return Err(TensorError::ElementType {
                name: name.clone(),
                dtype: format!("{:?}", tensor.dtype()),
                place: "a safetensors file",
            });
        };
        let view = TensorView::new(dtype, tensor.shape().to_vec(), tensor.bytes());
        views.push((name.as_str(), view.map_err(format)?));
    }
    safetensors::serialize(views, Some(words)).map_err(format)
}

/// Reads what [`write`] wrote, or anyone else.
pub(super) fn read(bytes: &[u8]) -> Result<Read, TensorError> {
    let format = |error: safetensors::SafeTensorError| TensorError::Format {
        reason: error.to_string(),
    };
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(format)?;
    let words = header.metadata().clone().unwrap_or_default();
    let tensors = SafeTensors::deserialize(bytes).map_err(format)?;
    let mut found = BTreeMap::new();
    for (name, view) in tensors.iter() {
        let Some(dtype) = burn_type(view.dtype()) else {
            return Err(TensorError::ElementType {
                name: name.to_owned(),
                dtype: format!("{:?}", view.dtype()),
                place: "Burn",
            });
        };
        let is_bool = matches!(dtype, DType::Bool(_));
        if is_bool && view.data().iter().any(|&byte| byte > 1) {
            return Err(TensorError::Truth {
                name: name.to_owned(),
            });
        }
        let data = TensorData::from_bytes_vec(view.data().to_vec(), view.shape().to_vec(), dtype);
        found.insert(name.to_owned(), data);
    }
    Ok((found, words))
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
