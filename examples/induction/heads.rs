//! What single heads do: where they look, and what the model is without them.

use std::fmt;

use nnsight::prelude::*;

use super::model::{AttentionOnly, Batch, Key, Seq};
#[cfg(doc)]
use super::sequences::repeated;

/// A head, by its layer and its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadAt {
    pub layer: usize,
    pub head: usize,
}

impl fmt::Display for HeadAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "L{}H{}", self.layer, self.head)
    }
}

/// A number for each head: `scores[layer][head]`.
pub type Scores = Vec<Vec<f32>>;

/// How much each head attends, in [`repeated`] sequences, to what followed the earlier occurrence of the token at
/// hand: the mean over the second half.
///
/// An induction head's score is near 1. From Olsson et al., [In-context Learning and Induction
/// Heads](https://transformer-circuits.pub/2022/in-context-learning-and-induction-heads/index.html), 2022.
///
/// # Errors
/// Those of the trace.
pub fn prefix_matching(net: &NnSight<AttentionOnly>, ids: &Tensor<2, Int>) -> nnsight::Result<Scores> {
    let [_, seq] = ids.dims();
    let period = (seq - 1) / 2;
    mean_attention(net, ids, (period + 1..seq).map(|t| (t, t + 1 - period)))
}

/// How much each head attends to the token just before: the mean over all positions that have one.
///
/// # Errors
/// Those of the trace.
pub fn previous_token(net: &NnSight<AttentionOnly>, ids: &Tensor<2, Int>) -> nnsight::Result<Scores> {
    let [_, seq] = ids.dims();
    mean_attention(net, ids, (1..seq).map(|t| (t, t - 1)))
}

/// How much each head attends along pairs of positions, from the first to the second: the mean over pairs and rows.
fn mean_attention(
    net: &NnSight<AttentionOnly>,
    ids: &Tensor<2, Int>,
    pairs: impl ExactSizeIterator<Item = (usize, usize)>,
) -> nnsight::Result<Scores> {
    let [_, seq] = ids.dims();
    let mut weights = vec![0.0; seq * seq];
    let weight = 1.0 / pairs.len() as f32;
    for (from, to) in pairs {
        weights[from * seq + to] = weight;
    }
    let weights = Tensor::<1>::from_floats(weights.as_slice(), &ids.device()).reshape([seq, seq]);
    let scores = trace!(net, ids, |m: AttentionOnly| {
        let weights = Value::<(Seq, Key)>::constant(&weights);
        let score = |pattern: Value<_>| (pattern * weights).sum_over(Key).sum_over(Seq);
        m.layers
            .iter()
            .map(|layer| score(layer.attn.pattern.output).mean_over(Batch).save())
            .collect::<Vec<_>>()
    })?;
    let numbers = |scores: Tensor<1>| scores.into_data().iter::<f32>().collect();
    Ok(scores.into_iter().map(numbers).collect())
}

/// The model in which these heads write nothing.
pub fn without(net: &NnSight<AttentionOnly>, heads: &[HeadAt]) -> NnSight<AttentionOnly> {
    let heads = heads.to_vec();
    edit!(net, move |m: AttentionOnly| {
        for &HeadAt { layer, head } in &heads {
            m.layers[layer].attn.z.output[.., head] = 0.0;
        }
    })
}
