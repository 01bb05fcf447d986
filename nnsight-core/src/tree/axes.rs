//! What the axes of a model's declarations mean: rows, positions, and what becomes of them in later steps.

use crate::shapes::axes::{AxisMeta, Extent};
use crate::tree::Tree;
use crate::tree::meta::{InSteps, ModuleId};
use std::borrow::Cow;

impl Tree {
    /// The axis over which inputs are put together into a batch: the declared one, or the run-time axis of the
    /// model's first input that is called `Batch`. No other is taken for it, since along a sequence inputs would run
    /// into each other.
    pub(crate) fn rows_axis(&self) -> Option<AxisMeta> {
        self.rows
    }

    /// That axis, once all is declared.
    pub(super) fn find_rows(&self) -> Option<AxisMeta> {
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
}
