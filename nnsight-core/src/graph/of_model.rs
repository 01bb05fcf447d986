//! A graph and the model that it is of.

use super::{Graph, VERSION};
use crate::error::{Error, Result};
use crate::graph::names::declaration;
use crate::graph::node::{ModuleDecl, Node, NodeId, NodeKind, SiteId, unknown_meta};
use crate::tree::handle::End;
use crate::tree::{ModuleId, Tree};
use std::collections::BTreeMap;

impl Graph {
    /// Whether a model has the modules that this graph names, as they were where it was written.
    /// `replay` looks too; this asks no more than the tree, so that a model need not be loaded.
    ///
    /// # Errors
    /// [`Error::OtherModel`], which names the first difference.
    pub fn check_model(&self, tree: &Tree) -> Result<()> {
        let mut modules = self.modules.values();
        modules.try_for_each(|wanted| find(tree, wanted).map(drop))
    }

    /// The graph that changes nothing and saves what the model gives.
    pub fn of_output(tree: &Tree) -> Graph {
        let Some(root) = tree.get(ModuleId::ROOT) else {
            return Graph::default();
        };
        let node = |kind, inputs| Node {
            kind,
            inputs,
            meta: unknown_meta(),
            written_at: None,
        };
        let nodes = (0..root.outputs.len()).flat_map(|port| {
            let site = SiteId {
                module: ModuleId::ROOT,
                end: End::Output,
                port: port as u8,
                call: 0,
                invoke: 0,
            };
            let read = NodeId(2 * port as u32);
            [
                node(NodeKind::Get(site), vec![]),
                node(NodeKind::Save, vec![read]),
            ]
        });
        Graph {
            version: VERSION,
            model: root.type_name.to_owned(),
            modules: BTreeMap::from([(ModuleId::ROOT.0, declaration(tree, ModuleId::ROOT))]),
            nodes: nodes.collect(),
            ..Graph::default()
        }
    }
}

/// This model's module of a path, which must be what the graph was written for.
pub(crate) fn find(tree: &Tree, wanted: &ModuleDecl) -> Result<ModuleId> {
    let differs = |difference| Err(Error::OtherModel { difference });
    let name = match wanted.path.as_str() {
        "" => "the model",
        path => path,
    };
    let Some(module) = tree.by_path(&wanted.path) else {
        return differs(format!("it has a module {name}, which is not here"));
    };
    let found = declaration(tree, module);
    for (end, wanted, found) in [
        ("takes", &wanted.inputs, &found.inputs),
        ("gives", &wanted.outputs, &found.outputs),
    ] {
        if wanted != found {
            let (wanted, found) = (wanted.join(", "), found.join(", "));
            return differs(format!("there {name} {end} {wanted}, here it {end} {found}"));
        }
    }
    Ok(module)
}
