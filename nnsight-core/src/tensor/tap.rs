//! The tap: an identity in the forward pass that is called with the gradient in the backward pass. This is
//! all that gradients need of Burn's autodiff, and each backend gives it with one line here.

use crate::tensor::erased::{Erased, with_rank};
use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{
    Backend, BackendTensor, Dispatch, DispatchKindConversion, DispatchTensor, Flex,
    GradientCheckpointingStrategy, backend_extension,
};
use burn::tensor::{Float, Tensor};

/// What is called with the gradient at a tap, and gives what flows on.
pub(crate) type OnGradient = fn(TapId, DispatchTensor) -> DispatchTensor;

/// Which tap of which pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TapId {
    /// No two passes of a process share a number, so that a tensor that outlives its pass taps nothing.
    pub(crate) pass: u64,
    pub(crate) tap: u32,
}

/// A tap, and what it calls: what stands above has the answer, and gives it along.
type Tap = (TapId, OnGradient);

/// Inserts a tap. A tensor that nothing tracks becomes a source: what comes before it stays untracked.
pub(crate) fn insert(
    tensor: Erased,
    tap: TapId,
    on_gradient: OnGradient,
    strategy: Option<GradientCheckpointingStrategy>,
) -> Erased {
    with_rank!(tensor.dims().rank(), D => {
        let tracked = track(tensor.assume::<D, Float>(), strategy);
        let tapped = <Dispatch as TapBackend>::tap(tracked.into_dispatch(), (tap, on_gradient));
        Erased::new(Tensor::<D>::from_dispatch(tapped))
    })
}

/// The same tensor, tracked.
pub(crate) fn track<const D: usize>(
    tensor: Tensor<D>,
    strategy: Option<GradientCheckpointingStrategy>,
) -> Tensor<D> {
    if tensor.is_autodiff() {
        return match tensor.is_tracked() {
            true => tensor,
            false => tensor.require_grad(),
        };
    }
    let tensor = tensor.autodiff();
    match strategy {
        Some(strategy) => tensor.with_gradient_checkpointing_strategy(strategy),
        None => tensor,
    }
    .require_grad()
}

/// A backend with the tap. Only its autodiff form does anything: without one there is no gradient.
#[backend_extension(
    Flex,
    Cube: cfg(any(feature = "wgpu", feature = "cuda")),
    Remote: cfg(feature = "remote"),
    Autodiff
)]
pub(crate) trait TapBackend: Backend {
    /// The same tensor, tapped.
    fn tap(tensor: FloatTensor<Self>, tap: Tap) -> FloatTensor<Self>;
}

impl TapBackend for Flex {
    fn tap(tensor: FloatTensor<Self>, _: Tap) -> FloatTensor<Self> {
        tensor
    }
}

/// All that runs through CubeCL: wgpu and CUDA, with kernel fusion or without.
#[cfg(any(feature = "wgpu", feature = "cuda"))]
impl TapBackend for burn::backend::Cube {
    fn tap(tensor: FloatTensor<Self>, _: Tap) -> FloatTensor<Self> {
        tensor
    }
}

/// Devices of other processes: the tape is here.
#[cfg(feature = "remote")]
impl TapBackend for burn::backend::Remote {
    fn tap(tensor: FloatTensor<Self>, _: Tap) -> FloatTensor<Self> {
        tensor
    }
}

impl<B: TapBackend, C: CheckpointStrategy> TapBackend for Autodiff<B, C>
where
    DispatchTensor: DispatchKindConversion<B>,
{
    fn tap(tensor: FloatTensor<Self>, tap: Tap) -> FloatTensor<Self> {
        let (primitive, guard) = tensor.into_parts();
        match Backward::<B, 1>::prepare::<C>(Tapped, [guard])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prepared) => prepared.finish(tap, primitive),
            OpsKind::UnTracked(prepared) => prepared.finish(primitive),
        }
    }
}

/// The step on the tape.
#[derive(Debug)]
struct Tapped;

impl<B: Backend> Backward<B, 1> for Tapped
where
    DispatchTensor: DispatchKindConversion<B>,
{
    type State = Tap;

    fn backward(self, ops: Ops<Tap, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let [Some(parent)] = ops.parents else { return };
        let gradient = BackendTensor::Float(gradient);
        let given = <DispatchTensor as DispatchKindConversion<B>>::from_backend(gradient);
        let (tap, on_gradient) = ops.state;
        let taken = on_gradient(tap, given);
        match <DispatchTensor as DispatchKindConversion<B>>::try_into_backend(taken) {
            Ok(gradient) => gradients.register::<B>(parent.id, gradient.float()),
            Err(_) => unreachable!("an edited gradient stays on its device"),
        }
    }
}

/// The gradient of a tensor of any rank.
pub(crate) fn erase(gradient: DispatchTensor) -> Erased {
    use burn::backend::TensorMetadata;
    with_rank!(gradient.rank(), D => Erased::new(Tensor::<D>::from_dispatch(gradient)))
}

/// The opposite of [`erase`].
pub(crate) fn restore(gradient: Erased) -> DispatchTensor {
    with_rank!(gradient.dims().rank(), D => gradient.assume::<D, Float>().into_dispatch())
}
