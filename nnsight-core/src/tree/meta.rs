//! One module of a tree: its number, and what is known of it.

use crate::tree::effect::Effect;
use crate::tree::end::End;
use crate::tree::order::{Fields, Order, Place};
use crate::tree::port::PortMeta;
use serde::{Deserialize, Serialize};

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
    pub(super) fields: Fields,
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
