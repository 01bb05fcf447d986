//! Parameters that a trace reads: looked up once, when the pass starts.

use crate::error::{Error, Result};
use crate::graph::node::{NodeId, NodeKind};
use crate::plan::Plan;
use crate::tensor::erased::Erased;
use burn::module::{ModuleVisitor, Param};
use burn::tensor::Tensor;

/// The parameters that a plan reads, as handles, which `visit` looks for in the model that runs. Tracked ones are tracked
/// here too.
///
/// # Errors
/// [`Error::NoParameter`] for one that the model does not have, [`Error::WrongSizes`] for one of other sizes than its
/// module's declared axes say.
pub(crate) fn read(plan: &Plan, visit: impl FnOnce(&mut Finder<'_>)) -> Result<Vec<(NodeId, Erased)>> {
    let nodes = plan.ids().filter(|id| plan.needed[id.index()]);
    let read = nodes.filter_map(|id| match &plan.graph.nodes[id.index()].kind {
        NodeKind::Parameter { module, name, .. } => Some((id, plan.parameter_path(*module, name))),
        _ => None,
    });
    let wanted: Vec<(NodeId, String)> = read.collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let mut finder = Finder {
        wanted: &wanted,
        path: Vec::new(),
        found: Vec::with_capacity(wanted.len()),
    };
    visit(&mut finder);
    let found = finder.found;
    for (id, name) in &wanted {
        let Some((_, tensor)) = found.iter().find(|(node, _)| node == id) else {
            return Err(Error::NoParameter {
                name: name.clone(),
                at: plan.written_at(*id),
            });
        };
        let (wanted, found) = (plan.graph.nodes[id.index()].meta.dims, tensor.dims());
        if wanted.unify(&found).is_none() {
            return Err(Error::WrongSizes {
                site: name.clone(),
                wanted,
                found,
                at: plan.written_at(*id),
            });
        }
    }
    Ok(found)
}

/// Looks for parameters by their paths.
pub(crate) struct Finder<'a> {
    wanted: &'a [(NodeId, String)],
    path: Vec<String>,
    found: Vec<(NodeId, Erased)>,
}

impl ModuleVisitor for Finder<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let path = self.path.join(".");
        for (id, wanted) in self.wanted {
            if *wanted == path {
                self.found.push((*id, Erased::new(param.val())));
            }
        }
    }
}
