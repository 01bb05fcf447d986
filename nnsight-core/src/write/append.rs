//! What values append to the trace that is being written: operations and constants.

use crate::error::{Error, WrittenAt};
use crate::graph::names::{axes_name, site_name};
use crate::graph::node::{Constant, NodeKind};
use crate::ops::Op;
use crate::ops::error::OpError;
use crate::shapes::axes::AxisMeta;
use crate::shapes::dims::Dims;
use crate::shapes::meta::TensorMeta;
use crate::shapes::shape::{KindTag, Shape};
use crate::tensor::erased::Erased;
use crate::write::builder::{Builder, ValueRef, View};
use crate::write::open::with;
use crate::write::outside::within;
use std::panic::Location;

/// Appends an operation, or anything else whose sizes follow from its inputs.
#[track_caller]
pub(crate) fn apply(kind: NodeKind, inputs: &[ValueRef]) -> ValueRef {
    let at = Location::caller();
    within(at, |builder| apply_in(builder, kind, inputs, at)).unwrap_or(ValueRef::NONE)
}

/// Appends an operation, or anything else whose sizes follow from its inputs, to a trace.
pub(crate) fn apply_in(
    builder: &mut Builder,
    kind: NodeKind,
    inputs: &[ValueRef],
    at: &'static Location<'static>,
) -> ValueRef {
    let nothing = TensorMeta {
        kind: KindTag::Float,
        dims: Dims::new([]),
    };
    let meta = match &kind {
        NodeKind::Op(op) => {
            let metas = inputs
                .iter()
                .map(|&input| builder.meta(input))
                .collect::<Option<Vec<_>>>();
            // An input of another trace is reported where the node is pushed.
            metas.map_or(nothing, |metas| {
                op.infer(&metas).unwrap_or_else(|source| {
                    let error = misfit(builder, op, source, inputs, at);
                    builder.fail(error);
                    nothing
                })
            })
        }
        _ => inputs
            .first()
            .and_then(|&input| builder.meta(input))
            .unwrap_or(nothing),
    };
    builder.push(kind, inputs, meta, at)
}

/// The error of an operation that cannot work. A position outside of a site's axis names both.
fn misfit(
    builder: &Builder,
    op: &Op,
    source: OpError,
    inputs: &[ValueRef],
    at: &'static Location<'static>,
) -> Error {
    let at = WrittenAt(Some(at));
    let read = inputs
        .first()
        .map(|input| &builder.nodes()[input.node.index()].kind);
    let (&OpError::OutOfBounds { dim, index, size }, Some(&NodeKind::Get(site))) = (&source, read) else {
        return Error::op(op, source, at);
    };
    let module = builder.tree.get(site.module);
    let port = module.and_then(|module| module.ports(site.end).get(site.port as usize));
    Error::OutOfBounds {
        what: site_name(&builder.tree, site),
        index,
        dim,
        axis: port
            .and_then(|port| port.axes.get(dim))
            .map_or("", |axis| axis.name),
        size,
        at,
    }
}

/// Appends a real tensor as a constant.
#[track_caller]
pub(crate) fn constant(tensor: Erased) -> ValueRef {
    let at = Location::caller();
    within(at, |builder| {
        let meta = TensorMeta {
            kind: tensor.kind(),
            dims: tensor.dims(),
        };
        let number = builder.graph.constants.len() as u32;
        builder.graph.constants.push(Constant::Tensor(tensor));
        builder.push(NodeKind::Constant(number), &[], meta, at)
    })
    .unwrap_or(ValueRef::NONE)
}

/// A real tensor as a constant of shape `S`: the axes of constant size are checked.
#[track_caller]
pub(crate) fn constant_of<S: Shape>(tensor: Erased) -> ValueRef {
    let at = WrittenAt(Some(Location::caller()));
    let found = tensor.dims();
    with(|builder| {
        let wanted = builder.dims_of(S::AXES, View::default());
        if wanted.unify(&found).is_none() {
            let site = format!("a value over {}", axes_name(S::AXES));
            builder.fail(Error::WrongSizes {
                site,
                wanted,
                found,
                at,
            });
        }
    });
    constant(tensor)
}

/// Kind and sizes of a value, as far as they are known. A value of another trace has none, and fails this one.
#[track_caller]
pub(crate) fn meta(value: ValueRef) -> Option<TensorMeta> {
    let at = Location::caller();
    let meta = |builder: &mut Builder| {
        let found = builder.meta(value);
        if found.is_none() {
            builder.fail(Error::ForeignValue {
                at: WrittenAt(Some(at)),
            });
        }
        found
    };
    within(at, meta).flatten()
}

/// A size that must be known now; otherwise the trace fails, and 0 stands in.
#[track_caller]
pub(crate) fn known(size: Option<usize>, axis: &'static str) -> usize {
    let at = WrittenAt(Some(Location::caller()));
    size.unwrap_or_else(|| {
        with(|builder| builder.fail(Error::UnknownSize { axis, at }));
        0
    })
}

/// The size that the input gives a run-time axis, where a value like `like` is wanted.
pub(crate) fn bound(like: Option<ValueRef>, axis: &AxisMeta) -> Option<usize> {
    with(|builder| {
        let view = like.map_or(View::default(), |like| builder.view_of(like));
        builder.size_of(axis, view)
    })
    .flatten()
}

/// How many steps the generation that is being written has at most; 1 if none is.
pub(crate) fn steps() -> u32 {
    with(|builder| builder.graph.steps)
        .flatten()
        .map_or(1, |steps| steps.most)
}

/// The trace that is being written cannot run.
pub(crate) fn fail(error: Error) {
    with(|builder| builder.fail(error));
}
