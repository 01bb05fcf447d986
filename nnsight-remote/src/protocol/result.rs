//! What a trace gave, on its way back: one safetensors file.

use super::TensorError;
use super::tensors;
use burn::tensor::TensorData;
use nnsight_core::NamedTensors;
use nnsight_core::jobs::Answer;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The word of the header that says which node saved which tensor.
const SAVED: &str = "saved";

/// A tensor of a result: who saved it.
#[derive(Serialize, Deserialize)]
struct Saved {
    name: String,
    node: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
}

/// Why a result cannot be written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ResultError {
    /// A tensor of a type that does not travel.
    #[error(transparent)]
    Tensor(#[from] TensorError),
    /// A device that cannot be read.
    #[error(transparent)]
    Core(#[from] nnsight_core::Error),
}

/// What a trace gave, as bytes: tensors by the names that [`NamedTensors`] gives them, and in the header which node
/// saved which.
///
/// # Errors
/// [`ResultError`].
pub fn encode_result(results: &NamedTensors) -> Result<Vec<u8>, ResultError> {
    let mut saved = Vec::with_capacity(results.nodes().len());
    let mut tensors = Vec::with_capacity(results.nodes().len());
    for kept in results.nodes() {
        saved.push(Saved {
            name: kept.name.to_owned(),
            node: kept.node,
            parameter: kept.parameter.map(str::to_owned),
        });
        tensors.push((kept.name.to_owned(), kept.tensor.to_data()?));
    }
    let text = serde_json::to_string(&saved).map_err(|error| TensorError::Format {
        reason: error.to_string(),
    })?;
    Ok(tensors::write(
        tensors,
        HashMap::from([(SAVED.to_owned(), text)]),
    )?)
}

/// The answer that some bytes are.
///
/// # Errors
/// [`TensorError`] for bytes that [`encode_result`] did not make.
pub fn decode_result(bytes: &[u8]) -> Result<Answer, TensorError> {
    let (mut tensors, words) = tensors::read(bytes)?;
    let broken = |reason: String| TensorError::Format { reason };
    let text = words
        .get(SAVED)
        .ok_or_else(|| broken(String::from("its header does not say which node saved what")))?;
    let saved: Vec<Saved> = serde_json::from_str(text).map_err(|error| broken(error.to_string()))?;
    let mut answer = Answer::default();
    for Saved {
        name,
        node,
        parameter,
    } in saved
    {
        let data = tensors
            .remove(&name)
            .ok_or_else(|| broken(format!("the tensor `{name}` is missing")))?;
        match parameter {
            Some(parameter) => answer.parameters.entry(node).or_default().push((parameter, data)),
            None => {
                answer.tensors.insert(node, data);
            }
        }
    }
    Ok(answer)
}

/// The tensors that some bytes hold, by name.
///
/// # Errors
/// [`TensorError`] for bytes that [`encode_result`] did not make.
pub fn decode_named(bytes: &[u8]) -> Result<Vec<(String, TensorData)>, TensorError> {
    Ok(tensors::read(bytes)?.0.into_iter().collect())
}
