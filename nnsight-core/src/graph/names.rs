//! What messages call sites and axes.

use crate::graph::node::{AttachedCall, ModuleDecl, Node, NodeId, NodeKind, SiteId};
use crate::shapes::axes::{AxisMeta, Extent};
use crate::shapes::kind::KindTag;
use crate::tree::handle::End;
use crate::tree::port::PortMeta;
use crate::tree::{ModuleId, Tree};

/// `h.3.mlp.output`, `attn.inputs.1`, `lm_head.output (call 2)`
pub(crate) fn site_name(tree: &Tree, site: SiteId) -> String {
    let end = match site.end {
        End::Input => "input",
        End::Output => "output",
    };
    let ports = tree
        .get(site.module)
        .map_or(&[][..], |module| module.ports(site.end));
    let port = ports.get(site.port as usize).map_or("", |port| &port.name);
    let many = if ports.len() > 1 && end == "input" {
        "s"
    } else {
        ""
    };
    let path = tree.get(site.module).map_or("?", |module| &module.path);
    let dot = if path.is_empty() { "" } else { "." };
    let call = if site.call == 0 {
        String::new()
    } else {
        format!(" (call {})", site.call)
    };
    let invoke = match site.invoke {
        0 => String::new(),
        invoke => format!(" of invoke {invoke}"),
    };
    format!("{path}{dot}{end}{many}{port}{call}{invoke}")
}

/// What a node's value is called: its site, or the operation that gives it.
pub(crate) fn value_name(tree: &Tree, nodes: &[Node], id: NodeId) -> String {
    let (mut id, mut gradients) = (id, 0);
    // A graph may ask for gradients of gradients as deep as it is long; the plan refuses them, by name.
    while let Some(NodeKind::Gradient(gradient)) = nodes.get(id.index()).map(|node| &node.kind)
        && gradients <= nodes.len()
    {
        (id, gradients) = (gradient.of, gradients + 1);
    }
    let name = match nodes.get(id.index()).map(|node| &node.kind) {
        Some(NodeKind::Get(site)) => site_name(tree, *site),
        Some(NodeKind::Op(op)) => format!("(the result of `{}`)", op.name()),
        Some(NodeKind::Call(module) | NodeKind::Attached(AttachedCall { module, .. })) => {
            format!("(the result of {})", tree.path(*module))
        }
        Some(NodeKind::Parameter { module, name, .. }) => parameter_name(tree, *module, name),
        Some(NodeKind::ParameterGradient { module, name, .. }) => {
            format!("{}.grad", parameter_name(tree, *module, name))
        }
        _ => String::from("(a value)"),
    };
    name + &".grad".repeat(gradients)
}

/// `h.3.mlp.c_fc.weight`
pub(crate) fn parameter_name(tree: &Tree, module: ModuleId, name: &str) -> String {
    match tree.get(module) {
        Some(module) if !module.path.is_empty() => format!("{}.{name}", module.path),
        _ => name.to_owned(),
    }
}

/// A module as a graph that leaves the process knows it.
pub(crate) fn declaration(tree: &Tree, module: ModuleId) -> ModuleDecl {
    let ports = |end| {
        let ports = tree.get(module).map_or(&[][..], |module| module.ports(end));
        let port = |port: &PortMeta| match port.kind {
            KindTag::Float => axes_name(port.axes),
            kind => format!("{}: {kind:?}", axes_name(port.axes)),
        };
        ports.iter().map(port).collect()
    };
    ModuleDecl {
        path: tree
            .get(module)
            .map_or_else(String::new, |module| module.path.clone()),
        inputs: ports(End::Input),
        outputs: ports(End::Output),
    }
}

/// `(Batch, Hidden = 10)`
pub(crate) fn axes_name(axes: &[AxisMeta]) -> String {
    let axes: Vec<String> = axes
        .iter()
        .map(|axis| match axis.extent {
            Extent::Fixed(size) => format!("{} = {size}", axis.name),
            _ => axis.name.to_owned(),
        })
        .collect();
    format!("({})", axes.join(", "))
}
