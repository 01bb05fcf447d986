//! GPT-NeoX's sites under the names that all decoders share.

use super::axes::{Batch, Head, HeadDim, Hidden, Seq, Vocab};
use super::config::NeoxConfig;
use super::model::GptNeoX;
use crate::decoder::{BlockSites, Decoder};
use nnsight_core::{Site, Sites, Value};

impl<C: NeoxConfig> Decoder for GptNeoX<C> {
    type Hidden = Hidden<C>;
    type Vocab = Vocab<C>;
    type Head = Head<C>;
    type KvHead = Head<C>;
    type HeadDim = HeadDim<C>;

    const LAYERS: usize = C::LAYERS;

    fn blocks(sites: Sites<Self>) -> Vec<BlockSites<Self>> {
        let blocks = sites.gpt_neox.layers.iter().map(|layer| BlockSites {
            resid_pre: layer.resid_pre,
            resid_mid: (!C::PARALLEL).then_some(layer.resid_mid),
            resid_post: layer.resid_post,
            attn_out: layer.attention.output,
            mlp_out: layer.mlp.output,
            q: layer.attention.q,
            k: layer.attention.k,
            v: layer.attention.v,
            scores: layer.attention.scores,
            pattern: layer.attention.pattern,
            z: layer.attention.z,
        });
        blocks.collect()
    }

    fn logits_site(sites: Sites<Self>) -> Site<(Batch, Seq, Vocab<C>)> {
        sites.embed_out.output
    }

    fn unembed(sites: Sites<Self>, stream: Value<(Batch, Seq, Hidden<C>)>) -> Value<(Batch, Seq, Vocab<C>)> {
        sites.embed_out.call(sites.gpt_neox.final_layer_norm.call(stream))
    }
}
