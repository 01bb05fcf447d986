//! Parameters of Burn's modules in a trace, and their gradients.

use crate::shapes::shape::Shape;
use crate::tree::handle::Handle;
use crate::values::read::Read;
use crate::values::value::{Saved, Value};
use crate::write::builder::ValueRef;
use crate::write::gradients;
use crate::write::parameters;
use std::marker::PhantomData;

/// A parameter of one of Burn's modules, `m.layer1.weight`: ask for its value or its gradient.
pub struct Parameter<S> {
    module: Handle,
    name: &'static str,
    marker: PhantomData<fn() -> S>,
}

impl<S> Clone for Parameter<S> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S> Copy for Parameter<S> {}

impl<S> std::fmt::Debug for Parameter<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Parameter({:?} {})", self.module, self.name)
    }
}

impl<S: Shape> Parameter<S> {
    pub(crate) const fn new(module: Handle, name: &'static str) -> Self {
        Parameter {
            module,
            name,
            marker: PhantomData,
        }
    }

    /// The parameter as a value of this trace, over the axes that its module declares:
    /// `m.ln_f.output.matmul(m.lm_head.weight.value())`. Reading it takes a handle, not a copy; it is there before the
    /// forward pass starts.
    ///
    /// It can be read, not written: change what the module gives instead. A loss that uses it adds to
    /// [`grad`](Self::grad), as the module's own use does.
    ///
    /// # Errors
    /// Before the forward pass, if the model has no such parameter (a layer without bias), or one of other sizes.
    #[track_caller]
    pub fn value(self) -> Value<S> {
        Value::new(parameters::parameter::<S>(self.module, self.name))
    }

    /// The gradient of the trace's loss: `m.layer1.weight.grad` in `trace!`. It can be read, not written;
    /// edit the gradient of the module's output instead.
    ///
    /// # Errors
    /// As for [`Site::grad`](crate::values::site::Site::grad), and if the model has no such parameter (a layer without
    /// bias).
    pub fn grad(self) -> ParameterGrad<S> {
        self.grad_of(None)
    }

    pub(crate) fn grad_of(self, backward: Option<ValueRef>) -> ParameterGrad<S> {
        ParameterGrad {
            of: self,
            backward,
            on_thread: PhantomData,
        }
    }
}

/// The gradient of a loss with respect to a parameter of shape `S`.
#[must_use = "a gradient does nothing by itself: read it with `get`"]
pub struct ParameterGrad<S> {
    of: Parameter<S>,
    backward: Option<ValueRef>,
    on_thread: PhantomData<*const ()>,
}

impl<S> Clone for ParameterGrad<S> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S> Copy for ParameterGrad<S> {}

impl<S> std::fmt::Debug for ParameterGrad<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}.grad", self.of)
    }
}

impl<S: Shape> ParameterGrad<S> {
    /// The gradient.
    #[track_caller]
    pub fn get(self) -> Value<S> {
        let module = self.of.module;
        Value::new(gradients::parameter_gradient::<S>(
            module,
            self.of.name,
            self.backward,
        ))
    }

    /// Keeps the gradient: `grad.get().save()`.
    #[track_caller]
    pub fn save(self) -> Saved<S> {
        self.get().save()
    }

    /// Never: what a parameter's gradient would be, nothing in a trace depends on.
    #[doc(hidden)]
    pub fn set<V>(self, _: V)
    where
        Self: Writable,
    {
    }

    /// Never; see `set`.
    #[doc(hidden)]
    pub fn set_at<I, V>(self, _: I, _: V)
    where
        Self: Writable,
    {
    }

    /// The sizes, outermost axis first; see [`Value::shape`].
    #[track_caller]
    pub fn shape(self) -> Vec<usize> {
        self.get().shape()
    }
}

/// What nothing implements: the error for a write says what would work.
#[diagnostic::on_unimplemented(
    message = "the gradient of a parameter is read-only",
    label = "a parameter's gradient cannot be written",
    note = "edit the gradient of the module's output, which this one follows from: `m.layer1.output.grad *= 2.0`"
)]
#[doc(hidden)]
pub trait Writable {}

impl<S: Shape> Read for ParameterGrad<S> {
    type Value = Value<S>;
    #[track_caller]
    fn read(self) -> Value<S> {
        self.get()
    }
}

/// All parameters' gradients, kept: return it from the trace.
#[derive(Clone, Copy, Debug)]
#[must_use = "return what you save from the trace: what is not returned cannot be read"]
pub struct SavedParameterGrads {
    pub(crate) at: ValueRef,
    on_thread: PhantomData<*const ()>,
}

impl SavedParameterGrads {
    pub(crate) fn new(at: ValueRef) -> Self {
        SavedParameterGrads {
            at,
            on_thread: PhantomData,
        }
    }
}
