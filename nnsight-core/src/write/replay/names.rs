//! What the saved values of a graph are called.

use crate::graph::names::{site_name, value_name};
use crate::graph::node::{NodeKind, SiteId};
use crate::write::builder::{Builder, ValueRef};
use std::collections::{HashMap, HashSet};

/// What a saved value is called: its site, or how it is computed.
///
/// `own` gives the prompts' numbers in the graph.
pub(super) fn name_of(builder: &Builder, value: ValueRef, own: &dyn Fn(u16) -> u16) -> String {
    let (tree, nodes) = (&builder.tree, builder.nodes());
    let kind = &nodes[value.node.index()].kind;
    match kind {
        NodeKind::Get(site) => {
            let invoke = own(site.invoke);
            site_name(tree, SiteId { invoke, ..*site })
        }
        NodeKind::Op(op) => op.name().to_owned(),
        NodeKind::Generated(invoke) => match own(*invoke) {
            0 => String::from("generator.output"),
            invoke => format!("generator.output of invoke {invoke}"),
        },
        _ => value_name(tree, nodes, value.node),
    }
}

/// Names that are given, each to one value.
#[derive(Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    /// The number that a name got last.
    last: HashMap<String, usize>,
}

impl Names {
    /// A name that is not taken: `name` itself, or with the next number.
    pub(super) fn free(&mut self, name: String) -> String {
        if self.taken.insert(name.clone()) {
            return name;
        }
        let last = self.last.entry(name.clone()).or_insert(1);
        loop {
            *last += 1;
            let numbered = format!("{name} #{last}");
            if self.taken.insert(numbered.clone()) {
                return numbered;
            }
        }
    }
}
