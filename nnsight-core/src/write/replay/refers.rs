//! What a node of a graph refers to, which has to be there and be what the node takes.

use super::Replay;
use crate::error::{Error, Result, WrittenAt};
use crate::graph::limits;
use crate::graph::node::{AttachedCall, GradientId, NodeId, NodeKind, SiteId};
use crate::shapes::index::Take;
use crate::shapes::meta::TensorMeta;
use crate::shapes::shape::KindTag;
use crate::tree::ModuleId;
use crate::write::builder::ValueRef;
use crate::write::place::Written;

impl Replay<'_> {
    pub(super) fn broken<T>(&self, node: usize, reason: impl Into<String>) -> Result<T> {
        let reason = reason.into();
        Err(Error::BrokenGraph { node, reason })
    }

    pub(super) fn at_node(&self, node: usize, source: Error) -> Error {
        let kind = match &self.graph.nodes[node].kind {
            NodeKind::Op(op) => op.name(),
            kind => kind.name(),
        };
        Error::GraphNode {
            node,
            kind: kind.to_owned(),
            source: Box::new(source),
        }
    }

    /// Refuses an operation whose result would be too large, before anything is made.
    pub(super) fn check_size(&mut self, node: usize) -> Result<()> {
        let Some(written) = self.nodes.last() else {
            return Ok(());
        };
        let written = &self.builder.nodes()[written.node.index()];
        let NodeKind::Op(op) = &written.kind else {
            return Ok(());
        };
        let inputs = written.inputs.iter();
        let inputs: Vec<TensorMeta> = inputs.map(|id| self.builder.nodes()[id.index()].meta).collect();
        let at = WrittenAt(Some(self.at));
        let found = op.check_elements(&inputs, self.limits.elements);
        let found = found.map_err(|source| self.at_node(node, Error::op(op, source, at)))?;
        self.work = self.work.saturating_add(found);
        limits::at_most(
            "elements and products to compute",
            "work",
            self.work,
            self.limits.work,
        )
    }

    /// An earlier node that gives one tensor.
    pub(super) fn tensor(&self, node: usize, wanted: NodeId) -> Result<ValueRef> {
        let value = self.earlier(node, wanted)?;
        let kind = &self.builder.nodes()[value.node.index()].kind;
        let ports = |module: &ModuleId| {
            let module = self.builder.tree.get(*module);
            module.map_or(0, |module| module.outputs.len())
        };
        match kind {
            NodeKind::Call(module) | NodeKind::Attached(AttachedCall { module, .. })
                if ports(module) != 1 =>
            {
                self.broken(
                    node,
                    format!(
                        "node {} gives {} tensors: name a part of it",
                        wanted.0,
                        ports(module)
                    ),
                )
            }
            kind if kind.gives_tensor() => Ok(value),
            kind => self.broken(
                node,
                format!(
                    "it needs the tensor of node {}, a {}, which gives none",
                    wanted.0,
                    kind.name()
                ),
            ),
        }
    }

    /// A site that is there, and what its tensor is declared to be.
    pub(super) fn port(&mut self, node: usize, site: SiteId, what: &str) -> Result<(SiteId, TensorMeta)> {
        let site = self.site(node, site)?;
        let Some((axes, kind)) = self.builder.port(site, WrittenAt(None)) else {
            return self.broken(node, format!("it {what} a tensor that its module does not have"));
        };
        let dims = self.builder.dims_of(axes, self.builder.view_at(site));
        Ok((site, TensorMeta { kind, dims }))
    }

    /// Refuses what cannot be written into a place: a part that it does not have, another kind.
    pub(super) fn check_write(
        &self,
        node: usize,
        place: TensorMeta,
        takes: &[Take],
        written: &Written,
    ) -> Result<()> {
        if takes.len() > place.dims.rank() {
            return self.broken(node, format!("it indexes {} axes of {}", takes.len(), place.dims));
        }
        match written {
            Written::Number(number) => number.check(place.kind).map_err(|source| {
                let (operation, at) = (String::from("writing"), WrittenAt(None));
                self.at_node(
                    node,
                    Error::Op {
                        operation,
                        source,
                        at,
                    },
                )
            }),
            Written::Value(value) | Written::Last(value) => match self.builder.meta(*value) {
                Some(found) if found.kind != place.kind => {
                    let (place, wanted) = (String::from("what is written"), place.kind);
                    let (found, at) = (found.kind, WrittenAt(None));
                    Err(self.at_node(
                        node,
                        Error::WrongKind {
                            place,
                            wanted,
                            found,
                            at,
                        },
                    ))
                }
                _ => Ok(()),
            },
        }
    }

    /// An earlier node.
    pub(super) fn earlier(&self, node: usize, wanted: NodeId) -> Result<ValueRef> {
        match self.nodes.get(wanted.index()) {
            Some(value) => Ok(*value),
            None => self.broken(
                node,
                format!("it needs node {}, which does not come before it", wanted.0),
            ),
        }
    }

    pub(super) fn module(&self, node: usize, module: ModuleId) -> Result<ModuleId> {
        match self.modules.get(&module.0) {
            Some(module) => Ok(*module),
            None => self.broken(
                node,
                format!("it names module {}, which the graph does not declare", module.0),
            ),
        }
    }

    pub(super) fn invoke(&self, node: usize, invoke: u16) -> Result<u16> {
        if let Some(among) = &self.among {
            let found = match (self.graph.invokes.is_empty(), invoke) {
                (true, 0) => Some(*among.start()),
                (false, 1..) => among.start().checked_add(invoke - 1),
                _ => None,
            };
            return match found.filter(|found| among.contains(found)) {
                Some(found) => Ok(found),
                None => self.broken(
                    node,
                    format!("prompt {invoke} is none of its own in a pass that it shares"),
                ),
            };
        }
        let invokes = self.builder.bound.len();
        match invoke as usize > invokes {
            false => Ok(invoke),
            true => self.broken(
                node,
                format!("it belongs to prompt {invoke} of the trace, which has {invokes}"),
            ),
        }
    }

    /// What a prompt of the trace is called in the graph.
    pub(super) fn own_invoke(&self, invoke: u16) -> u16 {
        match &self.among {
            Some(_) if self.graph.invokes.is_empty() => 0,
            Some(among) => (invoke + 1).saturating_sub(*among.start()),
            None => invoke,
        }
    }

    pub(super) fn site(&self, node: usize, site: SiteId) -> Result<SiteId> {
        Ok(SiteId {
            module: self.module(node, site.module)?,
            invoke: self.invoke(node, site.invoke)?,
            ..site
        })
    }

    pub(super) fn gradient(&self, node: usize, gradient: GradientId) -> Result<(GradientId, TensorMeta)> {
        let of = self.tensor(node, gradient.of)?;
        let Some(meta) = self.builder.meta(of) else {
            return self.broken(node, "it is the gradient of a node without a tensor");
        };
        if meta.kind != KindTag::Float {
            let reason = format!(
                "it is the gradient of node {}, a tensor of kind {:?}: only those of kind Float have one",
                gradient.of.0, meta.kind
            );
            return self.broken(node, reason);
        }
        if self.graph.nodes[gradient.of.index()].kind.is_of_backward() {
            let reason = format!(
                "it is the gradient of node {}, which is one itself",
                gradient.of.0
            );
            return self.broken(node, reason);
        }
        let backward = self.backward(node, gradient.backward)?;
        Ok((
            GradientId {
                of: of.node,
                backward,
            },
            meta,
        ))
    }

    /// A backward pass. It may come later: a gradient is written before the loss is.
    pub(super) fn backward(&self, node: usize, backward: Option<NodeId>) -> Result<Option<NodeId>> {
        let Some(backward) = backward else {
            return Ok(None);
        };
        match self.graph.nodes.get(backward.index()).map(|node| &node.kind) {
            Some(NodeKind::Backward) => Ok(Some(NodeId(self.before + backward.0))),
            _ => self.broken(node, format!("node {} is no backward pass", backward.0)),
        }
    }
}
