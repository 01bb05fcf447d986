//! Gradients of a model's parameters.

use crate::error::{Error, Result};
use crate::tensor::erased::Erased;
use burn::module::ParamId;
use burn::tensor::Tensor;

/// A parameter whose gradient is wanted, while its pass runs.
pub(crate) struct Leaf {
    pub(crate) path: String,
    pub(crate) id: ParamId,
    /// The tracked tensor that the model computes with.
    pub(crate) tensor: Erased,
}

/// The gradients of a model's parameters, by the names that Burn's records give them
/// (`transformer.h.3.mlp.c_fc.weight`).
#[derive(Clone, Debug, Default)]
pub struct ParameterGrads {
    entries: Vec<(String, ParamId, Erased)>,
}

impl ParameterGrads {
    pub(crate) fn new(entries: Vec<(String, ParamId, Erased)>) -> Self {
        ParameterGrads { entries }
    }

    /// How many parameters have a gradient.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none has.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The names, in the order of the model's fields.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, ..)| name.as_str())
    }

    /// Name, Burn's id and gradient of each parameter, in the order of the model's fields.
    pub fn iter(&self) -> impl Iterator<Item = (&str, ParamId, &Erased)> {
        self.entries
            .iter()
            .map(|(name, id, gradient)| (name.as_str(), *id, gradient))
    }

    /// The gradient of a parameter of `D` axes.
    ///
    /// # Errors
    /// [`Error::NoParameter`] if no parameter of that name has a gradient, [`Error::RankOrKind`] if it has
    /// not `D` axes.
    pub fn get<const D: usize>(&self, name: &str) -> Result<Tensor<D>> {
        let entry = self.entries.iter().find(|(known, ..)| known == name);
        match entry {
            Some((.., gradient)) => gradient.clone().into_tensor(),
            None => Err(Error::NoParameter {
                name: name.to_owned(),
                at: crate::error::WrittenAt(None),
            }),
        }
    }
}
