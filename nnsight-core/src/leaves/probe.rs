//! Probes: sites inside a forward that are no module's boundary.

use crate::error::Result;
use crate::leaves::sites::LeafSites;
use crate::shapes::shape::{Kind, Shape};
use crate::tensor::erased::Erased;
use crate::tree::builder::TreeBuilder;
use crate::tree::effect::Effect;
use crate::tree::module::{Forward, Inspectable, Shaped, forward_erased};
use crate::tree::order::Order;
use crate::values::boundary::Port;
use burn::module::Module;
use burn::tensor::Float;
use std::marker::PhantomData;

/// A module that returns its input, so that a value inside a forward becomes a site:
/// `pattern: Probe<(Batch, Head, Seq, Key)>` in the struct, and
/// `let pattern = self.pattern.forward(pattern);` in its forward.
pub struct Probe<S, K = Float> {
    /// A probe has a size, so that no two probes share an address.
    place: u8,
    marker: PhantomData<fn() -> (S, K)>,
}

impl<S: Shape, K: Kind> Probe<S, K> {
    /// A probe.
    pub const fn new() -> Self {
        Probe {
            place: 0,
            marker: PhantomData,
        }
    }

    /// The value itself. A trace can read and replace it here.
    pub fn forward(&self, value: S::Tensor<K>) -> S::Tensor<K> {
        value
    }
}

impl<S: Shape, K: Kind> Default for Probe<S, K> {
    fn default() -> Self {
        Probe::new()
    }
}

impl<S, K> Clone for Probe<S, K> {
    fn clone(&self) -> Self {
        Probe {
            place: self.place,
            marker: PhantomData,
        }
    }
}

impl<S, K> std::fmt::Debug for Probe<S, K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Probe")
    }
}

impl<S: Shape, K: Kind> Module for Probe<S, K> {
    fn visit<V: burn::module::ModuleVisitor>(&self, _: &mut V) {}
    fn map<M: burn::module::ModuleMapper>(self, _: &mut M) -> Self {
        self
    }
    fn to_device(self, _: &burn::tensor::Device) -> Self {
        self
    }
    fn fork(self, _: &burn::tensor::Device) -> Self {
        self
    }
    fn collect_devices(&self, devices: burn::module::Devices) -> burn::module::Devices {
        devices
    }
    fn materialize(self) -> Self {
        self
    }
    fn valid(&self) -> Self {
        self.clone()
    }
    fn train(self) -> Self {
        self
    }
}

impl<S: Shape, K: Kind> burn::module::ModuleDisplay for Probe<S, K> {}
impl<S: Shape, K: Kind> burn::module::ModuleDisplayDefault for Probe<S, K> {
    fn content(&self, content: burn::module::Content) -> Option<burn::module::Content> {
        content.add_formatted(&"Probe").optional()
    }
}

impl<S: Shape, K: Kind> Forward for Probe<S, K> {
    type Args = S::Tensor<K>;
    type Result = S::Tensor<K>;
    const ORDER: Order = Order::NONE;
    fn forward_args(&self, value: Self::Args) -> Self::Result {
        self.forward(value)
    }
}

impl<S: Shape, K: Kind> Shaped for Probe<S, K> {}

impl<S: Shape, K: Kind> Inspectable for Probe<S, K> {
    type Sites = LeafSites<Port<S, K>, Port<S, K>>;
    fn describe(&self, tree: &mut TreeBuilder) {
        tree.module(self, Effect::None);
        tree.boundary::<Port<S, K>, Port<S, K>>();
    }
    fn call_at(&self, _: &[u32], tensors: Vec<Erased>) -> Result<Vec<Erased>> {
        forward_erased(self, tensors)
    }
}
