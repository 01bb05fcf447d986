//! A two-layer transformer with attention and nothing else: an ordinary Burn model, made inspectable by its
//! attributes and probes.

use std::path::Path;

use burn::module::Initializer;
use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig};
use burn::store::{ModuleSnapshot, SafetensorsStore, SafetensorsStoreError};
use burn::tensor::activation::softmax;
use nnsight::prelude::*;

/// Tokens that a sequence is made of.
pub const TOKENS: usize = 32;
/// The token that begins every sequence. It gives heads something to attend to when there is nothing to find.
pub const BEGIN: usize = TOKENS;
/// The longest part that can be repeated.
pub const LONGEST_PERIOD: usize = 28;
/// Attention layers.
pub const LAYERS: usize = 2;
/// Attention heads in each layer.
pub const HEADS: usize = 4;
/// The width of the residual stream.
pub const HIDDEN: usize = 64;
/// The width of a head's queries, keys and values.
pub const HEAD_DIM: usize = HIDDEN / HEADS;
const POSITIONS: usize = 1 + 2 * LONGEST_PERIOD;

axes! {
    Batch;
    Seq;
    /// The positions that are attended to; as many as `Seq`.
    Key;
    /// One row for the whole batch.
    One = 1;
    Head = HEADS;
    HeadDim = HEAD_DIM;
    Hidden = HIDDEN;
    Vocab = TOKENS + 1;
}

/// Token ids in, the logits of the next token out.
///
/// There is no layer norm, no bias and no mlp, so that all a token can learn of others goes through a head. The
/// positions are not in the residual stream: each layer adds them to what queries and keys read, as in
/// [Shortformer](https://arxiv.org/abs/2012.15832) (Press et al., 2021).
#[derive(Module, Debug, Inspectable)]
#[inspect((Batch, Seq): Int -> (Batch, Seq, Vocab), Key = Seq)]
pub struct AttentionOnly {
    /// A vector for each token.
    #[inspect((Batch, Seq): Int -> (Batch, Seq, Hidden))]
    pub embed: Embedding,
    /// A vector for each position.
    #[inspect((One, Seq): Int -> (One, Seq, Hidden))]
    pub pos_embed: Embedding,
    /// The layers.
    pub layers: [Layer; LAYERS],
    /// From the residual stream to a logit for each token.
    #[inspect((Batch, Seq, Hidden) -> (Batch, Seq, Vocab))]
    pub unembed: Linear,
}

/// Attention that adds to the residual stream.
#[derive(Module, Debug, Inspectable)]
#[inspect((resid: (Batch, Seq, Hidden), positions: (One, Seq, Hidden)) -> (Batch, Seq, Hidden))]
pub struct Layer {
    /// The residual stream as it enters.
    pub resid_pre: Probe<(Batch, Seq, Hidden)>,
    /// Moves information between positions.
    pub attn: Attention,
    /// The residual stream as it leaves.
    pub resid_post: Probe<(Batch, Seq, Hidden)>,
}

/// Causal self-attention whose values know nothing of positions.
#[derive(Module, Debug, Inspectable)]
#[inspect((resid: (Batch, Seq, Hidden), positions: (One, Seq, Hidden)) -> (Batch, Seq, Hidden))]
pub struct Attention {
    #[inspect((Batch, Seq, Hidden) -> (Batch, Seq, Hidden))]
    pub w_q: Linear,
    #[inspect((Batch, Seq, Hidden) -> (Batch, Seq, Hidden))]
    pub w_k: Linear,
    #[inspect((Batch, Seq, Hidden) -> (Batch, Seq, Hidden))]
    pub w_v: Linear,
    /// Writes what the heads read to the residual stream; the rows of each head stand together.
    #[inspect((Batch, Seq, Hidden) -> (Batch, Seq, Hidden))]
    pub w_o: Linear,
    /// Queries, by head.
    pub q: Probe<(Batch, Head, Seq, HeadDim)>,
    /// Keys, by head.
    pub k: Probe<(Batch, Head, Key, HeadDim)>,
    /// Values, by head.
    pub v: Probe<(Batch, Head, Key, HeadDim)>,
    /// Scaled products of queries and keys, before the causal mask.
    pub scores: Probe<(Batch, Head, Seq, Key)>,
    /// Attention probabilities: each row sums to one.
    pub pattern: Probe<(Batch, Head, Seq, Key)>,
    /// The pattern applied to the values, by head.
    pub z: Probe<(Batch, Head, Seq, HeadDim)>,
}

impl AttentionOnly {
    /// The weights' file, in a checkpoint's folder.
    pub const WEIGHTS: &str = "model.safetensors";

    /// A fresh model.
    pub fn new(device: &Device) -> Self {
        let embedding = |rows, std| {
            EmbeddingConfig::new(rows, HIDDEN)
                .with_initializer(Initializer::Normal { mean: 0.0, std })
                .init(device)
        };
        Self {
            // Positions begin louder than tokens, so that a head soon learns to look at the token before. With louder
            // tokens, induction was only half learned in as many steps.
            embed: embedding(TOKENS + 1, 0.2),
            pos_embed: embedding(POSITIONS, 1.0),
            layers: std::array::from_fn(|_| Layer::new(device)),
            unembed: linear(TOKENS + 1, device),
        }
    }

    /// The model whose weights are in this folder.
    ///
    /// # Errors
    /// Where the file is missing, or a tensor is missing or has another shape.
    pub fn load(folder: &Path, device: &Device) -> Result<Self, SafetensorsStoreError> {
        let mut model = Self::new(device);
        model.load_from(&mut SafetensorsStore::from_file(folder.join(Self::WEIGHTS)))?;
        Ok(model)
    }
}

#[inspectable]
impl AttentionOnly {
    /// # Shapes
    /// (Batch, Seq) token ids to (Batch, Seq, Vocab)
    pub fn forward(&self, ids: Tensor<2, Int>) -> Tensor<3> {
        let [_, seq] = ids.dims();
        let positions = Tensor::<1, Int>::arange(0..seq as i64, &ids.device());
        let positions = self.pos_embed.forward(positions.unsqueeze());
        let mut resid = self.embed.forward(ids);
        for layer in &self.layers {
            resid = layer.forward(resid, positions.clone());
        }
        self.unembed.forward(resid)
    }
}

impl Layer {
    fn new(device: &Device) -> Self {
        Self {
            resid_pre: Probe::new(),
            attn: Attention::new(device),
            resid_post: Probe::new(),
        }
    }
}

#[inspectable]
impl Layer {
    fn forward(&self, resid: Tensor<3>, positions: Tensor<3>) -> Tensor<3> {
        let resid = self.resid_pre.forward(resid);
        let read = self.attn.forward(resid.clone(), positions);
        self.resid_post.forward(resid + read)
    }
}

impl Attention {
    fn new(device: &Device) -> Self {
        Self {
            w_q: linear(HIDDEN, device),
            w_k: linear(HIDDEN, device),
            w_v: linear(HIDDEN, device),
            w_o: linear(HIDDEN, device),
            q: Probe::new(),
            k: Probe::new(),
            v: Probe::new(),
            scores: Probe::new(),
            pattern: Probe::new(),
            z: Probe::new(),
        }
    }
}

#[inspectable]
impl Attention {
    fn forward(&self, resid: Tensor<3>, positions: Tensor<3>) -> Tensor<3> {
        let [batch, seq, _] = resid.dims();
        let placed = resid.clone() + positions;
        let q = self.q.forward(by_head(self.w_q.forward(placed.clone())));
        let k = self.k.forward(by_head(self.w_k.forward(placed)));
        let v = self.v.forward(by_head(self.w_v.forward(resid)));

        let scale = 1.0 / (HEAD_DIM as f64).sqrt();
        let scores = self.scores.forward(q.matmul(k.transpose()) * scale);
        let later = Tensor::<2, Bool>::tril_mask([seq, seq], 0, &scores.device());
        let later = later.unsqueeze::<4>().expand([batch, HEADS, seq, seq]);
        let pattern = softmax(scores.mask_fill(later, f32::NEG_INFINITY), 3);
        let pattern = self.pattern.forward(pattern);

        let z = self.z.forward(pattern.matmul(v));
        let heads = z.swap_dims(1, 2).reshape([batch, seq, HIDDEN]);
        self.w_o.forward(heads)
    }
}

/// (Batch, Seq, Hidden) to (Batch, Head, Seq, HeadDim)
fn by_head(x: Tensor<3>) -> Tensor<4> {
    let [batch, seq, _] = x.dims();
    x.reshape([batch, seq, HEADS, HEAD_DIM]).swap_dims(1, 2)
}

fn linear(to: usize, device: &Device) -> Linear {
    LinearConfig::new(HIDDEN, to)
        .with_bias(false)
        .with_initializer(Initializer::XavierNormal { gain: 1.0 })
        .init(device)
}
