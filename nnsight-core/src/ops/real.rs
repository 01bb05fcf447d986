//! Real tensors whose rank is known only at run time: what several operations need.

use crate::shapes::dims::Dims;
use crate::shapes::kind::KindTag;
use crate::shapes::meta::TensorMeta;
use crate::tensor::erased::{Erased, with_kind, with_rank};
use burn::tensor::{Bool, Device, Float, Int, Shape, Tensor};

/// The same elements at other sizes, of as many elements.
pub(crate) fn reshape(tensor: Erased, sizes: &[usize]) -> Erased {
    let found = tensor.dims();
    if found == Dims::known(sizes) {
        return tensor;
    }
    with_kind!(tensor.kind(), K => {
        let flat = with_rank!(found.rank(), D => tensor.assume::<D, K>().into_bridge());
        // One match over ranks after the other instead of one inside the other: a reshape does not use
        // the rank it starts from.
        let tensor = Tensor::<1, K>::from_bridge(flat);
        with_rank!(sizes.len(), D => Erased::new(match sizes.contains(&0) {
            // To Burn a size of 0 means "as before".
            true => Tensor::<D, K>::empty(sizes.to_vec(), (&tensor.device(), tensor.dtype())),
            false => tensor.reshape::<D, _>(Shape::from(sizes)),
        }))
    })
}

/// `tensor` on the device of `like` and of its element type: numbers and tensors that a trace was given
/// follow the model's.
pub(crate) fn alike(like: &Erased, tensor: Erased) -> Erased {
    let tensor = on_device_of(like, tensor);
    let dtype = like.dtype();
    if tensor.dtype() == dtype || tensor.kind() != like.kind() {
        return tensor;
    }
    match tensor.kind() {
        KindTag::Float => {
            with_rank!(tensor.dims().rank(), D => Erased::new(tensor.assume::<D, Float>().cast(dtype)))
        }
        KindTag::Int => {
            with_rank!(tensor.dims().rank(), D => Erased::new(tensor.assume::<D, Int>().cast(dtype)))
        }
        KindTag::Bool => tensor,
    }
}

/// `tensor` on the device of `like`.
pub(super) fn on_device_of(like: &Erased, tensor: Erased) -> Erased {
    to_device(&like.device(), tensor)
}

/// `tensor` on `device`.
pub(crate) fn to_device(device: &Device, tensor: Erased) -> Erased {
    match tensor.device() == *device {
        true => tensor,
        false => tensor.on_device(device),
    }
}

/// `tensor` used for all of larger sizes of the same rank.
pub(super) fn expand(tensor: Erased, sizes: &[usize]) -> Erased {
    if tensor.dims() == Dims::known(sizes) {
        return tensor;
    }
    with_kind!(tensor.kind(), K => with_rank!(sizes.len(), D => {
        Erased::new(tensor.assume::<D, K>().expand::<D, _>(Shape::from(sizes)))
    }))
}

/// Kind and sizes of a real tensor.
pub(super) fn meta(tensor: &Erased) -> TensorMeta {
    TensorMeta {
        kind: tensor.kind(),
        dims: tensor.dims(),
    }
}

/// One truth value everywhere.
pub(super) fn truth(value: bool, sizes: &[usize], device: &Device) -> Erased {
    with_rank!(sizes.len(), D => Erased::new(Tensor::<D, Bool>::full(sizes.to_vec(), value, device)))
}
