//! The trace that is being written on this thread: every value and edit appends a node.

use super::{Graph, Node, NodeId, NodeKind, SiteId, TensorMeta, VERSION};
use crate::axes::AxisMeta;
use crate::dims::Dims;
use crate::error::{Error, Result, WrittenAt};
use crate::module::SiteTree;
use crate::shape::KindTag;
use crate::site::Handle;
use crate::tensor::Erased;
use crate::tree::{ModuleId, Role, Tree};
use std::cell::{Cell, RefCell};
use std::panic::Location;
use std::sync::Arc;

/// A node of a trace on this thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValueRef {
    pub(crate) node: NodeId,
    pub(crate) trace: u32,
}

impl ValueRef {
    /// What a value is outside of any trace: nothing can be done with it.
    pub(crate) const NONE: ValueRef = ValueRef {
        node: NodeId(u32::MAX),
        trace: 0,
    };
}

/// A closure over a real tensor, run once.
pub(crate) type MapFn = Box<dyn FnOnce(Erased) -> Result<Erased> + Send>;

/// A trace while its body runs.
pub(crate) struct Builder {
    pub(crate) trace: u32,
    pub(super) tree: Arc<Tree>,
    bound: Vec<(&'static str, usize)>,
    pub(crate) graph: Graph,
    pub(crate) maps: Vec<Option<MapFn>>,
    error: Option<Error>,
}

thread_local! {
    /// Traces whose bodies are running, innermost last.
    static OPEN: RefCell<Vec<Builder>> = const { RefCell::new(Vec::new()) };
    /// The number of the last trace of this thread. Values stay on their thread, so that is enough.
    static LAST: Cell<u32> = const { Cell::new(0) };
}

impl Builder {
    pub(crate) fn new(tree: Arc<Tree>, bound: Vec<(&'static str, usize)>) -> Self {
        let trace = LAST.get().wrapping_add(1).max(1);
        LAST.set(trace);
        // Room for a trace of usual size, so that writing it does not move its nodes.
        let nodes = Vec::with_capacity(32);
        let graph = Graph {
            version: VERSION,
            nodes,
            ..Graph::default()
        };
        Builder {
            trace,
            tree,
            bound,
            graph,
            maps: Vec::new(),
            error: None,
        }
    }

    /// Runs the body of a trace with this builder as the thread's current one.
    ///
    /// # Errors
    /// The first thing in the body that cannot work.
    pub(crate) fn run<T: SiteTree, R>(self, body: impl FnOnce(T) -> R) -> Result<(Builder, R)> {
        /// Closes the trace however the body ends.
        struct Open;
        impl Drop for Open {
            fn drop(&mut self) {
                OPEN.with_borrow_mut(Vec::pop);
            }
        }
        let sites = T::at(
            Handle {
                module: ModuleId::ROOT,
                call: 0,
            },
            &self.tree,
        );
        OPEN.with_borrow_mut(|open| open.push(self));
        let guard = Open;
        let kept = body(sites);
        std::mem::forget(guard);
        match OPEN.with_borrow_mut(Vec::pop) {
            Some(Builder {
                error: Some(error), ..
            }) => Err(error),
            Some(builder) => Ok((builder, kept)),
            None => Err(Error::ForeignValue { at: WrittenAt(None) }),
        }
    }

    pub(super) fn fail(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    pub(super) fn size_of(&self, axis: &str) -> Option<usize> {
        self.bound
            .iter()
            .find(|(name, _)| *name == axis)
            .map(|(_, size)| *size)
    }

    pub(super) fn dims_of(&self, axes: &[AxisMeta]) -> Dims {
        Dims::of_axes(axes, |name| self.size_of(name))
    }

    pub(super) fn push(
        &mut self,
        kind: NodeKind,
        inputs: &[ValueRef],
        meta: TensorMeta,
        at: &'static Location<'static>,
    ) -> ValueRef {
        let node = NodeId(self.graph.nodes.len() as u32);
        if inputs.iter().any(|input| input.trace != self.trace) {
            self.fail(Error::ForeignValue {
                at: WrittenAt(Some(at)),
            });
        }
        let inputs = inputs.iter().map(|input| input.node).collect();
        self.graph.nodes.push(Node {
            kind,
            inputs,
            meta,
            written_at: Some(at),
        });
        ValueRef {
            node,
            trace: self.trace,
        }
    }

    pub(super) fn meta(&self, value: ValueRef) -> Option<TensorMeta> {
        if value.trace != self.trace {
            return None;
        }
        self.graph.nodes.get(value.node.index()).map(|node| node.meta)
    }

    /// What a site is declared to be, or an error if the model has no such module.
    pub(super) fn port(&mut self, site: SiteId, at: WrittenAt) -> Option<(&'static [AxisMeta], KindTag)> {
        let present = self
            .tree
            .get(site.module)
            .filter(|module| module.role != Role::Absent);
        let port = present.map(|module| module.ports(site.end).get(site.port as usize));
        let port = port.map(|port| port.map(|port| (port.axes, port.kind)));
        if port.is_none() {
            let path = self.tree.path(site.module).to_owned();
            self.fail(Error::Absent { path, at });
        }
        port.flatten()
    }
}

/// Runs `f` on the trace that is being written, if there is one.
pub(super) fn with<R>(f: impl FnOnce(&mut Builder) -> R) -> Option<R> {
    OPEN.with_borrow_mut(|open| open.last_mut().map(f))
}
