//! GPT-2 small in plain Burn: the same computation, written without a hook or a probe.

use burn::module::Param;
use burn::nn::{self, Embedding, LayerNorm};
use burn::tensor::activation::{sigmoid, softmax};
use nnsight::models::Linear;
use nnsight::models::gpt2::small::{Gpt2, Small};
use nnsight::models::gpt2::{Block, Gpt2Config};
use nnsight::prelude::*;

/// What multiplies by a weight.
pub trait Multiply {
    /// With the parameters of one of the model's.
    fn of(layer: &Linear) -> Self;
    fn multiply(&self, x: Tensor<3>) -> Tensor<3>;
}

/// The model's own: what it computes is the model's to the bit, so that hooks are all that differs.
impl Multiply for Linear {
    fn of(layer: &Linear) -> Self {
        layer.clone()
    }
    fn multiply(&self, x: Tensor<3>) -> Tensor<3> {
        self.forward(x)
    }
}

/// Burn's own, its weight (in, out) in memory, as Burn draws it.
impl Multiply for nn::Linear {
    fn of(layer: &Linear) -> Self {
        let weight = layer.weight.val();
        let sizes: [usize; 2] = weight.dims();
        let flat: Tensor<1> = weight.reshape([sizes[0] * sizes[1]]);
        nn::Linear {
            weight: Param::from_tensor(flat.reshape(sizes)),
            bias: layer.bias.clone(),
        }
    }
    fn multiply(&self, x: Tensor<3>) -> Tensor<3> {
        self.forward(x)
    }
}

/// GPT-2's modules, taken out of the inspectable model: same weights, no hooks.
pub struct Plain<L> {
    wte: Embedding,
    wpe: Embedding,
    h: Vec<PlainBlock<L>>,
    ln_f: LayerNorm,
    lm_head: L,
}

struct PlainBlock<L> {
    ln_1: LayerNorm,
    c_attn: L,
    attn_proj: L,
    ln_2: LayerNorm,
    c_fc: L,
    mlp_proj: L,
}

impl<L: Multiply> Plain<L> {
    pub fn of(model: &Gpt2) -> Self {
        let t = &model.transformer;
        Plain {
            wte: t.wte.clone(),
            wpe: t.wpe.clone(),
            h: t.h.iter().map(PlainBlock::of).collect(),
            ln_f: t.ln_f.clone(),
            lm_head: L::of(&model.lm_head),
        }
    }

    pub fn forward(&self, ids: Tensor<2, Int>) -> Tensor<3> {
        self.forward_with(ids, |x| x)
    }

    /// With something done to what each block gives.
    pub fn forward_with(
        &self,
        ids: Tensor<2, Int>,
        mut after_block: impl FnMut(Tensor<3>) -> Tensor<3>,
    ) -> Tensor<3> {
        let [batch, seq] = ids.dims();
        let positions = Tensor::<1, Int>::arange(0..seq as i64, &ids.device())
            .unsqueeze::<2>()
            .expand([batch, seq]);
        let mut x = self.wte.forward(ids) + self.wpe.forward(positions);
        for block in &self.h {
            x = after_block(block.forward(x));
        }
        self.lm_head.multiply(self.ln_f.forward(x))
    }
}

impl<L: Multiply> PlainBlock<L> {
    fn of(block: &Block<Small>) -> Self {
        PlainBlock {
            ln_1: block.ln_1.clone(),
            c_attn: L::of(&block.attn.c_attn),
            attn_proj: L::of(&block.attn.c_proj),
            ln_2: block.ln_2.clone(),
            c_fc: L::of(&block.mlp.c_fc),
            mlp_proj: L::of(&block.mlp.c_proj),
        }
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let x = self.attention(self.ln_1.forward(x.clone())) + x;
        let units = self.c_fc.multiply(self.ln_2.forward(x.clone()));
        self.mlp_proj.multiply(gelu(units)) + x
    }

    fn attention(&self, x: Tensor<3>) -> Tensor<3> {
        let [batch, seq, hidden] = x.dims();
        let heads = <Small as Gpt2Config>::HEADS;
        let qkv = self.c_attn.multiply(x);
        let part = |i: usize| {
            qkv.clone()
                .narrow(2, i * hidden, hidden)
                .reshape([batch, seq, heads, hidden / heads])
                .swap_dims(1, 2)
        };
        let (q, k, v) = (part(0), part(1), part(2));
        let scores: Tensor<4> = q.matmul(k.transpose()) * (1.0 / ((hidden / heads) as f64).sqrt());
        let later = Tensor::<2, Bool>::tril_mask([seq, seq], 0, &scores.device());
        let later = later.unsqueeze::<4>().expand([batch, heads, seq, seq]);
        let z = softmax(scores.mask_fill(later, f32::NEG_INFINITY), 3).matmul(v);
        self.attn_proj
            .multiply(z.swap_dims(1, 2).reshape([batch, seq, hidden]))
    }
}

/// Random weights, and 64 token ids.
pub fn net_and_ids() -> (NnSight<Gpt2>, Tensor<2, Int>) {
    let device = Device::default();
    device.seed(0);
    let net = NnSight::new(Gpt2::init(&device));
    let ids = Tensor::<1, Int>::arange(0..64, &device).unsqueeze::<2>() * 700;
    (net, ids)
}

fn gelu(x: Tensor<3>) -> Tensor<3> {
    let twice = 2.0 * (2.0 / std::f64::consts::PI).sqrt();
    let slope = (x.clone() * x.clone()) * (twice * 0.044715) + twice;
    sigmoid(slope * x.clone()) * x
}
