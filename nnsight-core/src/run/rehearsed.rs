//! The backward pass of a run that computes nothing.

use crate::error::Result;
use crate::plan::cost::recording::Note;
use crate::results::parameter_grads::Leaf;
use crate::run::machine::Machine;
use crate::run::rehearsal::Rehearsal;
use crate::shapes::kind::KindTag;
use crate::tensor::erased::Erased;

impl Machine {
    /// Does what there is to do with gradients, of which nothing but their sizes is known.
    pub(super) fn rehearse_backward(
        mut self,
        rehearsal: &Rehearsal,
        leaves: Vec<Leaf>,
        loss: Option<Erased>,
    ) -> Result<Machine> {
        rehearsal.note(Note::Passed, &[]);
        rehearsal.note(Note::Loss, loss.as_slice());
        drop(loss);
        for (tap, sizes, dtype) in rehearsal.tapped().into_iter().rev() {
            rehearsal.note(Note::Gradient(tap), &[]);
            let gradient = rehearsal.tensor(&sizes, dtype, KindTag::Float);
            drop(self.at_tap(tap, gradient));
        }
        let mut gradients = Vec::with_capacity(leaves.len());
        for (number, leaf) in leaves.iter().enumerate() {
            rehearsal.note(Note::LeafGradient(number as u32), &[]);
            let sizes = leaf.tensor.dims().all_known();
            gradients.push(sizes.map(|sizes| rehearsal.tensor(&sizes, leaf.tensor.dtype(), KindTag::Float)));
        }
        let mut gradients = gradients.into_iter();
        self.end_backward(leaves, |_| gradients.next().flatten())?;
        Ok(self)
    }
}
