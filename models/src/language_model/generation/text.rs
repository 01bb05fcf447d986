//! Tokens and text of a generation that is run by itself.

use super::{FromInvokes, Generation, NewToken};
use crate::error::Result;
use crate::language_model::batch::Batch;
use crate::language_model::{CausalLm, Limits, Prompt};
use crate::token_ids::TokenIds;
use std::marker::PhantomData;

impl<'a, M: CausalLm> Generation<'a, M> {
    /// All tokens of each prompt, the prompt's own included.
    ///
    /// # Errors
    ///
    /// As [`LanguageModel::trace`](crate::LanguageModel::trace); [`Error::GenerationTooLong`](crate::Error::GenerationTooLong) if the last step would see more positions than the
    /// model has; [`Error::Sampling`](crate::Error::Sampling).
    pub fn tokens(self) -> Result<Vec<Vec<i64>>> {
        if !self.lm.edits.is_empty() || self.lm.executor.is_some() {
            return self.traced_tokens();
        }
        let mut batch = Batch::default();
        batch.push(
            self.prompt
                .clone()
                .into_rows(self.lm.tokenizer(), Limits::of::<M>())?,
        );
        self.check(&batch)?;
        let model = self.lm.loaded()?;
        Ok(model.forward_passes(|forward| self.run(&batch, forward))?)
    }

    /// The tokens of a model with edits, which only a trace makes, or of one that a server runs.
    fn traced_tokens(self) -> Result<Vec<Vec<i64>>> {
        let rows = self
            .prompt
            .clone()
            .into_rows(self.lm.tokenizer(), Limits::of::<M>())?;
        // Of a server's steps none is seen here before the last.
        let (stream, late) = match self.lm.executor.is_some() {
            true => (None, self.stream),
            false => (self.stream, None),
        };
        let prompts: Vec<usize> = rows.iter().map(Vec::len).collect();
        let generation = Generation {
            lm: self.lm,
            prompt: FromInvokes,
            max_new_tokens: self.max_new_tokens,
            sampling: self.sampling,
            stop: self.stop,
            cached: self.cached,
            stream,
        };
        // A row each, so that none has another's padding.
        let tokens = generation.trace_body(PhantomData, |t| {
            let rows = rows.into_iter().map(Prompt::from);
            rows.map(|row| t.invoke(row).generator.output.save())
                .collect::<Vec<_>>()
        })?;
        let tokens: Vec<Vec<i64>> = tokens.iter().map(TokenIds::token_ids).collect();
        if let Some(stream) = late {
            let new = || tokens.iter().zip(&prompts).map(|(row, prompt)| &row[*prompt..]);
            for step in 0..new().map(<[i64]>::len).max().unwrap_or(0) {
                let made = new().enumerate();
                let made = made.filter_map(|(row, new)| new.get(step).map(|&id| NewToken { row, step, id }));
                made.for_each(|token| stream.borrow_mut()(token));
            }
        }
        Ok(tokens)
    }

    /// The text of the first prompt with what follows it.
    ///
    /// # Errors
    ///
    /// As [`tokens`](Self::tokens).
    pub fn text(self) -> Result<String> {
        let tokenizer = self.lm.tokenizer();
        let rows = self.tokens()?;
        tokenizer.decode(rows.first().map_or(&[][..], Vec::as_slice))
    }
}
