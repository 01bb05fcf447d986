//! Running modules on values.

use crate::error::{Error, Result, WrittenAt};
use crate::graph::node::NodeKind;
use crate::shapes::axes::{AxisMeta, Extent};
use crate::shapes::dims::Dims;
use crate::shapes::meta::TensorMeta;
use crate::shapes::shape::KindTag;
use crate::tree::{ModuleId, ModuleMeta, Role};
use crate::write::builder::{Bound, Builder, ValueRef, View};
use std::panic::Location;
use std::sync::Arc;

/// Appends the node that runs a module. Its sizes are those of the first tensor that the module gives.
pub(crate) fn call_in(
    builder: &mut Builder,
    kind: NodeKind,
    module: ModuleId,
    inputs: &[ValueRef],
    at: &'static Location<'static>,
) -> ValueRef {
    let tree = Arc::clone(&builder.tree);
    let found = tree.get(module).filter(|module| module.role != Role::Absent);
    if found.is_none() {
        builder.fail(Error::Absent {
            path: tree.path(module).to_owned(),
            at: WrittenAt(Some(at)),
        });
    }
    let view = inputs
        .first()
        .map_or((View::default(), false), |input| builder.find_view(*input));
    let taken = found.map(|found| taken_by(builder, found, inputs, WrittenAt(Some(at))));
    let taken = taken.unwrap_or_else(|| Ok(Bound::new()));
    let taken = taken.unwrap_or_else(|error| {
        builder.fail(error);
        Bound::new()
    });
    let first = found.and_then(|module| module.outputs.first());
    let meta = first.map_or(
        TensorMeta {
            kind: KindTag::Float,
            dims: Dims::new([]),
        },
        |port| TensorMeta {
            kind: port.kind,
            dims: Dims::of_axes(port.axes, |axis| match size_in(&taken, axis) {
                Some(size) => Some(size),
                None => builder.size_of(axis, view.0),
            }),
        },
    );
    let value = builder.push(kind, inputs, meta, at);
    builder.remember_view(value, view);
    value
}

/// Checks what a module is called on against what it takes: the sizes that the values give to run-time axes.
fn taken_by(builder: &Builder, module: &ModuleMeta, inputs: &[ValueRef], at: WrittenAt) -> Result<Bound> {
    if module.outputs.is_empty() {
        return Err(Error::NotCallable);
    }
    if module.inputs.len() != inputs.len() {
        return Err(Error::CallCount {
            module: module.name_in_messages().to_owned(),
            wanted: module.inputs.len(),
            found: inputs.len(),
            at,
        });
    }
    let mut taken = Bound::new();
    for (port, input) in module.inputs.iter().zip(inputs) {
        // A value of another trace is reported where the node is pushed.
        let Some(found) = builder.meta(*input) else {
            continue;
        };
        let place = || format!("{}'s input{}", module.name_in_messages(), port.name);
        if found.kind != port.kind {
            return Err(Error::WrongKind {
                place: place(),
                wanted: port.kind,
                found: found.kind,
                at,
            });
        }
        let wanted = Dims::of_axes(port.axes, |axis| size_in(&taken, axis));
        if wanted.unify(&found.dims).is_none() {
            return Err(Error::WrongSizes {
                site: place(),
                wanted,
                found: found.dims,
                at,
            });
        }
        for (axis, size) in port.axes.iter().zip(found.dims.sizes().iter()) {
            if let (Extent::Bound, Some(size)) = (axis.extent, *size) {
                taken.push((*axis, size));
            }
        }
    }
    Ok(taken)
}

fn size_in(bound: &Bound, axis: &AxisMeta) -> Option<usize> {
    let found = bound.iter().find(|(name, _)| name.id == axis.id);
    found.map(|(_, size)| *size)
}
