//! Causal self-attention with rotary positions, step by step, so that each step can be read and written.

use super::axes::{Batch, Head, HeadDim, Hidden, Key, Qkv, Seq};
use super::config::{NeoxConfig, frequencies};
use crate::context::Context;
use crate::init::linear;
use crate::linear::Linear;
use crate::rotary::Angles;
use burn::prelude::*;
use burn::tensor::activation::softmax;
use nnsight_core::{Inspectable, Probe, inspectable};

/// Multi-head self-attention in which a position sees itself and what comes before it.
///
/// The steps are spelled out instead of calling a fused kernel: a fused one never forms `scores`
/// and `pattern`, and then there is nothing to look at.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
pub struct Attention<C: NeoxConfig> {
    /// Queries, keys and values of all heads in one product: for each head its query, its key, its value.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Qkv<C>))]
    pub query_key_value: Linear,
    /// Mixes what the heads read into the residual stream.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
    pub dense: Linear,
    /// Queries, by head, turned by their position.
    pub q: Probe<(Batch, Head<C>, Seq, HeadDim<C>)>,
    /// Keys, by head, turned by their position.
    pub k: Probe<(Batch, Head<C>, Key, HeadDim<C>)>,
    /// Values, by head.
    pub v: Probe<(Batch, Head<C>, Key, HeadDim<C>)>,
    /// Scaled products of queries and keys, before the causal mask.
    pub scores: Probe<(Batch, Head<C>, Seq, Key)>,
    /// Attention probabilities: each row sums to one.
    pub pattern: Probe<(Batch, Head<C>, Seq, Key)>,
    /// The pattern applied to the values, by head.
    pub z: Probe<(Batch, Head<C>, Seq, HeadDim<C>)>,
}

#[inspectable]
impl<C: NeoxConfig> Attention<C> {
    /// Attention with parameters that are drawn when first used.
    pub fn init(device: &Device) -> Self {
        Self {
            query_key_value: linear(C::HIDDEN, 3 * C::HIDDEN, true, device),
            dense: linear(C::HIDDEN, C::HIDDEN, true, device),
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
        let [batch, seq, hidden] = x.dims();
        let head = hidden / C::HEADS;
        let angles = angles.unwrap_or_else(|| Angles::from_start(seq, &frequencies::<C>(), &x.device()));

        let qkv = self
            .query_key_value
            .forward(x)
            .reshape([batch, seq, C::HEADS, 3 * head])
            .swap_dims(1, 2);
        let part = |i: usize| qkv.clone().narrow(3, i * head, head);
        let (k, v) = context.extend(angles.turn(part(1)), part(2));
        let q = self.q.forward(angles.turn(part(0)));
        let k = self.k.forward(k);
        let v = self.v.forward(v);

        let scale = 1.0 / (head as f64).sqrt();
        let scores = self.scores.forward(q.matmul(k.transpose()) * scale);
        let pattern = self.pattern.forward(softmax(context.causal(scores), 3));

        let z = self.z.forward(pattern.matmul(v));
        let heads = z.swap_dims(1, 2).reshape([batch, seq, hidden]);
        self.dense.forward(heads)
    }
}
