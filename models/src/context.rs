//! What a forward pass of a language model knows besides its tokens.

use crate::cache::KeyValueCache;
use crate::error::{Error, Result};
use burn::prelude::*;
use nnsight_core::{Carrier, Erased};
use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Where each prompt of a batch begins, and the keys and values of the tokens that came before.
///
/// The default is the plain case: prompts that fill their rows, and no tokens before them. A clone shares
/// everything; a context is for one forward pass.
#[derive(Clone, Debug, Default)]
pub struct Context {
    shared: Arc<Shared>,
    layer: usize,
}

#[derive(Debug, Default)]
struct Shared {
    /// How many positions of padding each row begins with; none where it is empty.
    padding: Vec<usize>,
    /// How many positions each row has had before this pass.
    past: usize,
    cache: Option<KeyValueCache>,
    /// The masks of earlier attentions, which most often are those of later ones too: one for each device.
    hidden: Mutex<Vec<Tensor<4, Bool>>>,
}

impl Context {
    /// For prompts that begin after some positions of padding each (left padding; an empty list for none), and
    /// continue what `cache` holds, which the forward pass fills.
    pub fn new(padding: Vec<usize>, cache: Option<&KeyValueCache>) -> Self {
        let padding = match padding.iter().all(|&padding| padding == 0) {
            true => Vec::new(),
            false => padding,
        };
        Self {
            shared: Arc::new(Shared {
                padding,
                past: cache.map_or(0, KeyValueCache::len),
                cache: cache.map(KeyValueCache::share),
                hidden: Mutex::default(),
            }),
            layer: 0,
        }
    }

    /// The same for one of the model's layers, which has keys and values of its own.
    pub fn at_layer(&self, layer: usize) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            layer,
        }
    }

    /// The position of each token in its own prompt, counted from 0; padding has 0.
    ///
    /// # Shapes
    ///
    /// (Batch, Seq) token ids to (Batch, Seq)
    pub fn positions(&self, ids: &Tensor<2, Int>) -> Tensor<2, Int> {
        self.begin();
        let [batch, seq] = ids.dims();
        let past = self.shared.past as i64;
        let here = Tensor::<1, Int>::arange(past..past + seq as i64, &ids.device())
            .unsqueeze::<2>()
            .expand([batch, seq]);
        match self.paddings(&ids.device()) {
            Some(padding) => (here - padding.reshape([batch as i32, 1])).clamp_min(0),
            None => here,
        }
    }

    /// Adds this layer's new keys and values to those of earlier passes, and gives all.
    ///
    /// # Shapes
    ///
    /// (Batch, KvHead, Seq, HeadDim) to (Batch, KvHead, Key, HeadDim), each
    pub fn extend(&self, keys: Tensor<4>, values: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        match &self.shared.cache {
            Some(cache) => cache.extend(self.layer, keys, values),
            None => (keys, values),
        }
    }

    /// Hides from each position what comes after it, and all padding: their scores become minus infinity.
    ///
    /// # Shapes
    ///
    /// (Batch, Head, Seq, Key), same shape
    pub fn causal(&self, scores: Tensor<4>) -> Tensor<4> {
        let sizes @ [.., seq, _] = scores.dims();
        if seq == 1 && self.shared.padding.is_empty() {
            return scores;
        }
        let device = scores.device();
        let mut known = self.shared.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |hidden: &&Tensor<4, Bool>| {
            let [_, _, queries, keys] = hidden.dims();
            [queries, keys] == sizes[2..] && hidden.device() == device
        };
        let hidden = match known.iter().find(fits) {
            Some(hidden) => hidden.clone(),
            None => {
                let hidden = self.hidden(sizes, &device);
                known.push(hidden.clone());
                hidden
            }
        };
        drop(known);
        scores.mask_fill(hidden.expand(sizes), f32::NEG_INFINITY)
    }

    /// Which keys a query may not see: (Batch or 1, 1, Seq, Key).
    fn hidden(&self, [batch, _, seq, keys]: [usize; 4], device: &Device) -> Tensor<4, Bool> {
        let past = self.shared.past as i64;
        let later = Tensor::<2, Bool>::tril_mask([seq, keys], past, device).unsqueeze::<4>();
        let Some(padding) = self.paddings(device) else {
            return later;
        };
        let key = Tensor::<1, Int>::arange(0..keys as i64, device).reshape([1, 1, 1, keys as i32]);
        let query = Tensor::<1, Int>::arange(past..past + seq as i64, device).reshape([1, 1, seq as i32, 1]);
        let sizes = [batch, 1, seq, keys];
        let key = key.expand(sizes);
        let in_padding = key
            .clone()
            .lower(padding.reshape([batch as i32, 1, 1, 1]).expand(sizes));
        // Padding sees itself: a row that saw nothing would be no number, and spoil those that hide it.
        let is_self = key.equal(query.expand(sizes));
        later
            .expand(sizes)
            .bool_or(in_padding.bool_and(is_self.bool_not()))
    }

    /// A forward pass on this thread begins.
    fn begin(&self) {
        PASSES.with_borrow_mut(|passes| {
            passes.retain(|pass| pass.strong_count() > 0);
            passes.push(Arc::downgrade(&self.shared));
        });
    }

    /// What a module is given that is called on a value: the positions of a prompt that fills its rows.
    ///
    /// # Errors
    ///
    /// [`Error::CalledOnPart`] where a value of the pass that runs on this thread has others.
    fn of_call() -> Result<Self> {
        let pass = PASSES.with_borrow(|passes| passes.iter().rev().find_map(Weak::upgrade));
        match pass {
            Some(pass) if pass.past > 0 => Err(Error::CalledOnPart {
                of: "a later step of a generation that keeps keys and values",
                instead: "read what the module itself gives there, or generate `without_cache`",
            }),
            _ => Ok(Self::default()),
        }
    }

    fn paddings(&self, device: &Device) -> Option<Tensor<1, Int>> {
        let padding: Vec<i64> = self
            .shared
            .padding
            .iter()
            .map(|&padding| padding as i64)
            .collect();
        (!padding.is_empty()).then(|| Tensor::from_data(TensorData::from(&padding[..]), device))
    }
}

thread_local! {
    /// The forward passes that run on this thread, innermost last: a trace may run another. Those that are over are gone.
    static PASSES: RefCell<Vec<Weak<Shared>>> = const { RefCell::new(Vec::new()) };
}

/// A context passes a module's boundary untouched. A module that is called on values is given the default: a value has the
/// positions of its own prompt and no others. Where it has others, the call is an error.
impl Carrier for Context {
    type Rest = Context;
    /// A cache is filled.
    fn has_effect(rest: &Context) -> bool {
        rest.shared.cache.is_some()
    }
    fn take_tensors(self, _: &mut Vec<Erased>) -> Context {
        self
    }
    fn put_tensors(rest: Context, _: &mut std::vec::IntoIter<Erased>) -> nnsight_core::Result<Self> {
        Ok(rest)
    }
    fn from_tensors(_: &mut std::vec::IntoIter<Erased>) -> nnsight_core::Result<Self> {
        Ok(Context::of_call()?)
    }
    /// For another pass over the same prompts, which makes its own masks: it may run on another device.
    fn copy_rest(rest: &Context) -> Option<Context> {
        let Shared { padding, cache, .. } = rest.shared.as_ref();
        Some(Context {
            layer: rest.layer,
            ..Context::new(padding.clone(), cache.as_ref())
        })
    }
}
