//! The tree of modules as text, with repeated blocks folded.

use super::NnSight;
use crate::graph::names::axes_name;
use crate::shapes::shape::KindTag;
use crate::tree::module::Inspectable;
use crate::tree::{ModuleId, ModuleMeta, Role, Tree};
use crate::values::boundary::PortMeta;
use std::fmt;

impl<M: Inspectable> fmt::Display for NnSight<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.pinned.tree.as_ref(), f)
    }
}

impl<M: Inspectable> fmt::Debug for NnSight<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.get(ModuleId::ROOT) {
            Some(root) => node(self, ModuleId::ROOT, root.type_name, 0, f)?,
            None => return Ok(()),
        }
        for root in self.attached() {
            let Some(meta) = self.get(root) else { continue };
            writeln!(f)?;
            node(self, root, &format!("attached {}", label_of(self, meta, 1)), 0, f)?;
        }
        Ok(())
    }
}

/// `  label  (Batch, Features = 5) -> (Batch, Classes = 2)`, and what lies below.
fn node(tree: &Tree, id: ModuleId, label: &str, depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Some(meta) = tree.get(id) else { return Ok(()) };
    if depth > 0 {
        writeln!(f)?;
    }
    write!(f, "{:width$}{label}", "", width = 2 * depth)?;
    if meta.type_name == "Probe" {
        // What goes through a probe comes out as it is.
        write!(f, "  {}", ports(&meta.outputs))?;
    } else if !meta.inputs.is_empty() || !meta.outputs.is_empty() {
        write!(f, "  {} -> {}", ports(&meta.inputs), ports(&meta.outputs))?;
    }
    let mut rest = meta.children.as_slice();
    while let Some((&first, _)) = rest.split_first() {
        let Some(child) = tree.get(first) else { break };
        let alike = match meta.role {
            Role::List => rest.iter().take_while(|&&other| same(tree, first, other)).count(),
            _ => 1,
        };
        node(tree, first, &label_of(tree, child, alike), depth + 1, f)?;
        rest = &rest[alike..];
    }
    Ok(())
}

fn label_of(tree: &Tree, meta: &ModuleMeta, alike: usize) -> String {
    let ModuleMeta { name, type_name, .. } = meta;
    match meta.role {
        Role::Absent => format!("{name}: None"),
        Role::List => {
            let kinds = meta
                .children
                .first()
                .and_then(|&first| tree.get(first))
                .map_or("", |m| m.type_name);
            format!(
                "{name} (0..{}): {} x {kinds}",
                meta.children.len(),
                meta.children.len()
            )
        }
        Role::Module if alike > 1 => {
            format!("{name}..{}: {type_name}", meta.position as usize + alike)
        }
        Role::Module => format!("{name}: {type_name}"),
    }
}

/// Whether two modules look alike all the way down.
fn same(tree: &Tree, a: ModuleId, b: ModuleId) -> bool {
    let (Some(a), Some(b)) = (tree.get(a), tree.get(b)) else {
        return false;
    };
    a.type_name == b.type_name
        && a.role == b.role
        && a.inputs == b.inputs
        && a.outputs == b.outputs
        && a.children.len() == b.children.len()
        && a.children
            .iter()
            .zip(&b.children)
            .all(|(&a, &b)| same(tree, a, b))
}

fn ports(ports: &[PortMeta]) -> String {
    let one = |port: &PortMeta| {
        let kind = match port.kind {
            KindTag::Float => "",
            KindTag::Int => ": Int",
            KindTag::Bool => ": Bool",
        };
        let name = port.name.trim_start_matches('.');
        let name = if name.is_empty() {
            String::new()
        } else {
            format!("{name} ")
        };
        format!("{name}{}{kind}", axes_name(port.axes))
    };
    ports.iter().map(one).collect::<Vec<_>>().join(", ")
}
