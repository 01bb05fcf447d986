//! Boundaries: what the declaration `(Batch, Features) -> (Batch, Classes)` says of one end of a module.

use crate::shapes::axes::{Axis, Entries};
use crate::shapes::shape::{Kind, Shape};
use crate::tensor::carrier::Carrier;
use crate::tree::builder::TreeBuilder;
use crate::tree::handle::{End, Handle};
use crate::values::site::Site;
use crate::values::value::Value;
use crate::write::builder::ValueRef;
use burn::tensor::Float;
use std::marker::PhantomData;

pub use crate::tree::port::PortMeta;

/// One end of a module, declared: a [`Port`], a tuple of boundaries, or a struct with `#[derive(Carrier)]`
/// whose fields are declared.
pub trait Boundary: 'static {
    /// The sites, one for each tensor.
    type Sites: Copy;
    /// The values that fit.
    type Values: Copy;
    /// The real tensors that fit.
    type Tensors: Carrier;
    /// The last axis, where there is one tensor only; otherwise [`Entries`] stands in.
    type Last: Axis;
    /// The number of tensors.
    const PORTS: u8;
    /// The sites of one end of a module, numbered from `first`. `None` in the constant tree.
    fn sites(at: Handle, end: End, first: u8) -> Self::Sites;
    /// The sites as a constant, of no module.
    const SITES: Self::Sites;
    /// What each tensor is, in order.
    fn describe(prefix: &str, ports: &mut Vec<PortMeta>);
    /// The values' nodes, in order.
    fn nodes(values: Self::Values, nodes: &mut Vec<ValueRef>);
    /// Values of nodes, in order.
    fn values(nodes: &mut dyn Iterator<Item = ValueRef>) -> Self::Values;
}

/// A single tensor of shape `S` and kind `K`.
pub struct Port<S, K = Float>(PhantomData<fn() -> (S, K)>);

impl<S: Shape, K: Kind> Boundary for Port<S, K> {
    type Sites = Site<S, K>;
    type Values = Value<S, K>;
    type Tensors = S::Tensor<K>;
    type Last = S::Last;
    const PORTS: u8 = 1;
    const SITES: Self::Sites = Site::new(Handle::NOWHERE, End::Output, 0);

    fn sites(at: Handle, end: End, first: u8) -> Self::Sites {
        Site::new(at, end, first)
    }
    fn describe(prefix: &str, ports: &mut Vec<PortMeta>) {
        ports.push(PortMeta {
            name: prefix.to_owned(),
            axes: S::AXES,
            kind: K::TAG,
        });
    }
    fn nodes(values: Self::Values, nodes: &mut Vec<ValueRef>) {
        nodes.push(values.node());
    }
    fn values(nodes: &mut dyn Iterator<Item = ValueRef>) -> Self::Values {
        Value::new(nodes.next().unwrap_or(ValueRef::NONE))
    }
}

macro_rules! tuples {
    ($($name:ident $index:tt),+) => {
        impl<$($name: Boundary),+> Boundary for ($($name,)+) {
            type Sites = ($($name::Sites,)+);
            type Values = ($($name::Values,)+);
            type Tensors = ($($name::Tensors,)+);
            type Last = Entries;
            const PORTS: u8 = 0 $(+ $name::PORTS)+;
            const SITES: Self::Sites = ($($name::SITES,)+);

            #[allow(unused_assignments)]
            fn sites(at: Handle, end: End, first: u8) -> Self::Sites {
                let mut next = first;
                ($({
                    let sites = $name::sites(at, end, next);
                    next += $name::PORTS;
                    sites
                },)+)
            }
            fn describe(prefix: &str, ports: &mut Vec<PortMeta>) {
                $($name::describe(&format!("{prefix}.{}", $index), ports);)+
            }
            fn nodes(values: Self::Values, nodes: &mut Vec<ValueRef>) {
                $($name::nodes(values.$index, nodes);)+
            }
            fn values(nodes: &mut dyn Iterator<Item = ValueRef>) -> Self::Values {
                ($($name::values(nodes),)+)
            }
        }
    };
}
tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, E 4);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5);

impl TreeBuilder {
    /// Declares what goes in and out of the current module.
    pub fn boundary<I: Boundary, O: Boundary>(&mut self) {
        let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
        I::describe("", &mut inputs);
        O::describe("", &mut outputs);
        self.ports(inputs, outputs);
    }
}
