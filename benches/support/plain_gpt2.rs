//! GPT-2 small in plain Burn: the same computation, written without a hook or a probe.

use burn::nn::{Embedding, LayerNorm};
use burn::tensor::activation::{sigmoid, softmax};
use nnsight::models::Linear;
use nnsight::models::gpt2::small::{Gpt2, Small};
use nnsight::models::gpt2::{Block, Gpt2Config};
use nnsight::prelude::*;

/// GPT-2's modules, taken out of the inspectable model: same weights, no hooks.
pub struct Plain {
    wte: Embedding,
    wpe: Embedding,
    h: Vec<Block<Small>>,
    ln_f: LayerNorm,
    lm_head: Linear,
}

impl Plain {
    pub fn of(model: &Gpt2) -> Self {
        let t = &model.transformer;
        Plain {
            wte: t.wte.clone(),
            wpe: t.wpe.clone(),
            h: t.h.clone(),
            ln_f: t.ln_f.clone(),
            lm_head: model.lm_head.clone(),
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
            x = after_block(block_forward(block, x));
        }
        self.lm_head.forward(self.ln_f.forward(x))
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

fn block_forward(block: &Block<Small>, x: Tensor<3>) -> Tensor<3> {
    let x = attention(block, block.ln_1.forward(x.clone())) + x;
    let units = block.mlp.c_fc.forward(block.ln_2.forward(x.clone()));
    block.mlp.c_proj.forward(gelu(units)) + x
}

fn attention(block: &Block<Small>, x: Tensor<3>) -> Tensor<3> {
    let [batch, seq, hidden] = x.dims();
    let heads = <Small as Gpt2Config>::HEADS;
    let qkv = block.attn.c_attn.forward(x);
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
    block
        .attn
        .c_proj
        .forward(z.swap_dims(1, 2).reshape([batch, seq, hidden]))
}

fn gelu(x: Tensor<3>) -> Tensor<3> {
    let twice = 2.0 * (2.0 / std::f64::consts::PI).sqrt();
    let slope = (x.clone() * x.clone()) * (twice * 0.044715) + twice;
    sigmoid(slope * x.clone()) * x
}
