//! What a plan does with gradients: which loss, which taps, and what belongs to the backward pass.

use super::Plan;
use crate::error::{Error, Result, WrittenAt};
use crate::graph::Graph;
use crate::graph::names::{site_name, value_name};
use crate::graph::node::{NodeId, NodeKind, SiteId};
use crate::plan::taps::Gradients;
use crate::plan::wanted::Wanted;
use crate::tree::{ModuleId, Tree};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Names the loss of every gradient that names none: the only one, or the only one of its invoke.
///
/// # Errors
/// [`Error::NoBackward`] if there is none, [`Error::SeveralLosses`] if there are more.
pub(super) fn resolve(graph: &mut Graph, tree: &Tree) -> Result<()> {
    let ids = (0..graph.nodes.len() as u32).map(NodeId);
    let is_unnamed = |id: &NodeId| {
        let kind = &graph.nodes[id.index()].kind;
        kind.is_of_backward() && kind.backward().is_none()
    };
    let unnamed: Vec<NodeId> = ids.clone().filter(is_unnamed).collect();
    if unnamed.is_empty() {
        return Ok(());
    }
    let is_loss = |id: &NodeId| matches!(graph.nodes[id.index()].kind, NodeKind::Backward);
    let losses: Vec<(NodeId, BTreeSet<u16>)> = ids
        .filter(is_loss)
        .map(|loss| (loss, invokes_of(graph, loss)))
        .collect();
    for id in unnamed {
        let node = &graph.nodes[id.index()];
        let of = node.kind.gradient().map(|gradient| gradient.of);
        let of_invoke = || {
            let own = invokes_of(graph, of?);
            let is_mine = |(_, invokes): &&(NodeId, BTreeSet<u16>)| !invokes.is_disjoint(&own);
            let mut mine = losses.iter().filter(is_mine);
            mine.next().filter(|_| !own.contains(&0) && mine.next().is_none())
        };
        let loss = match &losses[..] {
            [only] => Some(only),
            _ => of_invoke(),
        };
        let Some((loss, _)) = loss else {
            let (losses, at) = (losses.len(), WrittenAt(node.written_at));
            let gradient = match node.kind.gradient() {
                Some(gradient) => format!("{}.grad", value_name(tree, &graph.nodes, gradient.of)),
                None => value_name(tree, &graph.nodes, id),
            };
            return Err(match losses {
                0 => Error::NoBackward { gradient, at },
                losses => Error::SeveralLosses { gradient, losses, at },
            });
        };
        graph.nodes[id.index()].kind.name_backward(*loss);
    }
    Ok(())
}

/// The invokes whose sites a node is computed from; 0 for those of the whole batch.
fn invokes_of(graph: &Graph, id: NodeId) -> BTreeSet<u16> {
    let reads = graph
        .cone([id])
        .filter_map(|id| match graph.nodes[id.index()].kind {
            NodeKind::Get(site) => Some(site.invoke),
            _ => None,
        });
    reads.collect()
}

/// Which nodes exist only once a backward pass has run; empty if none does.
pub(super) fn late(graph: &Graph) -> Vec<bool> {
    if !graph.nodes.iter().any(|node| node.kind.is_of_backward()) {
        return Vec::new();
    }
    let mut late = vec![false; graph.nodes.len()];
    for (i, node) in graph.nodes.iter().enumerate() {
        late[i] = node.kind.is_of_backward() || node.inputs.iter().any(|input| late[input.index()]);
    }
    late
}

/// The tensor of the run that each node stands for, by the first node that does: reads of a site with no write between
/// them have one. Empty where no gradient is.
pub(super) fn tensors(graph: &Graph, late: &[bool]) -> Vec<NodeId> {
    if late.is_empty() {
        return Vec::new();
    }
    let mut read: HashMap<SiteId, NodeId> = HashMap::new();
    let ids = (0..graph.nodes.len() as u32).map(NodeId);
    let tensor = |id: NodeId| match graph.nodes[id.index()].kind {
        NodeKind::Get(site) => *read.entry(site).or_insert(id),
        NodeKind::Set { site, .. } | NodeKind::Fill { site, .. } => {
            read.remove(&site);
            id
        }
        _ => id,
    };
    ids.map(tensor).collect()
}

impl Plan {
    /// Whether a node exists only once the backward pass has run.
    pub(crate) fn is_late(&self, id: NodeId) -> bool {
        self.late.get(id.index()).copied().unwrap_or(false)
    }

    /// The losses whose backward passes are needed, in program order.
    pub(crate) fn losses(&self) -> Vec<NodeId> {
        let is_loss = |id: &NodeId| matches!(self.graph.nodes[id.index()].kind, NodeKind::Backward);
        self.ids()
            .filter(|id| self.needed[id.index()])
            .filter(is_loss)
            .collect()
    }

    /// The node that stands for the same tensor of the run as another, and is the first that does.
    pub(super) fn tensor_of(&self, id: NodeId) -> NodeId {
        self.tensors[id.index()]
    }

    /// Refuses derivatives of gradients, and gradients in the forward pass.
    pub(super) fn check_gradients(&self) -> Result<()> {
        if self.late.is_empty() {
            return Ok(());
        }
        for id in self.ids().filter(|id| self.needed[id.index()]) {
            let node = &self.graph.nodes[id.index()];
            let differentiated = match node.kind {
                NodeKind::Backward => node.inputs.first().copied(),
                _ => node.kind.gradient().map(|gradient| gradient.of),
            };
            if let Some(gradient) = differentiated.and_then(|of| self.gradient_in(of)) {
                let at = self.written_at(id);
                return Err(Error::SecondOrder { gradient, at });
            }
            if let Some(site) = self.written_site(id)
                && let Some(gradient) = node.inputs.iter().find_map(|input| self.gradient_in(*input))
            {
                return Err(Error::GradientInForward {
                    gradient,
                    written: site_name(&self.tree, site),
                    at: self.written_at(id),
                });
            }
        }
        Ok(())
    }

    /// The first gradient that a node needs, by name.
    pub(crate) fn gradient_in(&self, id: NodeId) -> Option<String> {
        let mut at = Some(id).filter(|id| self.is_late(*id))?;
        loop {
            let node = &self.graph.nodes[at.index()];
            if node.kind.is_of_backward() {
                return Some(self.gradient_name(at));
            }
            at = *node.inputs.iter().find(|input| self.is_late(**input))?;
        }
    }

    /// `layer1.output.grad`, of a node that reads or writes it.
    pub(crate) fn gradient_name(&self, id: NodeId) -> String {
        match self.graph.nodes[id.index()].kind.gradient() {
            Some(gradient) => format!("{}.grad", value_name(&self.tree, &self.graph.nodes, gradient.of)),
            None => value_name(&self.tree, &self.graph.nodes, id),
        }
    }

    /// The taps of the needed gradients, if there are any.
    pub(super) fn taps(&self) -> Option<Gradients> {
        if !self.ids().any(|id| self.needed[id.index()] && self.is_late(id)) {
            return None;
        }
        // The first needed node of each tensor: the tap is there, so that every reader of the site has the tapped tensor.
        let mut first = HashMap::new();
        for id in self.ids().filter(|id| self.needed[id.index()]) {
            first.entry(self.tensors[id.index()]).or_insert(id);
        }
        let mut taps: BTreeMap<NodeId, u32> = BTreeMap::new();
        let mut actions: Vec<Vec<NodeId>> = Vec::new();
        let mut wanted = Wanted::Named(Vec::new());
        for id in self.ids().filter(|id| self.needed[id.index()]) {
            let kind = &self.graph.nodes[id.index()].kind;
            match (kind, &mut wanted) {
                (NodeKind::ParameterGradients { .. }, _) => wanted = Wanted::All,
                (NodeKind::ParameterGradient { module, name, .. }, Wanted::Named(names)) => {
                    names.push((self.parameter_path(*module, name), self.written_at(id)));
                }
                _ => {}
            }
            let Some(gradient) = kind.gradient() else {
                continue;
            };
            let tensor = self.tensors[gradient.of.index()];
            let tapped = first.get(&tensor).copied().unwrap_or(gradient.of);
            let tap = *taps.entry(tapped).or_insert(actions.len() as u32) as usize;
            match actions.get_mut(tap) {
                Some(there) => there.push(id),
                None => actions.push(vec![id]),
            }
        }
        Some(Gradients {
            taps: taps.into_iter().collect(),
            actions,
            wanted,
        })
    }

    /// A parameter's name in Burn's records: by the names of fields, not of sites.
    pub(crate) fn parameter_path(&self, module: ModuleId, name: &str) -> String {
        let mut path = vec![name];
        let mut at = module;
        while at != ModuleId::ROOT {
            let Some(module) = self.tree.get(at) else { break };
            path.push(module.field.unwrap_or(&module.name));
            at = module.parent;
        }
        path.reverse();
        path.join(".")
    }
}
