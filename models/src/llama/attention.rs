//! Causal self-attention with rotary positions and grouped queries, step by step, so that each step can be
//! read and written.

use super::axes::{Batch, Head, HeadDim, Hidden, Key, KvHead, MergedHeads, MergedKvHeads, Seq};
use super::config::LlamaConfig;
use super::rope;
use crate::context::Context;
use crate::init::linear;
use crate::linear::Linear;
use crate::rotary::Angles;
use burn::prelude::*;
use burn::tensor::activation::softmax;
use nnsight_core::{Inspectable, Probe, inspectable};

/// Self-attention in which a position sees itself and what comes before it, and several heads of queries share
/// the keys and values of one: [GQA](https://arxiv.org/abs/2305.13245).
///
/// The steps are spelled out instead of calling a fused kernel: a fused one never forms `scores`
/// and `pattern`, and then there is nothing to look at.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
pub struct Attention<C: LlamaConfig> {
    /// Queries of all heads, not turned yet.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, MergedHeads<C>))]
    pub q_proj: Linear,
    /// Keys of all heads, not turned yet.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, MergedKvHeads<C>))]
    pub k_proj: Linear,
    /// Values of all heads.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, MergedKvHeads<C>))]
    pub v_proj: Linear,
    /// Mixes what the heads read into the residual stream.
    #[inspect((Batch, Seq, MergedHeads<C>) -> (Batch, Seq, Hidden<C>))]
    pub o_proj: Linear,
    /// Queries, by head, turned by their position.
    pub q: Probe<(Batch, Head<C>, Seq, HeadDim<C>)>,
    /// Keys, by head, turned by their position.
    pub k: Probe<(Batch, KvHead<C>, Key, HeadDim<C>)>,
    /// Values, by head.
    pub v: Probe<(Batch, KvHead<C>, Key, HeadDim<C>)>,
    /// Scaled products of queries and keys, before the mask.
    pub scores: Probe<(Batch, Head<C>, Seq, Key)>,
    /// Attention probabilities: each row sums to one.
    pub pattern: Probe<(Batch, Head<C>, Seq, Key)>,
    /// The pattern applied to the values, by head.
    pub z: Probe<(Batch, Head<C>, Seq, HeadDim<C>)>,
}

#[inspectable]
impl<C: LlamaConfig> Attention<C> {
    /// Attention with parameters that are drawn when first used.
    pub fn init(device: &Device) -> Self {
        let (all, kv) = (C::HEADS * C::HEAD_DIM, C::KV_HEADS * C::HEAD_DIM);
        Self {
            q_proj: linear(C::HIDDEN, all, C::QKV_BIAS, device),
            k_proj: linear(C::HIDDEN, kv, C::QKV_BIAS, device),
            v_proj: linear(C::HIDDEN, kv, C::QKV_BIAS, device),
            o_proj: linear(all, C::HIDDEN, C::O_BIAS, device),
            q: Probe::new(),
            k: Probe::new(),
            v: Probe::new(),
            scores: Probe::new(),
            pattern: Probe::new(),
            z: Probe::new(),
        }
    }

    /// Lets each position read from itself and earlier ones.
    ///
    /// Without `angles` the positions count from 0.
    ///
    /// # Shapes
    ///
    /// (Batch, Seq, Hidden) to (Batch, Seq, Hidden)
    pub fn forward(&self, x: Tensor<3>, context: Context, angles: Option<Angles>) -> Tensor<3> {
        let [batch, seq, _] = x.dims();
        let from_start = || Tensor::arange(0..seq as i64, &x.device()).unsqueeze();
        let angles = angles.unwrap_or_else(|| rope::angles::<C>(from_start()));

        let q = by_head::<C>(self.q_proj.forward(x.clone()));
        let k = by_head::<C>(self.k_proj.forward(x.clone()));
        let v = by_head::<C>(self.v_proj.forward(x));
        let (k, v) = context.extend(angles.turn(k), v);
        let q = self.q.forward(angles.turn(q));
        let k = self.k.forward(k);
        let v = self.v.forward(v);

        let scale = 1.0 / (C::HEAD_DIM as f64).sqrt();
        let scores = by_query_head::<C>(by_kv_head::<C>(q).matmul(k.transpose()), seq);
        let scores = self.scores.forward(scores * scale);
        let seen = within_window::<C>(context.causal(scores));
        let pattern = self.pattern.forward(softmax(seen, 3));

        let z = by_query_head::<C>(by_kv_head::<C>(pattern).matmul(v), seq);
        let z = self.z.forward(z);
        let heads = z.swap_dims(1, 2).reshape([batch, seq, C::HEADS * C::HEAD_DIM]);
        self.o_proj.forward(heads)
    }
}

/// (Batch, Seq, heads times HeadDim) to (Batch, heads, Seq, HeadDim)
fn by_head<C: LlamaConfig>(x: Tensor<3>) -> Tensor<4> {
    let [batch, seq, all] = x.dims();
    x.reshape([batch, seq, all / C::HEAD_DIM, C::HEAD_DIM])
        .swap_dims(1, 2)
}

/// (Batch, Head, Seq, n) to (Batch, KvHead, heads of the group times Seq, n): the queries that read one head of
/// keys and values stand below each other, so that one product serves them and nothing is repeated.
fn by_kv_head<C: LlamaConfig>(x: Tensor<4>) -> Tensor<4> {
    let [batch, heads, seq, n] = x.dims();
    x.reshape([batch, C::KV_HEADS, heads / C::KV_HEADS * seq, n])
}

/// The way back from [`by_kv_head`].
fn by_query_head<C: LlamaConfig>(x: Tensor<4>, seq: usize) -> Tensor<4> {
    let [batch, _, _, n] = x.dims();
    x.reshape([batch, C::HEADS, seq, n])
}

/// Hides keys that are `C::WINDOW` or more positions back.
fn within_window<C: LlamaConfig>(scores: Tensor<4>) -> Tensor<4> {
    let sizes @ [.., seq, keys] = scores.dims();
    match C::WINDOW {
        Some(window) if window < keys => {
            // The first query's own key is `keys - seq`.
            let first_seen = (keys - seq) as i64 - window as i64 + 1;
            let hidden = Tensor::<2, Bool>::triu_mask([seq, keys], first_seen, &scores.device());
            scores.mask_fill(hidden.unsqueeze::<4>().expand(sizes), f32::NEG_INFINITY)
        }
        _ => scores,
    }
}
