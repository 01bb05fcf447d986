//! The steps of a generation: what is fed, and what comes of it.

use super::{Generation, NewToken};
use crate::cache::KeyValueCache;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::language_model::CausalLm;
use crate::language_model::batch::{self, Batch};
use crate::language_model::sampling::Sampler;
use burn::prelude::*;
use nnsight_core::Erased;
use nnsight_core::driving::{self, Drive};

impl<'a, M: CausalLm, P> Generation<'a, M, P> {
    /// Refuses what cannot be run.
    pub(super) fn check(&self, batch: &Batch) -> Result<()> {
        self.sampling.check()?;
        if self.max_new_tokens == 0 {
            return Err(Error::Sampling {
                what: "max_new_tokens",
                wanted: "at least 1",
                found: String::from("0"),
            });
        }
        // The last token is made, and not read.
        match batch.len().saturating_add(self.max_new_tokens - 1) > M::POSITIONS {
            true => Err(Error::GenerationTooLong {
                prompt: batch.len(),
                new: self.max_new_tokens,
                positions: M::POSITIONS,
            }),
            false => Ok(()),
        }
    }

    /// Runs the steps: `forward` is the model's. Gives all tokens of each row.
    pub(super) fn run(
        &self,
        batch: &Batch,
        forward: &mut dyn FnMut((Tensor<2, Int>, Context)) -> Tensor<3>,
    ) -> Vec<Vec<i64>> {
        let device = self.lm.device();
        let cache = self.cached.then(KeyValueCache::new);
        let mut rows = batch.rows().to_vec();
        let mut ended = vec![false; rows.len()];
        let mut sampler = Sampler::new(self.sampling.clone(), rows.len());
        // What the next pass reads: whole rows, or the last tokens where a cache has the others.
        let mut fed = rows.clone();
        for step in 0..self.max_new_tokens {
            let context = batch.context(cache.as_ref());
            let logits = forward((batch::ids(&fed, device), context));
            let next = sampler.next(logits);
            for (row, id) in next.iter().copied().enumerate() {
                if ended[row] {
                    continue;
                }
                rows[row].push(id);
                ended[row] = self.stop.contains(&id);
                if let Some(stream) = &self.stream {
                    stream.borrow_mut()(NewToken { row, step, id });
                }
            }
            for (invoke, own) in batch.invokes().enumerate() {
                if ended[own].iter().all(|ended| *ended) {
                    driving::end_invoke(invoke as u16 + 1);
                }
            }
            if ended.iter().all(|ended| *ended) || !driving::wants_more() {
                break;
            }
            if self.cached {
                fed = next.into_iter().map(|id| vec![id]).collect();
            } else {
                fed.iter_mut().zip(next).for_each(|(row, id)| row.push(id));
            }
        }
        rows
    }

    /// [`run`](Self::run) under a trace.
    pub(super) fn drive(self, batch: Batch) -> Result<Drive<'a, M>>
    where
        P: 'a,
    {
        self.check(&batch)?;
        Ok(Box::new(move |forward| {
            let rows = self.run(&batch, forward);
            let device = self.lm.device();
            let tokens = batch
                .invokes()
                .map(|own| Erased::new(batch::ids(&rows[own], device)));
            driving::end_generation(&tokens.collect::<Vec<_>>());
            Ok(())
        }))
    }
}
