//! Causal self-attention, step by step, so that each step can be read and written.

use super::axes::{Batch, Head, HeadDim, Hidden, Key, Qkv, Seq};
use super::config::Gpt2Config;
use crate::context::Context;
use crate::init::linear;
use crate::linear::Linear;
use burn::prelude::*;
use burn::tensor::activation::softmax;
use nnsight_core::{Inspectable, Probe, inspectable};

/// Multi-head self-attention in which a position sees itself and what comes before it.
///
/// The steps are spelled out instead of calling a fused kernel: a fused one never forms `scores`
/// and `pattern`, and then there is nothing to look at.
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
pub struct Attention<C: Gpt2Config> {
    /// Queries, keys and values of all heads in one product.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Qkv<C>))]
    pub c_attn: Linear,
    /// Mixes what the heads read into the residual stream.
    #[inspect((Batch, Seq, Hidden<C>) -> (Batch, Seq, Hidden<C>))]
    pub c_proj: Linear,
    /// Queries, by head.
    pub q: Probe<(Batch, Head<C>, Seq, HeadDim<C>)>,
    /// Keys, by head.
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
impl<C: Gpt2Config> Attention<C> {
    /// Attention with parameters that are drawn when first used.
    pub fn init(device: &Device) -> Self {
        Self {
            c_attn: linear(C::HIDDEN, 3 * C::HIDDEN, true, device),
            c_proj: linear(C::HIDDEN, C::HIDDEN, true, device),
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
    /// # Shapes
    ///
    /// (Batch, Seq, Hidden) to (Batch, Seq, Hidden)
    pub fn forward(&self, x: Tensor<3>, context: Context) -> Tensor<3> {
        let [batch, seq, hidden] = x.dims();
        let qkv = self.c_attn.forward(x);
        let part = |i: usize| by_head::<C>(qkv.clone().narrow(2, i * hidden, hidden));

        let (k, v) = context.extend(part(1), part(2));
        let q = self.q.forward(part(0));
        let k = self.k.forward(k);
        let v = self.v.forward(v);

        let scale = 1.0 / ((C::HIDDEN / C::HEADS) as f64).sqrt();
        let scores = self.scores.forward(q.matmul(k.transpose()) * scale);
        let pattern = self.pattern.forward(softmax(context.causal(scores), 3));

        let z = self.z.forward(pattern.matmul(v));
        let heads = z.swap_dims(1, 2).reshape([batch, seq, hidden]);
        self.c_proj.forward(heads)
    }
}

/// (Batch, Seq, Hidden) to (Batch, Head, Seq, HeadDim)
fn by_head<C: Gpt2Config>(x: Tensor<3>) -> Tensor<4> {
    let [batch, seq, hidden] = x.dims();
    x.reshape([batch, seq, C::HEADS, hidden / C::HEADS])
        .swap_dims(1, 2)
}
