//! The trace that is being written on this thread: every value and edit appends a node.

use crate::error::{Error, Result, WrittenAt};
use crate::graph::node::{Node, NodeId, NodeKind, SiteId};
use crate::graph::{Graph, VERSION};
use crate::plan::kept::{Planned, Plans};
use crate::shapes::axes::AxisMeta;
use crate::shapes::dims::Dims;
use crate::shapes::meta::TensorMeta;
use crate::shapes::shape::KindTag;
use crate::tensor::erased::Erased;
use crate::tree::{InSteps, ModuleId, Role, Tree};
use crate::write::like::{Nodes, Written};
use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

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

/// A closure over real tensors, run once.
pub(crate) type MapFn = Box<dyn FnOnce(Vec<Erased>) -> Result<Erased> + Send>;

/// The sizes that an input gives to run-time axes.
pub(crate) type Bound = Vec<(AxisMeta, usize)>;

/// How a value sees the batch: whose rows, and at which call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct View {
    /// An invoke, counted from 1; 0 is the whole batch.
    pub(crate) invoke: u16,
    pub(crate) call: u32,
}

/// A trace while its body runs.
pub(crate) struct Builder {
    pub(crate) trace: u32,
    pub(crate) tree: Arc<Tree>,
    /// The sizes that run-time axes have: of the whole batch, or of each invoke.
    pub(crate) bound: Vec<Bound>,
    /// What is written, but for the nodes that [`nodes`](Self::nodes) gives.
    pub(crate) graph: Graph,
    nodes: Nodes,
    pub(crate) maps: Vec<Option<MapFn>>,
    /// Whether the whole batch is looked at, beside invokes: more rows may come.
    pub(super) has_more_rows: bool,
    /// The nodes that lasting edits have written, in order.
    pub(crate) lasting: Vec<Range<u32>>,
    /// The first node of each call of an attached module for an invoke.
    callers: BTreeMap<(ModuleId, u16, u32), NodeId>,
    /// How often attached modules have been called for each invoke.
    calls: BTreeMap<(ModuleId, u16), u32>,
    /// How what modules and closures give sees the batch.
    views: BTreeMap<NodeId, View>,
    error: Option<Error>,
}

/// The number of the last trace of this process: handles can go to another thread.
static LAST: AtomicU32 = AtomicU32::new(0);

impl Builder {
    /// For a trace of one input, with what it binds.
    pub(crate) fn new(tree: Arc<Tree>, bound: Bound, plans: Option<Arc<Plans>>) -> Self {
        let mut builder = Builder::of_invokes(tree, plans);
        builder.bound.push(bound);
        builder
    }

    /// For a trace whose inputs come from its body; one that is to be run is given the plans of those before.
    pub(crate) fn of_invokes(tree: Arc<Tree>, plans: Option<Arc<Plans>>) -> Self {
        let trace = LAST.fetch_add(1, Relaxed).wrapping_add(1).max(1);
        let graph = Graph {
            version: VERSION,
            ..Graph::default()
        };
        Builder {
            trace,
            tree,
            bound: Vec::new(),
            graph,
            nodes: Nodes::like(plans),
            maps: Vec::new(),
            has_more_rows: false,
            lasting: Vec::new(),
            callers: BTreeMap::new(),
            calls: BTreeMap::new(),
            views: BTreeMap::new(),
            error: None,
        }
    }

    /// The nodes that are written, in order.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The nodes, to be changed: the trace is then no longer written like an earlier one.
    pub(crate) fn nodes_mut(&mut self) -> &mut [Node] {
        self.nodes.make_own()
    }

    /// What is written, with its nodes.
    pub(crate) fn into_graph(mut self) -> Graph {
        self.graph.nodes = self.nodes.into_vec();
        self.graph
    }

    /// The plan of what is written.
    ///
    /// # Errors
    /// Those of [`Plan::of_run`](crate::plan::Plan::of_run).
    pub(crate) fn planned(mut self, plans: &Plans, has_effects: bool) -> Result<Arc<Planned>> {
        if let Some(known) = self.nodes.known(&self.graph, has_effects, &self.lasting) {
            plans.used(known);
            return Ok(Arc::clone(known));
        }
        let (lasting, tree) = (std::mem::take(&mut self.lasting), Arc::clone(&self.tree));
        plans.plan(self.into_graph(), has_effects, lasting, &tree)
    }

    pub(crate) fn fail(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    /// Takes the first error out, if there is one.
    pub(crate) fn take_error(&mut self) -> Option<Error> {
        self.error.take()
    }

    /// Adds an invoke, with what its input binds: its number.
    pub(crate) fn add_invoke(&mut self, bound: Bound) -> u16 {
        self.bound.push(bound);
        self.bound.len() as u16
    }

    /// The size of a run-time axis for an invoke; for the whole batch the one that all invokes agree on.
    pub(crate) fn size_of(&self, axis: &AxisMeta, view: View) -> Option<usize> {
        let size = self.first_size_of(axis, view.invoke)?;
        let Some(steps) = self.graph.steps.filter(|_| view.call > 0) else {
            return Some(size);
        };
        match self.tree.axis_in_steps(axis) {
            InSteps::Position if steps.cached => Some(1),
            InSteps::Position | InSteps::Past => Some(size + view.call as usize),
            InSteps::Same => Some(size),
        }
    }

    fn first_size_of(&self, axis: &AxisMeta, invoke: u16) -> Option<usize> {
        let size_in = |bound: &Bound| {
            bound
                .iter()
                .find(|(known, _)| known.id == axis.id)
                .map(|(_, size)| *size)
        };
        match self.bound.get((invoke as usize).wrapping_sub(1)) {
            Some(own) => size_in(own),
            // The rows of all invokes, of which more may come.
            None if (self.has_more_rows || self.bound.len() > 1) && self.tree.rows_axis() == Some(*axis) => {
                None
            }
            None => {
                let (first, others) = self.bound.split_first()?;
                let size = size_in(first)?;
                others
                    .iter()
                    .all(|other| size_in(other) == Some(size))
                    .then_some(size)
            }
        }
    }

    pub(crate) fn dims_of(&self, axes: &[AxisMeta], view: View) -> Dims {
        Dims::of_axes(axes, |axis| self.size_of(axis, view))
    }

    /// Whether a site's tensor has rows of its own for each invoke.
    pub(crate) fn has_rows(&self, axes: &[AxisMeta]) -> bool {
        let rows = self.tree.rows_axis();
        axes.iter()
            .any(|axis| rows.is_some_and(|rows| rows.id == axis.id))
    }

    /// How often an attached module has been called for an invoke.
    pub(crate) fn attached_calls(&self, module: ModuleId, invoke: u16) -> u32 {
        self.calls.get(&(module, invoke)).copied().unwrap_or(0)
    }

    /// How a site sees the batch. One of an attached module sees it as what the module is called on.
    pub(crate) fn view_at(&self, site: SiteId) -> View {
        let trace = self.trace;
        self.own_view_at(site)
            .unwrap_or_else(|node| self.view_of(ValueRef { node, trace }))
    }

    /// How a site sees the batch, or the node that sees it as the site does.
    fn own_view_at(&self, site: SiteId) -> Result<View, NodeId> {
        let Some(root) = self.tree.attachment(site.module) else {
            return Ok(View {
                invoke: site.invoke,
                call: site.call,
            });
        };
        let caller = self.callers.get(&(root, site.invoke, site.call));
        match caller.and_then(|caller| self.nodes()[caller.index()].inputs.first()) {
            Some(&first) => Err(first),
            // A call that is not written yet is taken for one of the first pass.
            None => Ok(View {
                invoke: site.invoke,
                call: 0,
            }),
        }
    }

    /// How a value sees the batch, as far as its first inputs say.
    pub(crate) fn view_of(&self, value: ValueRef) -> View {
        self.find_view(value).0
    }

    /// How what a module or a closure gives sees the batch: like its first input. Remembered, or each of many in a row
    /// would lead back to the first.
    pub(crate) fn remember_view(&mut self, value: ValueRef, (view, is_known): (View, bool)) {
        if is_known {
            self.views.insert(value.node, view);
        }
    }

    /// How a value sees the batch, and whether nothing that is written later changes that.
    pub(crate) fn find_view(&self, value: ValueRef) -> (View, bool) {
        let mut is_known = true;
        let mut at = (value.trace == self.trace).then_some(value.node);
        // A module that is called on what that very call gives leads round and round: the plan refuses it.
        for _ in 0..self.nodes().len() {
            let Some(id) = at else { break };
            let Some(node) = self.nodes().get(id.index()) else {
                break;
            };
            at = Some(match (&node.kind, node.kind.gradient(), node.inputs.first()) {
                (NodeKind::Get(site), ..) => {
                    is_known &= self.tree.attachment(site.module).is_none();
                    match self.own_view_at(*site) {
                        Ok(view) => return (view, is_known),
                        Err(first) => first,
                    }
                }
                (_, Some(gradient), _) => gradient.of,
                (NodeKind::Call(_) | NodeKind::Attached(_) | NodeKind::Map(_), _, Some(input)) => {
                    match self.views.get(&id) {
                        Some(view) => return (*view, is_known),
                        None => *input,
                    }
                }
                (.., Some(input)) => *input,
                _ => break,
            });
        }
        (View::default(), is_known)
    }

    pub(crate) fn push(
        &mut self,
        kind: NodeKind,
        inputs: &[ValueRef],
        meta: TensorMeta,
        at: &'static Location<'static>,
    ) -> ValueRef {
        let node = NodeId(self.nodes().len() as u32);
        if inputs.iter().any(|input| input.trace != self.trace) {
            self.fail(Error::ForeignValue {
                at: WrittenAt(Some(at)),
            });
        }
        if let NodeKind::Attached(call) = kind {
            let caller = (call.module, call.invoke, call.call);
            self.callers.entry(caller).or_insert(node);
            *self.calls.entry((call.module, call.invoke)).or_default() += 1;
        }
        let inputs = inputs.iter().map(|input| input.node);
        let written = Written {
            kind,
            inputs,
            meta,
            at,
        };
        self.nodes.add(&self.tree, written);
        ValueRef {
            node,
            trace: self.trace,
        }
    }

    pub(crate) fn meta(&self, value: ValueRef) -> Option<TensorMeta> {
        if value.trace != self.trace {
            return None;
        }
        self.nodes().get(value.node.index()).map(|node| node.meta)
    }

    /// What a site is declared to be, or an error if the model has no such module.
    pub(crate) fn port(&mut self, site: SiteId, at: WrittenAt) -> Option<(&'static [AxisMeta], KindTag)> {
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
