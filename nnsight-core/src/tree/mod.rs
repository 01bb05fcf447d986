//! The tree of a model's modules, numbered once when the model is pinned.

pub mod boundary;
pub mod check;
pub(crate) mod effect;
pub(crate) mod handle;
pub(crate) mod module;
pub(crate) mod order;
pub(crate) mod outline;

use crate::shapes::axes::{AxisMeta, Extent};
use crate::tree::boundary::{Boundary, PortMeta};
use crate::tree::effect::Effect;
use crate::tree::handle::End;
use crate::tree::order::{Fields, Level, Order, Place, Step};
use serde::{Deserialize, Serialize};
use std::any::TypeId;
use std::borrow::Cow;

/// A module's number in its model's tree; the model itself is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ModuleId(pub u32);

impl ModuleId {
    /// No module: a path through an `Option` that is `None`, or the constant tree.
    pub const NOWHERE: ModuleId = ModuleId(u32::MAX);
    pub(crate) const ROOT: ModuleId = ModuleId(0);

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a node of the tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A module of the user's, or one of Burn's.
    Module,
    /// A list of modules: it has no forward of its own.
    List,
    /// An `Option` that is `None`.
    Absent,
}

/// What becomes of an axis from one forward pass of a generation to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InSteps {
    /// It has the one new position.
    Position,
    /// It has one position more.
    Past,
    /// Nothing.
    Same,
}

/// One module of a model.
#[derive(Clone, Debug)]
pub(crate) struct ModuleMeta {
    /// The field's name, or the position in a list.
    pub(crate) name: String,
    /// The field's own name where the site is renamed.
    pub(crate) field: Option<&'static str>,
    /// The module's path from the model, as `h.3.mlp`; empty for the model.
    pub(crate) path: String,
    pub(crate) type_name: &'static str,
    pub(crate) role: Role,
    pub(crate) parent: ModuleId,
    pub(crate) children: Vec<ModuleId>,
    pub(crate) inputs: Vec<PortMeta>,
    pub(crate) outputs: Vec<PortMeta>,
    /// What its forward calls, as far as its text shows.
    pub(crate) order: Order,
    fields: Fields,
    /// Which module's forward calls it, and where, if the texts show that there is one such place.
    pub(crate) called_by: Option<(ModuleId, Place)>,
    /// What it, or a module below, may do besides giving tensors.
    pub(crate) effect: Effect,
    /// Whether what it takes says nothing of that.
    pub(crate) is_pure: bool,
    /// The position among the parent's children.
    pub(crate) position: u32,
    /// One past the last module below this one: numbers are given depth first.
    pub(crate) end: u32,
}

impl ModuleMeta {
    /// Its path; the model itself has none.
    pub(crate) fn name_in_messages(&self) -> &str {
        match self.path.as_str() {
            "" => "the model",
            path => path,
        }
    }

    /// The declared tensors of one end.
    pub(crate) fn ports(&self, end: End) -> &[PortMeta] {
        match end {
            End::Input => &self.inputs,
            End::Output => &self.outputs,
        }
    }
}

/// A model's modules.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    pub(crate) modules: Vec<ModuleMeta>,
    /// Sorted by address once the walk is over.
    by_address: Vec<((usize, TypeId), ModuleId)>,
    /// Modules that are not the model's own, by the number of their [`Attached`](crate::model::attach::Attached).
    attached: Vec<(u64, ModuleId)>,
    /// Run-time axes that have the size of another one.
    pub(crate) aliases: Vec<(AxisMeta, AxisMeta)>,
    /// The axis of rows, where the model declares it.
    rows: Option<AxisMeta>,
    /// Run-time axes of its modules, each once.
    axes: Vec<AxisMeta>,
    /// Lists whose length is not the declared one: path, declared, found.
    pub(crate) wrong_lengths: Vec<(String, usize, usize)>,
}

impl Tree {
    pub(crate) fn get(&self, id: ModuleId) -> Option<&ModuleMeta> {
        self.modules.get(id.index())
    }

    /// The children of a module, in the order of its fields.
    pub fn children(&self, id: ModuleId) -> &[ModuleId] {
        self.get(id).map_or(&[], |module| &module.children)
    }

    /// One child of a module, by the position of its field; [`ModuleId::NOWHERE`] if there is none.
    pub fn child(&self, id: ModuleId, position: usize) -> ModuleId {
        self.children(id)
            .get(position)
            .copied()
            .unwrap_or(ModuleId::NOWHERE)
    }

    /// The type of the model.
    pub(crate) fn model_name(&self) -> &'static str {
        self.get(ModuleId::ROOT).map_or("", |root| root.type_name)
    }

    /// The axis over which inputs are put together into a batch: the declared one, or the run-time axis of the
    /// model's first input that is called `Batch`. No other is taken for it, since along a sequence inputs would run
    /// into each other.
    pub(crate) fn rows_axis(&self) -> Option<AxisMeta> {
        let root = self.get(ModuleId::ROOT)?;
        let of_input = || {
            let mut axes = root.inputs.first()?.axes.iter();
            axes.find(|axis| axis.name == "Batch" && axis.extent == Extent::Bound)
        };
        let has = |rows: &AxisMeta| root.inputs.iter().any(|port| port.axes.contains(rows));
        match self.rows {
            Some(rows) => Some(rows).filter(has),
            None => of_input().copied(),
        }
    }

    /// An axis as graphs name it: one that shares its name with others has a number.
    pub(crate) fn axis_label(&self, axis: &AxisMeta) -> Cow<'static, str> {
        let mut of_name = self.axes.iter().filter(|known| known.name == axis.name);
        match of_name.position(|known| known.id == axis.id) {
            None | Some(0) => Cow::Borrowed(axis.name),
            Some(before) => Cow::Owned(format!("{}#{}", axis.name, before + 1)),
        }
    }

    /// The axis of positions: the second one of the model's first input.
    pub(crate) fn position_axis(&self) -> Option<AxisMeta> {
        let root = self.get(ModuleId::ROOT)?;
        root.inputs.first()?.axes.get(1).copied()
    }

    /// What becomes of an axis when a model continues what it has read.
    pub(crate) fn axis_in_steps(&self, axis: &AxisMeta) -> InSteps {
        let position = self.position_axis().map(|position| position.id);
        let mut like = self.aliases.iter().filter(|(alias, _)| alias.id == axis.id);
        if position == Some(axis.id) {
            InSteps::Position
        } else if like.any(|(_, like)| Some(like.id) == position) {
            InSteps::Past
        } else {
            InSteps::Same
        }
    }

    /// A module's path from the model; the model's own is `model`.
    pub fn path(&self, id: ModuleId) -> &str {
        match self.get(id) {
            Some(module) if module.path.is_empty() => "model",
            Some(module) => &module.path,
            None => "(a module that this model does not have)",
        }
    }

    /// The module at an address. Types without a size share addresses, so they are not found this way.
    pub(crate) fn at_address<M: 'static>(&self, module: &M) -> Option<ModuleId> {
        self.at_key((std::ptr::from_ref(module) as usize, TypeId::of::<M>()))
    }

    /// The module at an address, by address and type.
    pub(crate) fn at_key(&self, key: (usize, TypeId)) -> Option<ModuleId> {
        let first = self
            .by_address
            .partition_point(|((address, _), _)| *address < key.0);
        let here = self.by_address[first..]
            .iter()
            .take_while(|((address, _), _)| *address == key.0);
        here.into_iter()
            .find(|((_, of), _)| *of == key.1)
            .map(|(_, id)| *id)
    }

    pub(crate) fn at_field(&self, parent: ModuleId, field: &str) -> Option<ModuleId> {
        // Fields of modules are few: the walk is cheaper than hashing.
        self.children(parent).iter().copied().find(|&child| {
            let child = &self.modules[child.index()];
            child.field.unwrap_or(&child.name) == field
        })
    }

    /// Which attached module a module belongs to, if any, and the positions that lead to it from there, or from
    /// the model: for [`Inspectable::call_at`](crate::tree::module::Inspectable::call_at).
    pub(crate) fn place(&self, id: ModuleId) -> (Option<usize>, Vec<u32>) {
        let mut positions = Vec::new();
        let mut at = id;
        while let Some(module) = self.get(at).filter(|module| module.parent != ModuleId::NOWHERE) {
            positions.push(module.position);
            at = module.parent;
        }
        positions.reverse();
        let number = self.attached.iter().position(|(_, root)| *root == at);
        (number, positions)
    }

    /// The names of the model's own fields.
    pub fn fields(&self) -> Vec<&str> {
        let names = self.children(ModuleId::ROOT).iter();
        names
            .filter_map(|&child| Some(self.get(child)?.name.as_str()))
            .collect()
    }

    /// The module of a path.
    pub(crate) fn by_path(&self, path: &str) -> Option<ModuleId> {
        let found = self.modules.iter().position(|module| module.path == path)?;
        Some(ModuleId(found as u32))
    }

    /// The model's own modules, depth first; the model itself is the first.
    pub(crate) fn own(&self) -> impl Iterator<Item = &ModuleMeta> {
        let first_attached = self.attached().next();
        let count = first_attached.map_or(self.modules.len(), ModuleId::index);
        self.modules[..count].iter()
    }

    /// Finds out who calls each module, as far as the texts show.
    fn find_callers(&mut self) {
        let mut ways: Vec<ModuleId> = Vec::new();
        for id in (0..self.modules.len() as u32).map(ModuleId) {
            // Numbers are given depth first: what is left of the last way are the ancestors.
            let parent = self.modules[id.index()].parent;
            while ways.last().is_some_and(|last| *last != parent) {
                ways.pop();
            }
            ways.push(id);
            let levels: Vec<Level> = (0..ways.len()).map(|i| self.level(&ways[i..])).collect();
            let caller = order::caller(&levels, levels.len() - 1);
            self.modules[id.index()].called_by = caller.map(|caller| (ways[caller.level], caller.place));
        }
    }

    /// The first of the modules on a way, and how it goes on.
    fn level(&self, way: &[ModuleId]) -> Level<'_> {
        let here = &self.modules[way[0].index()];
        let next = way.get(1).map(|next| &self.modules[next.index()]);
        Level {
            order: here.order,
            fields: here.fields,
            step: match next {
                None => Step::End,
                Some(item) if here.role == Role::List => Step::Item(Some(item.position)),
                Some(child) => Step::Field(child.field.unwrap_or(&child.name)),
            },
        }
    }

    /// Whether a module, or one below, may do more than give tensors in a model that trains or does not.
    pub(crate) fn has_effect(&self, id: ModuleId, trains: bool) -> bool {
        match self.get(id).map_or(Effect::None, |module| module.effect) {
            Effect::None => false,
            Effect::InTraining => trains,
            Effect::Any => true,
        }
    }

    /// The children of a module in the order in which its forward calls them, if that is known of all, or else
    /// in the order of its fields.
    pub(crate) fn in_call_order(&self, id: ModuleId) -> Vec<ModuleId> {
        let mut children = self.children(id).to_vec();
        let order = self.get(id).map_or(&[][..], |module| module.order.once);
        let called = |child: &ModuleId| {
            let child = &self.modules[child.index()];
            let field = child.field.unwrap_or(&child.name);
            order.iter().position(|path| *path == [field])
        };
        if children.iter().all(|child| called(child).is_some()) {
            children.sort_by_key(called);
        }
        children
    }

    /// Whether a module holds a list with elements, at any depth.
    pub(crate) fn holds_list(&self, id: ModuleId) -> bool {
        let below = &self.modules[id.index()..self.end(id)];
        below
            .iter()
            .any(|module| module.role == Role::List && !module.children.is_empty())
    }

    /// One past the last module below a module, or that module itself if there is none.
    pub(crate) fn end(&self, id: ModuleId) -> usize {
        self.get(id).map_or(id.index(), |module| module.end as usize)
    }

    /// The module whose forward calls what lies below a module: itself, or what a list lies in.
    pub(crate) fn caller(&self, mut id: ModuleId) -> ModuleId {
        while let Some(list) = self.get(id).filter(|module| module.role == Role::List) {
            id = list.parent;
        }
        id
    }

    /// The attached modules, in the order in which they were attached.
    pub(crate) fn attached(&self) -> impl Iterator<Item = ModuleId> {
        self.attached.iter().map(|(_, root)| *root)
    }

    /// An attached module, by the number of its [`Attached`](crate::model::attach::Attached).
    pub(crate) fn attached_by(&self, id: u64) -> Option<ModuleId> {
        let found = self.attached.iter().find(|(known, _)| *known == id);
        found.map(|(_, root)| *root)
    }

    /// The attached module that a module is, or lies in; `None` for one of the model's own.
    pub(crate) fn attachment(&self, id: ModuleId) -> Option<ModuleId> {
        // They stand after the model's own modules, and most models have none.
        let root = self.attached().filter(|root| *root <= id).last();
        root.filter(|_| id != ModuleId::NOWHERE)
    }
}

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
    pub fn boundary<I: Boundary, O: Boundary>(&mut self) {
        let here = self.here();
        I::describe("", &mut here.inputs);
        O::describe("", &mut here.outputs);
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
