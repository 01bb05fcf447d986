//! What the model's predictions cost, before and after the repetition begins.

use nnsight::prelude::*;

use super::model::{AttentionOnly, Vocab};

/// Cross-entropy for each token, in nats.
#[derive(Clone, Copy, Debug)]
pub struct Losses {
    /// Of the tokens that have not been seen.
    pub first_half: f32,
    /// Of the tokens of the second half but its first one: nothing tells when the repetition begins.
    pub second_half: f32,
}

/// The losses on sequences of two halves.
///
/// # Errors
/// Those of the trace.
pub fn losses(net: &NnSight<AttentionOnly>, ids: &Tensor<2, Int>) -> nnsight::Result<Losses> {
    let [_, seq] = ids.dims();
    let period = (seq - 1) / 2;
    let (first, second) = trace!(net, ids, |m: AttentionOnly| {
        let predicted = m.output[.., ..-1].log_softmax(Vocab);
        let loss = -predicted.pick(Vocab, m.input[.., 1..]);
        (loss[.., ..period].mean().save(), loss[.., period + 1..].mean().save())
    })?;
    Ok(Losses {
        first_half: first.into_scalar(),
        second_half: second.into_scalar(),
    })
}
