//! GPT-2 in plain Burn modules, with Hugging Face's field names and the output head tied to `wte`.

use burn::module::{Initializer, Module};
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::sigmoid;
use burn::tensor::module::attention;
use burn::tensor::ops::AttentionModuleOptions;
use burn::tensor::{Device, Int, Tensor};

/// The sizes of a GPT-2.
#[derive(Clone, Copy, Debug)]
pub struct Gpt2Shape {
    /// Tokens in the vocabulary.
    pub vocabulary: usize,
    /// The longest text.
    pub positions: usize,
    /// The width of the residual stream.
    pub width: usize,
    /// Blocks.
    pub layers: usize,
    /// Attention heads per block.
    pub heads: usize,
}

impl Gpt2Shape {
    /// The model we ship, for a tokenizer with this many tokens.
    pub fn small(vocabulary: usize) -> Self {
        Self {
            vocabulary,
            positions: 64,
            width: 128,
            layers: 4,
            heads: 4,
        }
    }
}

/// The epsilon of every layer norm.
pub const LAYER_NORM_EPSILON: f64 = 1e-5;

/// The standard deviation of fresh weights: GPT-2's 0.02 for a width of 768, scaled to ours.
pub const INIT_STD: f64 = 0.05;

/// The same for what the last block's MLP writes. It starts large, so that the answers come to depend
/// on it. Else earlier layers settle everything, and zeroing it changes next to no answer.
const LAST_MLP_INIT_STD: f64 = 0.45;

/// The language model: token ids in, logits of the next token out.
#[derive(Module, Debug)]
pub struct Gpt2 {
    wte: Embedding,
    wpe: Embedding,
    h: Vec<Block>,
    ln_f: LayerNorm,
}

#[derive(Module, Debug)]
struct Block {
    ln_1: LayerNorm,
    attn: Attention,
    ln_2: LayerNorm,
    mlp: Mlp,
}

#[derive(Module, Debug)]
struct Attention {
    c_attn: Linear,
    c_proj: Linear,
    heads: usize,
}

#[derive(Module, Debug)]
struct Mlp {
    c_fc: Linear,
    c_proj: Linear,
}

impl Gpt2 {
    /// A fresh model. Weights are drawn as in GPT-2: from a normal, a narrower one for what is added
    /// to the residual stream.
    pub fn new(shape: Gpt2Shape, device: &Device) -> Self {
        let embedding = |count| {
            EmbeddingConfig::new(count, shape.width)
                .with_initializer(normal(INIT_STD))
                .init(device)
        };
        let mut h: Vec<Block> = (0..shape.layers).map(|_| Block::new(shape, device)).collect();
        if let Some(last) = h.last_mut() {
            last.mlp.c_proj = linear(4 * shape.width, shape.width, LAST_MLP_INIT_STD, device);
        }
        Self {
            wte: embedding(shape.vocabulary),
            wpe: embedding(shape.positions),
            h,
            ln_f: layer_norm(shape, device),
        }
    }

    /// # Shapes
    /// - ids: `[batch, seq]`
    /// - logits: `[batch, seq, vocabulary]`
    pub fn forward(&self, ids: Tensor<2, Int>) -> Tensor<3> {
        let [_, seq] = ids.dims();
        let positions = Tensor::<1, Int>::arange(0..seq as i64, &ids.device()).unsqueeze();
        let mut x = self.wte.forward(ids) + self.wpe.forward(positions);
        for block in &self.h {
            x = block.forward(x);
        }
        let head = self.wte.weight.val().transpose();
        self.ln_f.forward(x).matmul(head.unsqueeze())
    }
}

impl Block {
    fn new(shape: Gpt2Shape, device: &Device) -> Self {
        let Gpt2Shape {
            width, layers, heads, ..
        } = shape;
        let linear = |from, to| linear(from, to, INIT_STD, device);
        // Two layers per block write to the residual stream.
        let residual_std = INIT_STD / (2.0 * layers as f64).sqrt();
        let residual = |from| self::linear(from, width, residual_std, device);
        Self {
            ln_1: layer_norm(shape, device),
            attn: Attention {
                c_attn: linear(width, 3 * width),
                c_proj: residual(width),
                heads,
            },
            ln_2: layer_norm(shape, device),
            mlp: Mlp {
                c_fc: linear(width, 4 * width),
                c_proj: residual(4 * width),
            },
        }
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let x = x.clone() + self.attn.forward(self.ln_1.forward(x));
        x.clone() + self.mlp.forward(self.ln_2.forward(x))
    }
}

impl Attention {
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let [batch, seq, width] = x.dims();
        let qkv = self.c_attn.forward(x);
        let part = |index: usize| {
            qkv.clone()
                .narrow(2, index * width, width)
                .reshape([batch, seq, self.heads, width / self.heads])
                .swap_dims(1, 2)
        };
        let options = AttentionModuleOptions {
            is_causal: true,
            ..Default::default()
        };
        let z = attention(part(0), part(1), part(2), None, None, options);
        self.c_proj
            .forward(z.swap_dims(1, 2).reshape([batch, seq, width]))
    }
}

impl Mlp {
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        self.c_proj.forward(gelu_new(self.c_fc.forward(x)))
    }
}

/// Hugging Face's `gelu_new`, `x / 2 * (1 + tanh(u))`, as the same `x * sigmoid(2 u)` with the cube
/// written as products: `tanh` and `powf` are slow on the CPU.
fn gelu_new(x: Tensor<3>) -> Tensor<3> {
    let sqrt_2_over_pi = (2.0 / std::f64::consts::PI).sqrt();
    let u = (x.clone() * x.clone() * 0.044715 + 1.0) * x.clone() * sqrt_2_over_pi;
    x * sigmoid(u * 2.0)
}

fn layer_norm(shape: Gpt2Shape, device: &Device) -> LayerNorm {
    LayerNormConfig::new(shape.width)
        .with_epsilon(LAYER_NORM_EPSILON)
        .init(device)
}

fn linear(from: usize, to: usize, std: f64, device: &Device) -> Linear {
    let mut linear = LinearConfig::new(from, to)
        .with_initializer(normal(std))
        .init(device);
    linear.bias = Some(Initializer::Zeros.init([to], device));
    linear
}

fn normal(std: f64) -> Initializer {
    Initializer::Normal { mean: 0.0, std }
}
