//! What a graph that was run again gives: its saved tensors, by name.

use crate::error::{Error, Result, WrittenAt};
use crate::results::collect::{Collect, Results};
use crate::results::parameter_grads::ParameterGrads;
use crate::tensor::erased::Erased;
use crate::write::saved::{Kept, KeptWhat, SavedGraph};

impl Collect for SavedGraph {
    type Output = NamedTensors;
    fn collect(self, results: &mut Results<'_>) -> Result<NamedTensors> {
        let mut found = NamedTensors::default();
        for Kept { name, at, node, what } in self.saved {
            if what == KeptWhat::ParameterGrads {
                found.add_parameters(node, &name, &results.parameters(at)?);
                continue;
            }
            match results.find_again(at)? {
                Some(tensor) => found.add(name, node, None, tensor),
                None if what == KeptWhat::TensorIfAny => {}
                None => return Err(Error::ForeignValue { at: WrittenAt(None) }),
            }
        }
        Ok(found)
    }
}

/// Tensors by name, in the order in which a graph saves them.
///
/// A value is called by its site (`transformer.h.3.output`), or by the operation that gave it (`argmax`); of equal
/// names the later ones are numbered (`argmax #2`). Where a graph saves the gradients of all parameters, each is there
/// by itself (`grad.lm_head.weight`).
#[derive(Clone, Debug, Default)]
pub struct NamedTensors {
    tensors: Vec<Named>,
}

/// A tensor that a graph saves.
#[derive(Clone, Debug)]
struct Named {
    name: String,
    node: u32,
    parameter: Option<String>,
    tensor: Erased,
}

/// A tensor that a graph saves, and which of its nodes does.
#[derive(Clone, Copy, Debug)]
pub struct NamedTensor<'a> {
    /// What it is called.
    pub name: &'a str,
    /// The number of the node that saves it.
    pub node: u32,
    /// The parameter whose gradient it is, if the node saves those of all.
    pub parameter: Option<&'a str>,
    /// The tensor.
    pub tensor: &'a Erased,
}

impl NamedTensors {
    /// A tensor by name.
    pub fn get(&self, name: &str) -> Option<&Erased> {
        let found = self.tensors.iter().find(|known| known.name == name);
        found.map(|known| &known.tensor)
    }

    /// All names and tensors, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Erased)> {
        self.tensors
            .iter()
            .map(|known| (known.name.as_str(), &known.tensor))
    }

    /// The same, with the nodes that save them.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = NamedTensor<'_>> {
        self.tensors.iter().map(|known| NamedTensor {
            name: &known.name,
            node: known.node,
            parameter: known.parameter.as_deref(),
            tensor: &known.tensor,
        })
    }

    fn add(&mut self, name: String, node: u32, parameter: Option<String>, tensor: Erased) {
        self.tensors.push(Named {
            name,
            node,
            parameter,
            tensor,
        });
    }

    fn add_parameters(&mut self, node: u32, name: &str, gradients: &ParameterGrads) {
        for (parameter, _, gradient) in gradients.iter() {
            let name = format!("{name}.{parameter}");
            self.add(name, node, Some(parameter.to_owned()), gradient.clone());
        }
    }
}
