//! Nodes whose shape and kind their types say: reads of sites, closures, what was generated.

use crate::error::{Result, WrittenAt};
use crate::graph::names::site_name;
use crate::graph::node::{NodeKind, SiteId};
use crate::shapes::meta::TensorMeta;
use crate::shapes::shape::{Kind, Shape};
use crate::tensor::erased::Erased;
use crate::tensor::real::RealTensor;
use crate::tree::handle::Handle;
use crate::write::builder::{Builder, ValueRef, View};
use crate::write::outside::within;
use std::panic::Location;

/// Appends a read of a site.
#[track_caller]
pub(crate) fn read<S: Shape, K: Kind>(from: Handle, site: SiteId) -> ValueRef {
    let at = Location::caller();
    within(at, |builder| {
        let fits = builder.owns(from, &|tree| site_name(tree, site), at)
            && builder.port(site, WrittenAt(Some(at))).is_some();
        match fits {
            true => declare_in::<S, K>(builder, NodeKind::Get(site), &[], at),
            false => ValueRef::NONE,
        }
    })
    .unwrap_or(ValueRef::NONE)
}

/// Appends a closure over real tensors, which gives one of shape `T`.
#[track_caller]
pub(crate) fn map<T: Shape, L: Kind>(
    values: &[ValueRef],
    f: impl FnOnce(Vec<Erased>) -> Result<T::Tensor<L>> + Send + 'static,
) -> ValueRef {
    let number = within(Location::caller(), |builder| {
        let run = move |tensors: Vec<Erased>| Ok(f(tensors)?.erase());
        builder.maps.push(Some(Box::new(run)));
        builder.maps.len() as u32 - 1
    });
    match number {
        Some(number) => declare::<T, L>(NodeKind::Map(number), values),
        None => ValueRef::NONE,
    }
}

/// Appends a read of an invoke's tokens after a generation.
#[track_caller]
pub(crate) fn generated<S: Shape>(invoke: u16) -> ValueRef {
    declare::<S, burn::tensor::Int>(NodeKind::Generated(invoke), &[])
}

/// Appends a node whose kind and sizes are known.
#[track_caller]
fn declare<S: Shape, K: Kind>(kind: NodeKind, inputs: &[ValueRef]) -> ValueRef {
    let at = Location::caller();
    within(at, |builder| declare_in::<S, K>(builder, kind, inputs, at)).unwrap_or(ValueRef::NONE)
}

fn declare_in<S: Shape, K: Kind>(
    builder: &mut Builder,
    kind: NodeKind,
    inputs: &[ValueRef],
    at: &'static Location<'static>,
) -> ValueRef {
    let view = match (&kind, inputs.first()) {
        (NodeKind::Get(site), _) => (builder.view_at(*site), false),
        (_, Some(input)) => builder.find_view(*input),
        _ => (View::default(), false),
    };
    let meta = TensorMeta {
        kind: K::TAG,
        dims: builder.dims_of(S::AXES, view.0),
    };
    let value = builder.push(kind, inputs, meta, at);
    builder.remember_view(value, view);
    value
}
