//! Several prompts in one forward pass.

use super::batch::{self, Batch};
use super::{CausalLm, LanguageModel, Limits, Prompt};
use crate::error::{Error, Result};
use nnsight_core::{Erased, SiteTree, Sites, Tree, driving};
use std::cell::RefCell;

/// The prompts of a trace: [`invoke`](Prompts::invoke) adds one, and gives the model as that prompt alone sees
/// it, with its own rows and its own positions. All run in one forward pass.
#[derive(Debug)]
pub struct Prompts<'a, M: CausalLm> {
    lm: &'a LanguageModel<M>,
    tree: &'a Tree,
    batch: &'a RefCell<Invoked>,
}

/// What a body has added so far.
#[derive(Debug, Default)]
pub(super) struct Invoked {
    batch: Batch,
    error: Option<Error>,
}

impl Invoked {
    /// The prompts that were added.
    pub(super) fn take(this: &RefCell<Self>) -> Result<Batch> {
        let Invoked { batch, error } = this.take();
        match error {
            Some(error) => Err(error),
            None if batch.rows().is_empty() => Err(nnsight_core::Error::NoInvokes.into()),
            None => Ok(batch),
        }
    }
}

impl<'a, M: CausalLm> Prompts<'a, M> {
    pub(super) fn new(lm: &'a LanguageModel<M>, tree: &'a Tree, batch: &'a RefCell<Invoked>) -> Self {
        Prompts { lm, tree, batch }
    }

    /// Adds a prompt, or a list of prompts as one, and gives the model as it alone sees it.
    ///
    /// Prompts of different lengths are padded on the left; each gets what it would get alone, and sees no
    /// padding: its first position is 0, its last is -1. (Within a list, shorter prompts are padded.)
    ///
    /// # Errors
    ///
    /// The trace fails before the model runs if the prompt cannot be had, as in
    /// [`LanguageModel::token_ids`].
    pub fn invoke(&self, prompt: impl Into<Prompt>) -> Sites<M> {
        self.add(prompt.into(), driving::add_invoke)
    }

    /// The model as all prompts together see it, those to come as well: their rows in their order, with the padding of
    /// the shorter ones on the left.
    pub fn batch(&self) -> Sites<M> {
        driving::whole_batch()
    }

    /// [`invoke`](Self::invoke) for the only prompt: the whole batch is its own.
    pub(super) fn only(&self, prompt: Prompt) -> Sites<M> {
        self.add(prompt, driving::add_input)
    }

    fn add(&self, prompt: Prompt, add: fn(&Tree, &[Erased]) -> Sites<M>) -> Sites<M> {
        let rows = prompt.into_rows(self.lm.tokenizer(), Limits::of::<M>());
        match rows {
            Ok(rows) => {
                let ids = Erased::new(batch::ids(&rows, self.lm.device()));
                self.batch.borrow_mut().batch.push(rows);
                let sites = add(self.tree, &[ids]);
                self.lm.edits.write(sites);
                sites
            }
            Err(error) => {
                self.batch.borrow_mut().error.get_or_insert(error);
                Sites::<M>::SITES
            }
        }
    }
}
