//! The model in a generation, and what has been generated.

use crate::axes::{Batch as Rows, Generated};
use crate::language_model::CausalLm;
use crate::language_model::prompt::Prompt;
use crate::language_model::prompts::Prompts;
use burn::prelude::*;
use nnsight_core::__private::Read;
use nnsight_core::{Saved, Sites, Value, driving};
use std::ops::Deref;

/// The prompts of a generation; [`Prompts`] of one that goes on.
#[derive(Debug)]
pub struct GeneratingPrompts<'a, M: CausalLm> {
    pub(super) prompts: Prompts<'a, M>,
}

impl<M: CausalLm> GeneratingPrompts<'_, M> {
    /// Adds a prompt, and gives the model as it alone sees it; see [`Prompts::invoke`].
    pub fn invoke(&self, prompt: impl Into<Prompt>) -> Generating<M> {
        Generating::new(self.prompts.invoke(prompt))
    }
}

/// The model in a generation: its sites, and what it has generated.
pub struct Generating<M: CausalLm> {
    sites: Sites<M>,
    /// What comes of the generation.
    pub generator: Generator,
}

impl<M: CausalLm> Clone for Generating<M> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M: CausalLm> Copy for Generating<M> {}

impl<M: CausalLm> Generating<M> {
    pub(super) fn new(sites: Sites<M>) -> Self {
        let output = Tokens {
            invoke: driving::invoke_of(sites),
        };
        Self {
            sites,
            generator: Generator { output },
        }
    }
}

impl<M: CausalLm> Deref for Generating<M> {
    type Target = Sites<M>;
    fn deref(&self) -> &Sites<M> {
        &self.sites
    }
}

impl<M: CausalLm> nnsight_core::__private::Generates for Generating<M> {}
impl<M: CausalLm> nnsight_core::__private::Generates for GeneratingPrompts<'_, M> {}

/// What comes of a generation: `m.generator.output`.
#[derive(Clone, Copy, Debug)]
pub struct Generator {
    /// The tokens, the prompt's own included: (Batch, Generated).
    pub output: Tokens,
}

/// The tokens of a prompt when its generation is over.
#[derive(Clone, Copy, Debug)]
pub struct Tokens {
    invoke: u16,
}

impl Tokens {
    /// The tokens, for operations on them.
    #[track_caller]
    pub fn get(self) -> Value<(Rows, Generated), Int> {
        driving::generated(self.invoke)
    }

    /// Keeps the tokens.
    #[track_caller]
    pub fn save(self) -> Saved<(Rows, Generated), Int> {
        self.get().save()
    }
}

impl Read for Tokens {
    type Value = Value<(Rows, Generated), Int>;
    #[track_caller]
    fn read(self) -> Self::Value {
        self.get()
    }
}
