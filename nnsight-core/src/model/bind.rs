//! What an input says of a model's run-time axes: the sizes that it gives them, and which of them has the rows.

use crate::error::{Error, Result};
use crate::graph::names::axes_name;
use crate::shapes::axes::Extent;
use crate::shapes::dims::Dims;
use crate::tensor::erased::Erased;
use crate::tree::{ModuleId, Tree};
use crate::write::builder::Bound;

/// The sizes that an input gives to the run-time axes of a model.
pub(crate) fn bind(tree: &Tree, tensors: &[Erased]) -> Result<Bound> {
    let Some(root) = tree.get(ModuleId::ROOT) else {
        return Ok(Vec::new());
    };
    if tensors.len() < root.inputs.len() {
        return Err(Error::InputCount {
            wanted: root.inputs.len(),
            found: tensors.len(),
        });
    }
    let mut bound = Bound::new();
    for (port, tensor) in root.inputs.iter().zip(tensors) {
        let found = tensor.dims();
        let refuse = |conflict| Error::Input {
            port: port.name.clone(),
            declared: axes_name(port.axes),
            found,
            conflict,
        };
        let declared = Dims::of_axes(port.axes, |_| None);
        if tensor.kind() != port.kind || declared.unify(&found).is_none() {
            return Err(refuse(false));
        }
        for (axis, size) in port.axes.iter().zip(found.sizes().iter()) {
            let (Extent::Bound, Some(size)) = (axis.extent, *size) else {
                continue;
            };
            match bound.iter().find(|(known, _)| known.id == axis.id) {
                Some((_, other)) if *other != size => return Err(refuse(true)),
                Some(_) => {}
                None => bound.push((*axis, size)),
            }
        }
    }
    for (axis, like) in &tree.aliases {
        if let Some((_, size)) = bound.iter().find(|(known, _)| known.id == like.id).copied() {
            bound.push((*axis, size));
        }
    }
    Ok(bound)
}

/// Refuses inputs of which it is not known along which axis they are put together.
pub(crate) fn check_rows(tree: &Tree) -> Result<()> {
    let root = tree.get(ModuleId::ROOT).filter(|_| tree.rows_axis().is_none());
    root.map_or(Ok(()), |root| {
        let inputs = root.inputs.iter().map(|port| axes_name(port.axes));
        Err(Error::NoRows {
            model: root.type_name,
            inputs: inputs.collect::<Vec<_>>().join(", "),
        })
    })
}
