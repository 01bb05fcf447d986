//! Llama's sites under the names that all decoders share.

use super::axes::{Batch, Head, HeadDim, Hidden, KvHead, Seq, Vocab};
use super::config::LlamaConfig;
use super::model::Llama;
use crate::decoder::{BlockSites, Decoder};
use nnsight_core::{Site, Sites, Value};

impl<C: LlamaConfig> Decoder for Llama<C> {
    type Hidden = Hidden<C>;
    type Vocab = Vocab<C>;
    type Head = Head<C>;
    type KvHead = KvHead<C>;
    type HeadDim = HeadDim<C>;

    const LAYERS: usize = C::LAYERS;

    fn blocks(sites: Sites<Self>) -> Vec<BlockSites<Self>> {
        let blocks = sites.model.layers.iter().map(|block| BlockSites {
            resid_pre: block.resid_pre,
            resid_mid: Some(block.resid_mid),
            resid_post: block.resid_post,
            attn_out: block.self_attn.output,
            mlp_out: block.mlp.output,
            q: block.self_attn.q,
            k: block.self_attn.k,
            v: block.self_attn.v,
            scores: block.self_attn.scores,
            pattern: block.self_attn.pattern,
            z: block.self_attn.z,
        });
        blocks.collect()
    }

    fn logits_site(sites: Sites<Self>) -> Site<(Batch, Seq, Vocab<C>)> {
        sites.lm_head.output
    }

    fn unembed(sites: Sites<Self>, stream: Value<(Batch, Seq, Hidden<C>)>) -> Value<(Batch, Seq, Vocab<C>)> {
        sites.lm_head.call(sites.model.norm.call(stream))
    }
}
