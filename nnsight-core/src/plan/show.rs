//! The plan as text.

use super::Plan;
use crate::graph::names::{site_name, value_name};
use crate::graph::node::{NodeId, NodeKind};
use std::fmt;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let needed = self.needed.iter().filter(|needed| **needed).count();
        writeln!(
            f,
            "{}: {} of {} nodes run, {} saved",
            self.tree.model_name(),
            needed,
            self.needed.len(),
            self.needed_saves()
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
                NodeKind::Attached(call) => write!(f, "call {}", self.tree.path(call.module))?,
                NodeKind::Part(part) => write!(f, "part {part}")?,
                NodeKind::Map(_) => write!(f, "closure")?,
                NodeKind::Save => write!(f, "save")?,
                NodeKind::TrySave => write!(f, "save if it comes to be")?,
                NodeKind::Generated(_) => write!(f, "the generated tokens")?,
                NodeKind::Backward => write!(f, "backward from")?,
                NodeKind::Parameter { .. } => {
                    write!(
                        f,
                        "read {}",
                        value_name(&self.tree, &self.graph.nodes, NodeId(i as u32))
                    )?;
                }
                NodeKind::Gradient(_) | NodeKind::ParameterGradient { .. } => {
                    write!(f, "read {}", self.gradient_name(NodeId(i as u32)))?;
                }
                NodeKind::SetGradient { takes, .. } => {
                    write!(f, "write {}", self.gradient_name(NodeId(i as u32)))?;
                    if !takes.is_empty() {
                        write!(f, " (part)")?;
                    }
                }
                NodeKind::FillGradient { number, .. } => {
                    write!(f, "fill {} with {number:?}", self.gradient_name(NodeId(i as u32)))?;
                }
                NodeKind::ParameterGradients { .. } => write!(f, "save all parameters' gradients")?,
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

impl Plan {
    fn needed_saves(&self) -> usize {
        let nodes = self.graph.nodes.iter().zip(&self.needed);
        nodes
            .filter(|(node, needed)| **needed && node.kind.is_save())
            .count()
    }
}
