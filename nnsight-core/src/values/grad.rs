//! Gradients: of sites, of values and of parameters, read and edited inside the backward pass.

use crate::values::parameter::{Parameter, ParameterGrad, SavedParameterGrads};
use crate::write::gradients;

use crate::shapes::index::Index;
use crate::shapes::shape::Shape;
use crate::values::read::Read;
use crate::values::site::Site;
use crate::values::value::{IntoValue, OnThread, Saved, Value};
use crate::write::builder::ValueRef;
use burn::tensor::Float;
use std::marker::PhantomData;

/// The gradient of a loss with respect to a site or a value of shape `S`: a place that can be read and
/// written, like a [`Site`].
///
/// Inside `trace!` it reads `m.layer1.output.grad`; a write changes what flows further back, parameters
/// included. Reads and writes of one gradient happen in the order of the text.
#[must_use = "a gradient does nothing by itself: read it with `get`, or write it"]
pub struct Grad<S> {
    of: ValueRef,
    backward: Option<ValueRef>,
    marker: OnThread<S>,
}

impl<S> Clone for Grad<S> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S> Copy for Grad<S> {}

impl<S> std::fmt::Debug for Grad<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Grad(#{})", self.of.node.0)
    }
}

impl<S: Shape> Grad<S> {
    #[track_caller]
    fn new(of: Value<S>, backward: Option<ValueRef>) -> Self {
        Grad {
            of: of.node(),
            backward,
            marker: PhantomData,
        }
    }

    /// The gradient, with all edits that were written before.
    #[track_caller]
    pub fn get(self) -> Value<S> {
        Value::new(gradients::read_gradient(self.of, self.backward))
    }

    /// Keeps the gradient as it is at this line: `grad.get().save()`.
    #[track_caller]
    pub fn save(self) -> Saved<S> {
        self.get().save()
    }

    /// Replaces the gradient, for everything further back.
    #[track_caller]
    pub fn set(self, value: impl IntoValue<S, Float>) {
        gradients::write_gradient(self.of, self.backward, S::AXES, Vec::new(), value.written().0);
    }

    /// Replaces a part of the gradient: `grad.set_at((.., 0), 0.0)`.
    #[track_caller]
    pub fn set_at<I: Index<S>>(self, index: I, value: impl IntoValue<I::Output, Float>) {
        gradients::write_gradient(self.of, self.backward, S::AXES, index.takes(), value.written().0);
    }

    /// Replaces the gradient by a function of it: `grad.update(|g| g * 2.0)`.
    #[track_caller]
    pub fn update<V: IntoValue<S, Float>>(self, f: impl FnOnce(Value<S>) -> V) {
        self.set(f(self.get()));
    }

    /// The sizes, outermost axis first: those of the value; see [`Value::shape`].
    #[track_caller]
    pub fn shape(self) -> Vec<usize> {
        self.get().shape()
    }
}

impl<S: Shape> Read for Grad<S> {
    type Value = Value<S>;
    #[track_caller]
    fn read(self) -> Value<S> {
        self.get()
    }
}

impl<S: Shape> IntoValue<S, Float> for Grad<S> {
    #[track_caller]
    fn written(self) -> crate::values::value::Written {
        self.get().written()
    }
}

impl<S: Shape> Site<S> {
    /// The gradient of the trace's loss with respect to the value here, as the lines before left it:
    /// `m.layer1.output.grad` in `trace!`.
    ///
    /// # Errors
    /// The trace fails before the model runs if nothing calls [`Value::backward`], or more than one line
    /// does: then name the loss, `b.grad(m.layer1.output)`. It fails after the run if the loss does not
    /// depend on the value.
    #[track_caller]
    pub fn grad(self) -> Grad<S> {
        self.get().grad()
    }
}

impl<S: Shape> Value<S> {
    /// The gradient of the trace's loss with respect to this value, `v.grad` in `trace!`; see
    /// [`Site::grad`].
    #[track_caller]
    pub fn grad(self) -> Grad<S> {
        Grad::new(self, None)
    }

    /// Starts the backward pass from this value, the loss: the gradients of this trace are its
    /// derivatives. Of a value with more than one element the loss is the sum.
    ///
    /// A trace may have several losses, each with gradients of its own: keep what this returns, and ask it.
    /// Then the forward pass runs once for each, since Burn's tape is used up by a backward pass.
    ///
    /// ```standalone_crate
    /// # extern crate nnsight_core as nnsight;
    /// # use burn::tensor::{Device, Tensor};
    /// # use nnsight::{Inspectable, NnSight, inspectable, trace};
    /// # nnsight::axes! { Batch; Features = 2; }
    /// # #[derive(burn::module::Module, Debug, Inspectable)]
    /// # #[inspect((Batch, Features) -> (Batch, Features))]
    /// # struct Net { #[inspect((Batch, Features) -> (Batch, Features))] layer: burn::nn::Linear }
    /// # #[inspectable]
    /// # impl Net { fn forward(&self, x: Tensor<2>) -> Tensor<2> { self.layer.forward(x) } }
    /// # fn main() -> nnsight::Result<()> {
    /// # let device = Device::flex();
    /// # let net = NnSight::new(Net { layer: burn::nn::LinearConfig::new(2, 2).init(&device) });
    /// # let input = Tensor::<2>::ones([1, 2], &device);
    /// let (first, second) = trace!(net, input, |m: Net| {
    ///     let a = m.output[.., 0].sum().backward();
    ///     let b = m.output[.., 1].sum().backward();
    ///     (a.grad(m.input).save(), b.grad(m.input).save())
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The trace fails before the model runs if the loss needs a gradient: second-order gradients are not
    /// supported.
    #[track_caller]
    pub fn backward(self) -> Backward {
        Backward {
            at: gradients::backward(self.node()),
            marker: PhantomData,
        }
    }
}

/// A backward pass of a trace, to ask for gradients of its loss.
#[derive(Clone, Copy, Debug)]
pub struct Backward {
    at: ValueRef,
    marker: PhantomData<*const ()>,
}

impl Backward {
    /// The gradient of this loss with respect to a value: `b.grad(m.layer1.output)` in `trace!`.
    #[track_caller]
    pub fn grad<S: Shape>(self, of: Value<S>) -> Grad<S> {
        Grad::new(of, Some(self.at))
    }

    /// The gradient of this loss with respect to a parameter: `b.grad(m.layer1.weight)` in `trace!`.
    pub fn parameter_grad<S: Shape>(self, of: Parameter<S>) -> ParameterGrad<S> {
        of.grad_of(Some(self.at))
    }

    /// Keeps the gradients of this loss with respect to all float parameters of the model, whether they
    /// are frozen or not: return it from the trace, and the trace gives them by name.
    ///
    /// Parameters that the loss does not depend on are left out.
    #[track_caller]
    pub fn parameter_grads(self) -> SavedParameterGrads {
        SavedParameterGrads::new(gradients::parameter_gradients(self.at))
    }
}
