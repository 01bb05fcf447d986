//! GPT-2's sites under the names that all decoders share.

use super::axes::{Batch, Head, HeadDim, Hidden, Seq, Vocab};
use super::config::Gpt2Config;
use super::model::Gpt2;
use crate::decoder::{BlockSites, Decoder};
use nnsight_core::{Site, Sites, Value};

impl<C: Gpt2Config> Decoder for Gpt2<C> {
    type Hidden = Hidden<C>;
    type Vocab = Vocab<C>;
    type Head = Head<C>;
    type KvHead = Head<C>;
    type HeadDim = HeadDim<C>;

    const LAYERS: usize = C::LAYERS;

    fn blocks(sites: Sites<Self>) -> Vec<BlockSites<Self>> {
        let blocks = sites.transformer.h.iter().map(|block| BlockSites {
            resid_pre: block.resid_pre,
            resid_mid: Some(block.resid_mid),
            resid_post: block.resid_post,
            attn_out: block.attn.output,
            mlp_out: block.mlp.output,
            q: block.attn.q,
            k: block.attn.k,
            v: block.attn.v,
            scores: block.attn.scores,
            pattern: block.attn.pattern,
            z: block.attn.z,
        });
        blocks.collect()
    }

    fn logits_site(sites: Sites<Self>) -> Site<(Batch, Seq, Vocab<C>)> {
        sites.lm_head.output
    }

    fn unembed(sites: Sites<Self>, stream: Value<(Batch, Seq, Hidden<C>)>) -> Value<(Batch, Seq, Vocab<C>)> {
        sites.lm_head.call(sites.transformer.ln_f.call(stream))
    }
}
