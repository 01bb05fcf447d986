//! What all families of decoders have under the same names, so that one experiment runs on any of them.

use crate::axes::{Batch, Key, Seq};
use crate::language_model::CausalLm;
use nnsight_core::{Axis, Probe, Site, Sites, Value};

/// A causal transformer: blocks that read from a residual stream and add to it, then a norm and a head.
///
/// ```
/// use nnsight_models::{Decoder, LanguageModel, Result};
///
/// /// The norm of the residual stream after each block, over positions.
/// fn norms<M: Decoder>(lm: &LanguageModel<M>, prompt: &str) -> Result<Vec<burn::tensor::Tensor<2>>> {
///     lm.trace(prompt, |m| {
///         let blocks = M::blocks(m).into_iter();
///         blocks.map(|block| block.resid_post.output.get().norm_over(M::HIDDEN).save()).collect::<Vec<_>>()
///     })
/// }
/// ```
pub trait Decoder: CausalLm {
    /// The width of the residual stream.
    type Hidden: Axis;
    /// A logit for each token.
    type Vocab: Axis;
    /// Heads of queries.
    type Head: Axis;
    /// Heads of keys and values; those of queries where each has its own.
    type KvHead: Axis;
    /// The width of a head.
    type HeadDim: Axis;

    /// How many blocks there are.
    const LAYERS: usize;
    /// The width of the residual stream, for operations along it.
    const HIDDEN: Self::Hidden = <Self::Hidden as Axis>::HERE;
    /// The tokens, for operations along them.
    const TOKENS: Self::Vocab = <Self::Vocab as Axis>::HERE;

    /// The blocks, first to last; [`LAYERS`](Self::LAYERS) of them.
    fn blocks(sites: Self::Sites) -> Vec<BlockSites<Self>>;

    /// The logits of the next token.
    fn logits_site(sites: Self::Sites) -> Site<(Batch, Seq, Self::Vocab)>;

    /// The logits that a residual stream would give, were it the last: the final norm and the head.
    fn unembed(
        sites: Self::Sites,
        stream: Value<(Batch, Seq, Self::Hidden)>,
    ) -> Value<(Batch, Seq, Self::Vocab)>;
}

/// A residual stream.
pub type StreamSites<M> = Sites<Probe<(Batch, Seq, <M as Decoder>::Hidden)>>;
/// A vector of each head at each position.
pub type HeadSites<M> = Sites<Probe<(Batch, <M as Decoder>::Head, Seq, <M as Decoder>::HeadDim)>>;
/// A key or a value of each head at each position that is seen.
pub type KeySites<M> = Sites<Probe<(Batch, <M as Decoder>::KvHead, Key, <M as Decoder>::HeadDim)>>;
/// A number of each head for each pair of positions.
pub type PatternSites<M> = Sites<Probe<(Batch, <M as Decoder>::Head, Seq, Key)>>;

/// The sites of a block that every family has.
pub struct BlockSites<M: Decoder> {
    /// The residual stream as it enters.
    pub resid_pre: StreamSites<M>,
    /// The residual stream between attention and mlp. Where both read the same stream (GPT-NeoX), there is none.
    pub resid_mid: Option<StreamSites<M>>,
    /// The residual stream as it leaves.
    pub resid_post: StreamSites<M>,
    /// What attention adds to the stream.
    pub attn_out: Site<(Batch, Seq, M::Hidden)>,
    /// What the mlp adds to the stream.
    pub mlp_out: Site<(Batch, Seq, M::Hidden)>,
    /// Queries, by head, as they meet the keys.
    pub q: HeadSites<M>,
    /// Keys, by head, as they meet the queries.
    pub k: KeySites<M>,
    /// Values, by head.
    pub v: KeySites<M>,
    /// Scaled products of queries and keys, before the causal mask.
    pub scores: PatternSites<M>,
    /// Attention probabilities.
    pub pattern: PatternSites<M>,
    /// What each head read.
    pub z: HeadSites<M>,
}

impl<M: Decoder> Clone for BlockSites<M> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M: Decoder> Copy for BlockSites<M> {}

impl<M: Decoder> std::fmt::Debug for BlockSites<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BlockSites({:?})", self.resid_pre.output)
    }
}
