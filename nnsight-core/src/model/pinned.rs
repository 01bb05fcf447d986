//! A model in its place.

use crate::error::Result;
use crate::model::attach::Attachments;
use crate::plan::placement::Placement;
use crate::tensor::erased::Erased;
use crate::tree::builder::TreeBuilder;
use crate::tree::module::Inspectable;
use crate::tree::{ModuleId, Tree};
use std::sync::Arc;

/// A model in its place with what is attached to it, and the tree of their modules with their addresses there.
pub(crate) struct Pinned<M> {
    pub(crate) model: Arc<M>,
    pub(crate) attached: Attachments,
    pub(crate) tree: Arc<Tree>,
    /// Where the model's modules are, if they are on several devices.
    pub(crate) placement: Option<Arc<Placement>>,
}

impl<M> Clone for Pinned<M> {
    fn clone(&self) -> Self {
        Pinned {
            model: Arc::clone(&self.model),
            attached: self.attached.clone(),
            tree: Arc::clone(&self.tree),
            placement: self.placement.clone(),
        }
    }
}

impl<M: Inspectable> Pinned<M> {
    pub(crate) fn new(model: Arc<M>, attached: Attachments, placement: Option<Arc<Placement>>) -> Self {
        let tree = TreeBuilder::walk(|tree| model.describe(tree), |tree| attached.describe(tree));
        Pinned {
            model,
            attached,
            tree: Arc::new(tree),
            placement,
        }
    }

    /// The same modules in the same places, with other parameters or flags.
    pub(crate) fn with(&self, model: M, attached: Attachments) -> Self {
        Pinned::new(Arc::new(model), attached, self.placement.clone())
    }

    /// Runs one of the modules on tensors.
    pub(crate) fn call(&self, module: ModuleId, tensors: Vec<Erased>) -> Result<Vec<Erased>> {
        match self.tree.place(module) {
            (None, path) => self.model.call_at(&path, tensors),
            (Some(number), path) => self.attached.call_at(number, &path, tensors),
        }
    }
}
