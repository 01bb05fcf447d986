//! Which token comes next.

use crate::error::{Error, Result};
use burn::prelude::*;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// How the next token is drawn from the logits. The default is the most likely one.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampling {
    /// What logits are divided by; 0 takes the most likely token.
    pub temperature: f64,
    /// Draw from that many most likely tokens only.
    pub top_k: Option<usize>,
    /// Draw from the most likely tokens only that have this probability together
    /// ([Holtzman et al. 2020](https://arxiv.org/abs/1904.09751)).
    pub top_p: Option<f64>,
    /// The same seed draws the same tokens from the same logits.
    pub seed: u64,
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_k: None,
            top_p: None,
            seed: 0,
        }
    }
}

impl Sampling {
    /// What it needs of the logits at the last position: (Batch, Seq, Vocab).
    pub(super) fn look_at(&self, logits: Tensor<3>) -> Seen {
        let seq = logits.dims()[1];
        let last = logits.narrow(1, seq - 1, 1);
        match self.temperature == 0.0 {
            true => Seen::Best(last.argmax(2)),
            false => Seen::Logits(last),
        }
    }

    /// Refuses what cannot be drawn from.
    pub(super) fn check(&self) -> Result<()> {
        let wrong = |what, wanted, found: String| Err(Error::Sampling { what, wanted, found });
        if !(self.temperature.is_finite() && self.temperature >= 0.0) {
            return wrong("temperature", "a number from 0 on", self.temperature.to_string());
        }
        match (self.top_k, self.top_p) {
            (Some(0), _) => wrong("top_k", "at least 1", String::from("0")),
            (_, Some(p)) if !(p > 0.0 && p <= 1.0) => {
                wrong("top_p", "a probability above 0, at most 1", p.to_string())
            }
            _ => Ok(()),
        }
    }
}

/// What is drawn from, where the model runs.
pub(super) enum Seen {
    /// The most likely tokens: (Batch, 1, 1).
    Best(Tensor<3, Int>),
    /// The logits: (Batch, 1, Vocab).
    Logits(Tensor<3>),
}

/// Draws tokens, row after row.
pub(super) struct Sampler {
    sampling: Sampling,
    /// Each row draws by itself, so that what it gets does not depend on its neighbours.
    draws: Vec<StdRng>,
}

impl Sampler {
    pub(super) fn new(sampling: Sampling, rows: usize) -> Self {
        let draws = vec![StdRng::seed_from_u64(sampling.seed); rows];
        Self { sampling, draws }
    }

    /// The next token of each row, by the logits at the last position: (Batch, Seq, Vocab).
    pub(super) fn next(&mut self, logits: Tensor<3>) -> Vec<i64> {
        let vocab = logits.dims()[2];
        let logits: Vec<f64> = match self.sampling.look_at(logits) {
            Seen::Best(ids) => return ids.into_data().iter::<i64>().collect(),
            Seen::Logits(logits) => logits.into_data().iter::<f64>().collect(),
        };
        let rows = logits.chunks(vocab).zip(&mut self.draws);
        rows.map(|(logits, draw)| draw_from(&self.sampling, logits, draw.random()))
            .collect()
    }
}

/// The token at a place between 0 and 1 of the distribution, likely tokens first.
fn draw_from(sampling: &Sampling, logits: &[f64], place: f64) -> i64 {
    let mut tokens: Vec<usize> = (0..logits.len()).collect();
    // A stable order: equal logits stay in the order of their ids.
    tokens.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]));
    tokens.truncate(sampling.top_k.unwrap_or(tokens.len()));
    let greatest = logits[tokens[0]];
    let weight = |token: &usize| ((logits[*token] - greatest) / sampling.temperature).exp();
    let mut weights: Vec<f64> = tokens.iter().map(weight).collect();
    if let Some(p) = sampling.top_p {
        let wanted = p * weights.iter().sum::<f64>();
        let mut sum = 0.0;
        let kept = weights.iter().position(|weight| {
            sum += weight;
            sum >= wanted
        });
        weights.truncate(kept.map_or(weights.len(), |kept| kept + 1));
    }
    let mut left = place * weights.iter().sum::<f64>();
    let drawn = weights.iter().position(|weight| {
        left -= weight;
        left < 0.0
    });
    tokens[drawn.unwrap_or(weights.len() - 1)] as i64
}
