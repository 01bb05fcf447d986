//! What a graph that was run again gives: its saved tensors, by name.

use crate::error::{Error, Result, WrittenAt};
use crate::results::collect::{Collect, Results};
use crate::tensor::erased::Erased;
use crate::write::saved::{Kept, SavedGraph};

impl Collect for SavedGraph {
    type Output = NamedTensors;
    fn collect(self, results: &mut Results<'_>) -> Result<NamedTensors> {
        let mut tensors = Vec::with_capacity(self.saved.len());
        for Kept {
            name,
            at,
            is_optional,
        } in self.saved
        {
            match results.find_again(at)? {
                Some(tensor) => tensors.push((name, tensor)),
                None if is_optional => {}
                None => return Err(Error::ForeignValue { at: WrittenAt(None) }),
            }
        }
        Ok(NamedTensors { tensors })
    }
}

/// Tensors by name, in the order in which a graph saves them.
///
/// A value is called by its site (`transformer.h.3.output`), or by the operation that gave it (`argmax`); of equal
/// names the later ones are numbered (`argmax #2`).
#[derive(Clone, Debug, Default)]
pub struct NamedTensors {
    tensors: Vec<(String, Erased)>,
}

impl NamedTensors {
    /// A tensor by name.
    pub fn get(&self, name: &str) -> Option<&Erased> {
        let found = self.tensors.iter().find(|(known, _)| known == name);
        found.map(|(_, tensor)| tensor)
    }

    /// All names and tensors, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Erased)> {
        self.tensors.iter().map(|(name, tensor)| (name.as_str(), tensor))
    }
}
