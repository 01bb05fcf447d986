//! What gradients append to the trace that is being written.

use crate::error::{Error, WrittenAt};
use crate::graph::names::value_name;
use crate::graph::node::{GradientId, NodeId, NodeKind};
use crate::shapes::axes::AxisMeta;
use crate::shapes::meta::TensorMeta;
use crate::shapes::shape::{KindTag, Shape};
use crate::shapes::take::Take;
use crate::tree::handle::Handle;
use crate::write::builder::{ValueRef, View};
use crate::write::outside::within;
use crate::write::place::{Place, Written, write_into};
use std::panic::Location;

/// Appends a backward pass.
#[track_caller]
pub(crate) fn backward(loss: ValueRef) -> ValueRef {
    crate::write::append::apply(NodeKind::Backward, &[loss])
}

/// Appends a read of a gradient. Its sizes are those of the value that it belongs to.
#[track_caller]
pub(crate) fn read_gradient(of: ValueRef, backward: Option<ValueRef>) -> ValueRef {
    let at = Location::caller();
    within(at, |builder| {
        let (gradient, meta) = resolve(builder, of, backward, at)?;
        Some(builder.push(NodeKind::Gradient(gradient), &[], meta, at))
    })
    .flatten()
    .unwrap_or(ValueRef::NONE)
}

/// Appends a write into a gradient or a part of it.
#[track_caller]
pub(crate) fn write_gradient(
    of: ValueRef,
    backward: Option<ValueRef>,
    axes: &'static [AxisMeta],
    takes: Vec<Take>,
    written: Written,
) {
    let at = Location::caller();
    within(at, |builder| {
        let Some((gradient, meta)) = resolve(builder, of, backward, at) else {
            return;
        };
        let place = Place {
            name: &|builder| format!("{}.grad", value_name(&builder.tree, builder.nodes(), of.node)),
            axes,
            meta,
        };
        write_into(builder, place, takes, written, at, |takes, number| match number {
            Some(number) => NodeKind::FillGradient {
                gradient,
                takes,
                number,
            },
            None => NodeKind::SetGradient { gradient, takes },
        });
    });
}

/// Appends a read of a parameter's gradient.
#[track_caller]
pub(crate) fn parameter_gradient<S: Shape>(of: Handle, name: &str, backward: Option<ValueRef>) -> ValueRef {
    let at = Location::caller();
    let module = of.module;
    within(at, |builder| {
        if !builder.owns(
            of,
            &|tree| crate::graph::names::parameter_name(tree, module, name),
            at,
        ) {
            return None;
        }
        let backward = named(builder, backward, at)?;
        let meta = TensorMeta {
            kind: KindTag::Float,
            dims: builder.dims_of(S::AXES, View::default()),
        };
        let name = name.to_owned();
        let kind = NodeKind::ParameterGradient {
            module,
            name,
            backward,
            sizes: meta.dims.sizes().to_vec(),
        };
        Some(builder.push(kind, &[], meta, at))
    })
    .flatten()
    .unwrap_or(ValueRef::NONE)
}

/// Appends a save of all parameters' gradients.
#[track_caller]
pub(crate) fn parameter_gradients(backward: ValueRef) -> ValueRef {
    let at = Location::caller();
    within(at, |builder| {
        let backward = named(builder, Some(backward), at)??;
        let meta = TensorMeta {
            kind: KindTag::Float,
            dims: crate::shapes::dims::Dims::new([]),
        };
        Some(builder.push(NodeKind::ParameterGradients { backward }, &[], meta, at))
    })
    .flatten()
    .unwrap_or(ValueRef::NONE)
}

/// A gradient of this trace as data; anything else fails the trace.
fn resolve(
    builder: &mut crate::write::builder::Builder,
    of: ValueRef,
    backward: Option<ValueRef>,
    at: &'static Location<'static>,
) -> Option<(GradientId, TensorMeta)> {
    let backward = named(builder, backward, at)?;
    let Some(meta) = builder.meta(of) else {
        builder.fail(Error::ForeignValue {
            at: WrittenAt(Some(at)),
        });
        return None;
    };
    Some((
        GradientId {
            of: of.node,
            backward,
        },
        meta,
    ))
}

/// The backward pass that is named, if one is; that of another trace fails this one.
fn named(
    builder: &mut crate::write::builder::Builder,
    backward: Option<ValueRef>,
    at: &'static Location<'static>,
) -> Option<Option<NodeId>> {
    match backward {
        Some(backward) if backward.trace != builder.trace => {
            builder.fail(Error::ForeignValue {
                at: WrittenAt(Some(at)),
            });
            None
        }
        backward => Some(backward.map(|backward| backward.node)),
    }
}
