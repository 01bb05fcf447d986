//! A run that computes nothing: on Burn's capture device, with notes between what is recorded there.

use crate::plan::cost::recording::Note;
use crate::shapes::dims::Dims;
use crate::shapes::kind::KindTag;
use crate::tensor::erased::{Erased, with_kind, with_rank};
use burn::tensor::{Bool, BoolStore, DType, Device, Float, Int, Tensor};
use std::cell::RefCell;

/// Where a rehearsal is recorded.
#[derive(Clone, Debug)]
pub(crate) struct Rehearsal {
    device: Device,
    /// The taps that the run has come to, with the sizes of their tensors.
    taps: RefCell<Vec<(u32, Vec<usize>, DType)>>,
}

impl Rehearsal {
    pub(crate) fn new(device: &Device) -> Self {
        Rehearsal {
            device: device.clone(),
            taps: RefCell::default(),
        }
    }

    /// Notes something of some tensors in what is recorded.
    pub(crate) fn note(&self, note: Note, tensors: &[Erased]) {
        let data = note.data(tensors.len());
        drop(Tensor::<1, Int>::from_data(data, (&self.device, DType::I64)));
        tensors.iter().for_each(Erased::touch);
    }

    /// A tensor of such sizes.
    pub(crate) fn tensor(&self, sizes: &[usize], dtype: DType, kind: KindTag) -> Erased {
        with_kind!(kind, K => with_rank!(sizes.len(), D => {
            let mut own = [0; D];
            own.copy_from_slice(sizes);
            Erased::new(Tensor::<D, K>::zeros(own, (&self.device, dtype)))
        }))
    }

    /// What a closure gives that is not run, if its sizes are known.
    pub(crate) fn result_of_closure(&self, dims: Dims, kind: KindTag) -> Option<Erased> {
        let dtype = match kind {
            KindTag::Float => DType::F32,
            KindTag::Int => DType::I64,
            KindTag::Bool => DType::Bool(BoolStore::U8),
        };
        let result = self.tensor(&dims.all_known()?, dtype, kind);
        self.note(Note::Closure, std::slice::from_ref(&result));
        Some(result)
    }

    /// The taps that the run has come to, with the sizes of their tensors.
    pub(super) fn tapped(&self) -> Vec<(u32, Vec<usize>, DType)> {
        self.taps.take()
    }

    /// The run has come to a tap. The tape is not rehearsed here, but replayed from what is recorded.
    pub(crate) fn tap(&self, tap: u32, tensor: &Erased) {
        self.note(Note::Tap(tap), std::slice::from_ref(tensor));
        if let Some(sizes) = tensor.dims().all_known() {
            self.taps.borrow_mut().push((tap, sizes, tensor.dtype()));
        }
    }
}
