//! What reads of parameters append to the trace that is being written.

use crate::graph::names::parameter_name;
use crate::graph::node::NodeKind;
use crate::shapes::meta::TensorMeta;
use crate::shapes::shape::{KindTag, Shape};
use crate::tree::handle::Handle;
use crate::write::builder::{ValueRef, View};
use crate::write::outside::within;
use std::panic::Location;

/// Appends a read of a parameter.
#[track_caller]
pub(crate) fn parameter<S: Shape>(of: Handle, name: &str) -> ValueRef {
    let at = Location::caller();
    let module = of.module;
    within(at, |builder| {
        if !builder.owns(of, &|tree| parameter_name(tree, module, name), at) {
            return None;
        }
        let meta = TensorMeta {
            kind: KindTag::Float,
            dims: builder.dims_of(S::AXES, View::default()),
        };
        let kind = NodeKind::Parameter {
            module,
            name: name.to_owned(),
            sizes: meta.dims.sizes().to_vec(),
        };
        Some(builder.push(kind, &[], meta, at))
    })
    .flatten()
    .unwrap_or(ValueRef::NONE)
}
