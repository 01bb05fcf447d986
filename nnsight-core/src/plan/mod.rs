//! The plan: a graph, checked and scheduled against one model and one input, before anything runs.

pub(crate) mod attached;
pub(crate) mod cost;
pub(crate) mod gradients;
pub(crate) mod kept;
pub(crate) mod lost;
pub(crate) mod needed;
pub(crate) mod order;
pub(crate) mod placement;
pub(crate) mod show;
pub(crate) mod taps;
pub(crate) mod unseen;
pub(crate) mod wanted;

use crate::error::{Error, Result, WrittenAt};
use crate::graph::Graph;
use crate::graph::cone::Seen;
use crate::graph::limits::at_most;
use crate::graph::names::{declaration, site_name};
use crate::graph::node::{AttachedCall, GradientId, Node, NodeId, NodeKind, SiteId};
use crate::plan::cost::Cost;
use crate::plan::taps::Gradients;
use crate::tree::handle::End;
use crate::tree::{ModuleId, Tree};
use burn::tensor::FloatDType;
use std::ops::Range;
use std::sync::Arc;

/// A trace, checked and scheduled: what will be read and written where, what is left out, and where the
/// forward pass can stop. Its `Display` shows it.
#[derive(Clone)]
pub struct Plan {
    pub(crate) graph: Graph,
    pub(crate) tree: Arc<Tree>,
    /// Which nodes a saved value needs.
    pub(crate) needed: Vec<bool>,
    /// How many needed nodes use a node's tensor.
    pub(crate) uses: Vec<u32>,
    /// The needed nodes that use a node, as a list for each node: `users[starts[n]..starts[n + 1]]`.
    pub(crate) starts: Vec<u32>,
    pub(crate) users: Vec<NodeId>,
    /// What to do at each end of each call of a module, sorted; in program order at one place.
    actions: Vec<Action>,
    /// The modules that there is something to do at, and the model itself, in order.
    touched: Vec<ModuleId>,
    /// The calls that there is something to do at, in order.
    calls: Vec<(ModuleId, u32, Actions)>,
    /// How many inputs each node waits for.
    pub(crate) waits: Vec<u32>,
    /// The needed nodes that wait for nothing.
    pub(crate) first: Vec<NodeId>,
    /// How many needed nodes edit.
    pub(crate) edits: usize,
    /// Whether some node runs a module on values.
    pub(crate) calls_modules: bool,
    /// How many nodes the forward pass is run for: saves, and losses.
    pub(crate) goals: usize,
    /// The nodes that run attached modules, sorted; most traces have none.
    callers: Vec<(AttachedCall, NodeId)>,
    /// The tensor that each node stands for; empty if no gradient is asked for.
    tensors: Vec<NodeId>,
    /// Which nodes exist only once a backward pass has run; empty if none does.
    late: Vec<bool>,
    /// The backward pass, if one is needed. Of several each has a plan of its own.
    pub(crate) gradients: Option<Box<Gradients>>,
    /// How to find out what it costs, where its input is known.
    pub(crate) rehearsal: Option<Rehearsal>,
    /// The type of the model's parameters, where they are not loaded yet.
    #[cfg_attr(not(feature = "cost"), allow(dead_code))]
    pub(crate) floats: FloatDType,
}

/// Finds out what a plan costs.
pub(crate) type Rehearsal = Arc<dyn Fn(&Plan) -> Result<Cost> + Send + Sync>;

/// A needed read or write: module, call and end say when, the node what.
type Action = (ModuleId, u32, End, NodeId);

/// What there is to do at one call of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Actions {
    pub(crate) input: Ends,
    pub(crate) output: Ends,
}

/// What there is to do at one end of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ends {
    /// Positions in the plan's list.
    pub(crate) at: Range<usize>,
    /// Whether the first tensor is read, and nothing else is done.
    pub(crate) reads_first: bool,
    /// Whether what is read is kept, and used for nothing else.
    pub(crate) keeps_first: bool,
}

impl Actions {
    /// Nothing.
    pub(crate) const NONE: Actions = Actions {
        input: Ends::NONE,
        output: Ends::NONE,
    };

    pub(crate) fn end(&self, end: End) -> &Ends {
        match end {
            End::Input => &self.input,
            End::Output => &self.output,
        }
    }
}

impl Ends {
    const NONE: Ends = Ends {
        at: 0..0,
        reads_first: false,
        keeps_first: false,
    };
}

impl Plan {
    /// Checks a graph and schedules it.
    ///
    /// # Errors
    /// [`Error::Order`] where a value would flow backwards, [`Error::DeclaredLen`] where the model is not
    /// what its declaration says; for gradients those that [`Site::grad`](crate::values::site::Site::grad) and
    /// [`Value::backward`](crate::values::value::Value::backward) name.
    pub(crate) fn new(graph: Graph, tree: Arc<Tree>) -> Result<Plan> {
        Plan::of_run(graph, tree, false)
    }

    /// [`Plan::new`] of a run that has effects beyond its tensors, or not: what they see is not known, so every edit is
    /// needed then.
    pub(crate) fn of_run(mut graph: Graph, tree: Arc<Tree>, has_effects: bool) -> Result<Plan> {
        gradients::resolve(&mut graph, &tree)?;
        let is_root = |node: &Node| match node.kind {
            NodeKind::Set { .. } | NodeKind::Fill { .. } => has_effects,
            NodeKind::Call(module) | NodeKind::Attached(AttachedCall { module, .. }) => {
                tree.has_effect(module, false)
            }
            NodeKind::ParameterGradients { .. } => true,
            _ => node.kind.is_save(),
        };
        let nodes = graph.nodes.iter().enumerate();
        let roots: Vec<NodeId> = nodes
            .filter(|(_, node)| is_root(node))
            .map(|(i, _)| NodeId(i as u32))
            .collect();
        Plan::rooted(graph, tree, &roots)
    }

    /// The plan of what some nodes need.
    ///
    /// # Errors
    /// Those of [`Plan::new`].
    pub(crate) fn rooted(graph: Graph, tree: Arc<Tree>, roots: &[NodeId]) -> Result<Plan> {
        if let Some((list, declared, found)) = tree.wrong_lengths.first().cloned() {
            return Err(Error::DeclaredLen {
                list,
                declared,
                found,
            });
        }
        let count = graph.nodes.len();
        let late = gradients::late(&graph);
        let mut plan = Plan {
            tensors: gradients::tensors(&graph, &late),
            late,
            graph,
            tree,
            needed: vec![false; count],
            uses: vec![0; count],
            starts: vec![0; count + 1],
            users: Vec::new(),
            actions: Vec::new(),
            touched: vec![ModuleId::ROOT],
            calls: Vec::new(),
            waits: Vec::new(),
            first: Vec::new(),
            edits: 0,
            calls_modules: false,
            goals: 0,
            callers: Vec::new(),
            gradients: None,
            rehearsal: None,
            floats: FloatDType::F32,
        };
        plan.callers = attached::callers(&plan.graph);
        plan.mark_needed(roots);
        plan.check_attached()?;
        plan.check_order()?;
        plan.check_gradients()?;
        plan.count_uses();
        plan.schedule();
        plan.gradients = plan.taps().map(Box::new);
        plan.prepare();
        Ok(plan)
    }

    /// The graph that this is the plan of, with the modules that it names.
    pub fn graph(&self) -> Graph {
        let mut graph = self.graph.clone();
        graph.model = self.tree.model_name().to_owned();
        let sites = graph.nodes.iter().filter_map(|node| match node.kind {
            NodeKind::Get(site) | NodeKind::Set { site, .. } | NodeKind::Fill { site, .. } => {
                Some(site.module)
            }
            NodeKind::Attached(call) => Some(call.module),
            NodeKind::Call(module)
            | NodeKind::Parameter { module, .. }
            | NodeKind::ParameterGradient { module, .. } => Some(module),
            _ => None,
        });
        graph.modules = sites
            .map(|module| (module.0, declaration(&self.tree, module)))
            .collect();
        graph
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.graph.nodes.len() as u32).map(NodeId)
    }

    pub(crate) fn written_site(&self, id: NodeId) -> Option<SiteId> {
        match self.graph.nodes[id.index()].kind {
            NodeKind::Set { site, .. } | NodeKind::Fill { site, .. } => Some(site),
            _ => None,
        }
    }

    /// The gradient that a node writes.
    pub(crate) fn written_gradient(&self, id: NodeId) -> Option<GradientId> {
        match self.graph.nodes[id.index()].kind {
            NodeKind::SetGradient { gradient, .. } | NodeKind::FillGradient { gradient, .. } => {
                Some(gradient)
            }
            _ => None,
        }
    }

    pub(crate) fn written_at(&self, id: NodeId) -> WrittenAt {
        WrittenAt(self.graph.nodes[id.index()].written_at)
    }

    /// Refuses edits whose value needs a site that is known to come later.
    ///
    /// Edits that share what they are computed from look at it once each: of a graph from elsewhere no more than its
    /// limit.
    fn check_order(&self) -> Result<()> {
        let most = self.graph.limits.map_or(usize::MAX, |limits| limits.order);
        let mut looked_at = 0;
        let mut seen = Seen::of(&self.graph);
        for edit in self.ids().filter(|id| self.needed[id.index()]) {
            let Some(site) = self.written_site(edit) else {
                continue;
            };
            let needed = self.later_than(edit, site, &mut seen, &mut looked_at);
            at_most("nodes behind its edits", "order", looked_at, most)?;
            if let Some(needed) = needed {
                return Err(Error::Order {
                    written: site_name(&self.tree, site),
                    needed: site_name(&self.tree, needed),
                    at: self.written_at(edit),
                });
            }
        }
        Ok(())
    }

    fn later_than(
        &self,
        edit: NodeId,
        site: SiteId,
        seen: &mut Seen,
        looked_at: &mut usize,
    ) -> Option<SiteId> {
        let inputs = &self.graph.nodes[edit.index()].inputs;
        if inputs.is_empty() {
            return None;
        }
        let called_on = self.called_on(site);
        let inputs = inputs.iter().copied();
        let before = self.graph.cone_with(seen, inputs, |id| self.caller_of(id));
        let mut before = before.inspect(|_| *looked_at += 1);
        before.find_map(|id| match self.graph.nodes[id.index()].kind {
            NodeKind::Get(read) if self.is_later(read, site, called_on.as_deref()) => Some(read),
            _ => None,
        })
    }

    fn count_uses(&mut self) {
        for id in self.ids().filter(|id| self.needed[id.index()]) {
            for input in &self.graph.nodes[id.index()].inputs {
                self.uses[input.index()] += 1;
            }
        }
        for (node, uses) in self.uses.iter().enumerate() {
            self.starts[node + 1] = self.starts[node] + uses;
        }
        let mut next = self.starts.clone();
        self.users = vec![NodeId(0); self.starts.last().copied().unwrap_or(0) as usize];
        for id in (0..self.graph.nodes.len() as u32)
            .map(NodeId)
            .filter(|id| self.needed[id.index()])
        {
            for input in &self.graph.nodes[id.index()].inputs {
                self.users[next[input.index()] as usize] = id;
                next[input.index()] += 1;
            }
        }
    }

    fn schedule(&mut self) {
        for id in self.ids().filter(|id| self.needed[id.index()]) {
            let read = match self.graph.nodes[id.index()].kind {
                NodeKind::Get(site) => Some(site),
                _ => None,
            };
            let Some(site) = read.or_else(|| self.written_site(id)) else {
                continue;
            };
            self.actions.push((site.module, site.call, site.end, id));
        }
        self.actions.sort_unstable();
        self.touched
            .extend(self.actions.iter().map(|(module, ..)| *module));
        self.touched.dedup();
    }

    /// The modules that there is something to do at, and the model itself.
    pub(crate) fn touched(&self) -> &[ModuleId] {
        &self.touched
    }

    /// A module's place among [those](Self::touched).
    pub(crate) fn place_of(&self, module: ModuleId) -> Option<usize> {
        self.touched.binary_search(&module).ok()
    }

    /// What there is to do at one call of a module, if there is something.
    pub(crate) fn actions_at(&self, module: ModuleId, call: u32) -> Option<&Actions> {
        let place = self
            .calls
            .binary_search_by_key(&(module, call), |&(module, call, _)| (module, call));
        place.ok().map(|place| &self.calls[place].2)
    }

    /// Finds out what every run of the plan would have to find out anew.
    fn prepare(&mut self) {
        let here = |(module, call, ..): &Action| (*module, *call);
        let mut start = 0;
        let same_call = |one: &Action, other: &Action| here(one) == here(other);
        let mut calls = Vec::with_capacity(self.touched.len());
        for actions in self.actions.chunk_by(same_call) {
            let (module, call) = here(&actions[0]);
            let inputs = actions.partition_point(|(.., end, _)| *end == End::Input);
            let (middle, stop) = (start + inputs, start + actions.len());
            let (input, output) = (self.ends(start..middle), self.ends(middle..stop));
            calls.push((module, call, Actions { input, output }));
            start = stop;
        }
        self.calls = calls;
        let inputs = self.graph.nodes.iter().map(|node| node.inputs.len() as u32);
        self.waits = inputs.collect();
        let nodes = || self.graph.nodes.iter().zip(self.ids());
        let needed = || nodes().filter(|(_, id)| self.needed[id.index()]);
        let is_first = |node: &Node| node.inputs.is_empty() && !node.kind.waits_for_run();
        let first = needed().filter(|(node, _)| is_first(node)).map(|(_, id)| id);
        let first = first.collect();
        let is_edit = |id| self.written_site(id).is_some() || self.written_gradient(id).is_some();
        let edits = needed().filter(|(_, id)| is_edit(*id)).count();
        let calls_module = |node: &Node| matches!(node.kind, NodeKind::Call(_) | NodeKind::Attached(_));
        let calls_modules = nodes().any(|(node, _)| calls_module(node));
        (self.first, self.edits, self.calls_modules) = (first, edits, calls_modules);
    }

    /// What there is to do at one end of a call. A tapped read would change the tensor.
    fn ends(&self, at: Range<usize>) -> Ends {
        let actions = &self.actions[at.clone()];
        let is_read = |(.., id): &Action| {
            let kind = &self.graph.nodes[id.index()].kind;
            matches!(kind, NodeKind::Get(SiteId { port: 0, .. }))
        };
        let is_kept = |(.., id): &Action| {
            let users = &self.users[self.users_of(*id)];
            users
                .iter()
                .all(|user| self.graph.nodes[user.index()].kind.is_save())
        };
        let reads_first = self.gradients.is_none() && !actions.is_empty() && actions.iter().all(is_read);
        Ends {
            reads_first,
            keeps_first: reads_first && actions.iter().all(is_kept),
            at,
        }
    }

    /// The node of an action.
    pub(crate) fn action(&self, position: usize) -> NodeId {
        self.actions[position].3
    }

    /// Whether something is done below a module (not counting the module itself). Where the module does not run, a read
    /// there has no value, and an edit would be made at a later call of what it edits, if there is one.
    pub(crate) fn is_touched_inside(&self, module: ModuleId) -> bool {
        let end = self.tree.get(module).map_or(0, |meta| meta.end);
        let first = self.actions.partition_point(|&(at, ..)| at <= module);
        self.actions.get(first).is_some_and(|(at, ..)| at.0 < end)
    }

    /// The users of a node's tensor.
    pub(crate) fn users_of(&self, id: NodeId) -> Range<usize> {
        self.starts[id.index()] as usize..self.starts[id.index() + 1] as usize
    }
}
