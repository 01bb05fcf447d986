//! The tree of a model's modules, numbered once when the model is pinned.

mod axes;
pub(crate) mod builder;
pub(crate) mod effect;
pub(crate) mod end;
pub(crate) mod handle;
pub(crate) mod meta;
pub(crate) mod module;
pub(crate) mod order;
pub(crate) mod outline;
pub(crate) mod port;

pub use meta::ModuleId;
pub(crate) use meta::{InSteps, ModuleMeta, Role};

use crate::shapes::axes::AxisMeta;
use crate::tree::effect::Effect;
use crate::tree::order::{Level, Step};
use std::any::TypeId;

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
    /// The axis of rows: the declared one until the walk is over, then the one that there is.
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
    pub fn model_name(&self) -> &'static str {
        self.get(ModuleId::ROOT).map_or("", |root| root.type_name)
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
