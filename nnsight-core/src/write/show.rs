//! What `{:?}` says of a value and of a site, while its trace is written.

use crate::graph::names::{site_name, value_name};
use crate::graph::node::{NodeKind, SiteId};
use crate::shapes::meta::TensorMeta;
use crate::shapes::shape::KindTag;
use crate::write::builder::{Builder, ValueRef};
use crate::write::open::with;
use std::fmt;

/// `Value(layer1.output: [2, 3])`, `Value(argmax: [2], Int)`
pub(crate) fn show(value: ValueRef, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let named = |builder: &mut Builder| {
        let meta = builder.meta(value)?;
        let node = &builder.nodes()[value.node.index()];
        let name = match &node.kind {
            NodeKind::Op(op) => op.name().to_owned(),
            _ => value_name(&builder.tree, builder.nodes(), value.node),
        };
        Some(with_sizes(&name, meta))
    };
    match with(named).flatten() {
        Some(named) => write!(f, "Value({named})"),
        None => f.write_str("Value(of a trace that is not being written)"),
    }
}

/// `Site(layer1.output: [2, 3])`
pub(crate) fn show_site(site: SiteId, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let named = |builder: &mut Builder| {
        let name = site_name(&builder.tree, site);
        let module = builder.tree.get(site.module);
        let port = module.and_then(|module| module.ports(site.end).get(site.port as usize));
        match port {
            Some(port) => with_sizes(
                &name,
                TensorMeta {
                    kind: port.kind,
                    dims: builder.dims_of(port.axes, builder.view_at(site)),
                },
            ),
            None => name,
        }
    };
    match with(named) {
        Some(named) => write!(f, "Site({named})"),
        None => f.write_str("Site(of no trace that is being written)"),
    }
}

fn with_sizes(name: &str, meta: TensorMeta) -> String {
    match meta.kind {
        KindTag::Float => format!("{name}: {}", meta.dims),
        kind => format!("{name}: {}, {kind:?}", meta.dims),
    }
}
