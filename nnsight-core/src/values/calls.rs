//! Modules that a trace calls on values.

use crate::graph::node::{AttachedCall, NodeKind};
use crate::shapes::meta::TensorMeta;
use crate::tree::handle::Handle;
use crate::values::boundary::Boundary;
use crate::write::calls::call_in;
use crate::write::outside::within;
use std::panic::Location;

/// Appends a run of one of the model's modules.
#[track_caller]
pub(crate) fn call<I: Boundary, O: Boundary>(at: Handle, input: I::Values) -> O::Values {
    let here = Location::caller();
    let mut inputs = Vec::new();
    I::nodes(input, &mut inputs);
    let mut ports = Vec::new();
    O::describe("", &mut ports);
    let nodes = within(here, |builder| {
        if !builder.owns(at, &|tree| tree.path(at.module).to_owned(), here) {
            return Vec::new();
        }
        let kind = match builder.tree.attachment(at.module) {
            Some(root) if root == at.module => NodeKind::Attached(AttachedCall {
                module: root,
                call: builder.attached_calls(root, at.invoke),
                invoke: at.invoke,
            }),
            _ => NodeKind::Call(at.module),
        };
        let call = call_in(builder, kind, at.module, &inputs, here);
        if ports.len() == 1 {
            return vec![call];
        }
        let view = builder.view_of(call);
        let parts = ports.iter().zip(0..).map(|(port, part)| {
            let meta = TensorMeta {
                kind: port.kind,
                dims: builder.dims_of(port.axes, view),
            };
            builder.push(NodeKind::Part(part), &[call], meta, here)
        });
        parts.collect()
    });
    O::values(&mut nodes.unwrap_or_default().into_iter())
}
