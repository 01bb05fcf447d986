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
use nnsight_core::driving::{self, Drive, Rehearse};

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
        let mut sampler = Sampler::new(self.sampling.clone(), batch.rows().len());
        let mut ended = vec![false; batch.rows().len()];
        let passes = Passes {
            most: self.max_new_tokens,
            cache: self.cached.then(KeyValueCache::new),
        };
        passes.run(batch, self.lm.device(), forward, |step, logits, rows| {
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
            let all_ended = ended.iter().all(|ended| *ended);
            (!all_ended).then_some(next)
        })
    }

    /// The passes of a generation whose tokens nobody knows: as many as there may be.
    pub(super) fn rehearse(&self, batch: Batch) -> Result<Rehearse<M>> {
        self.check(&batch)?;
        let (most, cached, sampling) = (self.max_new_tokens, self.cached, self.sampling.clone());
        Ok(Box::new(move |device, forward| {
            let cache = cached.then(KeyValueCache::new);
            let passes = Passes {
                most,
                cache: cache.as_ref().map(KeyValueCache::share),
            };
            let rows = passes.run(&batch, device, forward, |_, logits, rows| {
                drop(sampling.look_at(logits));
                rows.iter_mut().for_each(|row| row.push(batch::FILL));
                Some(vec![batch::FILL; rows.len()])
            });
            if let Some(cache) = cache {
                driving::hold(&cache.tensors());
            }
            end(&batch, rows, device);
            Ok(())
        }))
    }

    /// [`run`](Self::run) under a trace.
    pub(super) fn drive(self, batch: Batch) -> Result<Drive<'a, M>>
    where
        P: 'a,
    {
        self.check(&batch)?;
        Ok(Box::new(move |forward| {
            let rows = self.run(&batch, forward);
            end(&batch, rows, self.lm.device());
            Ok(())
        }))
    }
}

/// Gives a trace all tokens.
fn end(batch: &Batch, rows: Vec<Vec<i64>>, device: &Device) {
    let invokes = batch.invokes();
    let tokens = invokes.map(|own| Erased::new(batch::ids(&rows[own], device)));
    driving::end_generation(&tokens.collect::<Vec<_>>());
}

/// The passes of a generation.
struct Passes {
    most: usize,
    cache: Option<KeyValueCache>,
}

impl Passes {
    /// `next` adds to the rows, and gives the tokens that the next pass reads, or nothing where it is over.
    fn run(
        self,
        batch: &Batch,
        device: &Device,
        forward: &mut dyn FnMut((Tensor<2, Int>, Context)) -> Tensor<3>,
        mut next: impl FnMut(usize, Tensor<3>, &mut [Vec<i64>]) -> Option<Vec<i64>>,
    ) -> Vec<Vec<i64>> {
        let mut rows = batch.rows().to_vec();
        // What the next pass reads: whole rows, or the last tokens where a cache has the others.
        let mut fed = rows.clone();
        for step in 0..self.most {
            let context = batch.context(self.cache.as_ref());
            let logits = forward((batch::ids(&fed, device), context));
            let Some(next) = next(step, logits, &mut rows).filter(|_| driving::wants_more()) else {
                break;
            };
            match self.cache {
                Some(_) => fed = next.into_iter().map(|id| vec![id]).collect(),
                None => fed.iter_mut().zip(next).for_each(|(row, id)| row.push(id)),
            }
        }
        rows
    }
}
