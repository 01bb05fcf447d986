//! The plan as text.

use super::Plan;
use crate::graph::{NodeKind, site_name};
use std::fmt;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let needed = self.needed.iter().filter(|needed| **needed).count();
        writeln!(
            f,
            "{}: {} of {} nodes run, {} saved",
            self.model_name(),
            needed,
            self.needed.len(),
            self.saves
        )?;
        for (i, node) in self.graph.nodes.iter().enumerate() {
            let mark = if self.needed[i] { ' ' } else { '-' };
            write!(f, "{mark} #{i:<3} ")?;
            match &node.kind {
                NodeKind::Get(site) => write!(f, "read {}", site_name(&self.tree, *site))?,
                NodeKind::Set { site, takes } => {
                    write!(f, "write {}", site_name(&self.tree, *site))?;
                    if !takes.is_empty() {
                        write!(f, " (part)")?;
                    }
                }
                NodeKind::Fill { site, number, .. } => {
                    write!(f, "fill {} with {number:?}", site_name(&self.tree, *site))?;
                }
                NodeKind::Op(op) => write!(f, "{}", op.name())?,
                NodeKind::Constant(_) => write!(f, "constant")?,
                NodeKind::Call(module) => write!(f, "call {}", self.tree.path(*module))?,
                NodeKind::Part(part) => write!(f, "part {part}")?,
                NodeKind::Map(_) => write!(f, "closure")?,
                NodeKind::Save => write!(f, "save")?,
            }
            for input in &node.inputs {
                write!(f, " #{}", input.0)?;
            }
            match node.meta.dims.elements() {
                Some(elements) => writeln!(f, "  {} = {elements} elements", node.meta.dims)?,
                None => writeln!(f, "  {}", node.meta.dims)?,
            }
        }
        write!(
            f,
            "  ({} nodes marked - are not needed by anything saved)",
            self.needed.len() - needed
        )
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
