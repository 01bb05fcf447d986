//! How a tree is made: a model's modules say one after the other what they are.

use crate::shapes::axes::{AxisMeta, Extent};
use crate::tree::Tree;
use crate::tree::effect::Effect;
use crate::tree::meta::{ModuleId, ModuleMeta, Role};
use crate::tree::order::{Fields, Order};
use crate::tree::port::PortMeta;
use std::any::TypeId;

/// Builds a [`Tree`]: `derive(Inspectable)` calls it, field by field.
#[derive(Debug)]
pub struct TreeBuilder {
    tree: Tree,
    at: ModuleId,
}

impl TreeBuilder {
    /// Walks a model, and then what is attached to it.
    pub(crate) fn walk(
        describe: impl FnOnce(&mut TreeBuilder),
        attached: impl FnOnce(&mut TreeBuilder),
    ) -> Tree {
        let mut builder = TreeBuilder {
            tree: Tree::default(),
            at: ModuleId::NOWHERE,
        };
        builder.child("", describe);
        attached(&mut builder);
        builder.tree.by_address.sort_by_key(|((address, _), _)| *address);
        builder.tree.find_callers();
        builder.tree.rows = builder.tree.find_rows();
        builder.tree
    }

    fn here(&mut self) -> &mut ModuleMeta {
        &mut self.tree.modules[self.at.index()]
    }

    /// Adds a child to the current module and describes it.
    pub fn child(&mut self, name: &str, describe: impl FnOnce(&mut TreeBuilder)) {
        let id = ModuleId(self.tree.modules.len() as u32);
        let (path, position) = match self.tree.get(self.at) {
            // The model itself has no name, what is attached to it has.
            None => (name.to_owned(), 0),
            Some(parent) if parent.path.is_empty() => (name.to_owned(), parent.children.len()),
            Some(parent) => (format!("{}.{name}", parent.path), parent.children.len()),
        };
        self.tree.modules.push(ModuleMeta {
            name: name.to_owned(),
            field: None,
            path,
            type_name: "",
            role: Role::Module,
            parent: self.at,
            children: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            order: Order::NONE,
            fields: &[],
            called_by: None,
            effect: Effect::None,
            is_pure: false,
            position: position as u32,
            end: 0,
        });
        if self.at != ModuleId::NOWHERE {
            self.here().children.push(id);
        }
        let parent = std::mem::replace(&mut self.at, id);
        describe(self);
        self.here().end = self.tree.modules.len() as u32;
        let effect = self.here().effect;
        self.at = parent;
        if parent != ModuleId::NOWHERE {
            self.here().effect = effect.max(self.here().effect);
        }
    }

    /// Adds a module that is none of the model's own, and describes it.
    pub(crate) fn attached(&mut self, id: u64, name: &str, describe: impl FnOnce(&mut TreeBuilder)) {
        let root = ModuleId(self.tree.modules.len() as u32);
        self.tree.attached.push((id, root));
        self.child(name, describe);
    }

    /// Says that the current node is this module: its type's name, and where it lies; and what it may do by itself
    /// besides giving tensors.
    pub fn module<M: 'static>(&mut self, module: &M, effect: Effect) {
        let at = self.at;
        self.here().type_name = short_type_name::<M>();
        self.here().effect = effect;
        if size_of::<M>() > 0 {
            let key = (std::ptr::from_ref(module) as usize, TypeId::of::<M>());
            self.tree.by_address.push((key, at));
        }
    }

    /// Says that the current node's site is named otherwise than its field.
    pub fn renamed_from(&mut self, field: &'static str) {
        self.here().field = Some(field);
    }

    /// Says that the current node is a list; its children are its elements.
    pub fn list(&mut self, type_name: &'static str) {
        self.here().role = Role::List;
        self.here().type_name = type_name;
    }

    /// Says that the current node is an `Option` that is `None`.
    pub fn absent(&mut self) {
        self.here().role = Role::Absent;
    }

    /// Declares what goes in and out of the current module.
    pub(crate) fn ports(&mut self, inputs: Vec<PortMeta>, outputs: Vec<PortMeta>) {
        let here = self.here();
        (here.inputs, here.outputs) = (inputs, outputs);
        let ports = here.inputs.iter().chain(&here.outputs);
        let axes = ports.flat_map(|port| port.axes).copied();
        for axis in axes.collect::<Vec<_>>() {
            if axis.extent == Extent::Bound && !self.tree.axes.contains(&axis) {
                self.tree.axes.push(axis);
            }
        }
    }

    /// Says what the text of the current module's forward shows of its calls, and which fields it has.
    pub fn order(&mut self, order: Order, fields: Fields) {
        self.here().order = order;
        self.here().fields = fields;
    }

    /// Declares that the current module's forward does nothing besides giving tensors, whatever it takes.
    pub fn pure(&mut self) {
        self.here().is_pure = true;
    }

    /// Declares that one run-time axis has the size of another.
    pub fn same_size(&mut self, axis: AxisMeta, like: AxisMeta) {
        if !self.tree.aliases.contains(&(axis, like)) {
            self.tree.aliases.push((axis, like));
        }
    }

    /// Declares the axis over which inputs of the model are put together into a batch.
    pub fn rows(&mut self, axis: AxisMeta) {
        if self.at == ModuleId::ROOT {
            self.tree.rows = Some(axis);
        }
    }

    /// Declares the length of the last child, a list.
    pub fn declared_len(&mut self, declared: usize) {
        let Some(&list) = self.here().children.last() else {
            return;
        };
        let list = &self.tree.modules[list.index()];
        if list.children.len() != declared {
            let wrong = (list.path.clone(), declared, list.children.len());
            self.tree.wrong_lengths.push(wrong);
        }
    }
}

/// `Linear` of `burn_nn::modules::linear::Linear`, without what stands in `<..>`.
fn short_type_name<M>() -> &'static str {
    let full = std::any::type_name::<M>();
    let plain = full.split('<').next().unwrap_or(full);
    plain.rsplit("::").next().unwrap_or(plain)
}
