//! The tree of modules as plain data: what programs read of a model.

use crate::shapes::axes::Extent;
use crate::shapes::shape::KindTag;
use crate::tree::port::PortMeta;
use crate::tree::{ModuleMeta, Role, Tree};
use serde::Serialize;

/// A module of a model, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModuleOutline {
    /// Its path from the model, as `h.3.mlp`; empty for the model.
    pub path: String,
    /// The name of its type.
    #[serde(rename = "type")]
    pub type_name: &'static str,
    /// What goes in.
    pub inputs: Vec<TensorOutline>,
    /// What comes out.
    pub outputs: Vec<TensorOutline>,
}

/// A tensor that passes a module's boundary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TensorOutline {
    /// `input` or `output` where there is one only; otherwise the argument's name, or its number.
    pub name: String,
    /// The kind of its elements.
    pub kind: KindTag,
    /// Its axes, outermost first.
    pub axes: Vec<AxisOutline>,
}

/// An axis of such a tensor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AxisOutline {
    /// The axis' name.
    pub name: &'static str,
    /// How many elements it has; `None` where the input decides.
    pub size: Option<usize>,
}

impl Tree {
    /// The modules with what goes in and out of them, depth first; the model itself is the first.
    pub fn outline(&self) -> Vec<ModuleOutline> {
        let present = self.modules.iter().filter(|module| module.role != Role::Absent);
        present.map(outline).collect()
    }

    /// What the model itself takes.
    pub fn inputs(&self) -> Vec<TensorOutline> {
        let root = self.modules.first();
        root.map_or_else(Vec::new, |root| tensors(&root.inputs, "input"))
    }
}

fn outline(module: &ModuleMeta) -> ModuleOutline {
    ModuleOutline {
        path: module.path.clone(),
        type_name: module.type_name,
        inputs: tensors(&module.inputs, "input"),
        outputs: tensors(&module.outputs, "output"),
    }
}

fn tensors(ports: &[PortMeta], only: &str) -> Vec<TensorOutline> {
    let tensor = |port: &PortMeta| TensorOutline {
        name: match port.name.trim_start_matches('.') {
            "" => only.to_owned(),
            name => name.to_owned(),
        },
        kind: port.kind,
        axes: port
            .axes
            .iter()
            .map(|axis| AxisOutline {
                name: axis.name,
                size: match axis.extent {
                    Extent::Fixed(size) => Some(size),
                    Extent::Bound | Extent::Free => None,
                },
            })
            .collect(),
    };
    ports.iter().map(tensor).collect()
}
