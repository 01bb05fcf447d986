//! Values: typed handles to tensors that will exist when the model runs.

use crate::error::{Error, Result};
use crate::graph::node::{NodeKind, SiteId};
use crate::ops::Op;
use crate::shapes::scalar::Scalar;
use crate::shapes::shape::{EndsWith, HasRank, Kind, Shape};
use crate::tensor::erased::Erased;
use crate::tensor::real::RealTensor;
use crate::tree::handle::{End, Handle};
use crate::write::append;
use crate::write::builder::ValueRef;
use crate::write::place;
use crate::write::show;
use crate::write::typed;
use burn::tensor::{Bool, Device, Float, Int, Tensor};
use std::marker::PhantomData;

/// Marks what stays on its thread.
pub(crate) type OnThread<S, K = Float> = PhantomData<(*const (), fn() -> (S, K))>;

/// A tensor of shape `S` and kind `K` that will exist when the model runs.
///
/// A value is a handle and `Copy`: use it as often as you like. It cannot be read before the run, and
/// after the run only what was [saved](Value::save) is there. It stays on the thread of its trace.
#[must_use = "a value does nothing by itself: save it, or write it into a site"]
pub struct Value<S, K = Float> {
    source: Source,
    marker: OnThread<S, K>,
}

/// What a value is.
#[derive(Clone, Copy)]
enum Source {
    /// A node of the trace.
    Node(ValueRef),
    /// A site that is read where the value is used.
    Site { at: Handle, end: End, port: u8 },
}

impl<S, K> Clone for Value<S, K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S, K> Copy for Value<S, K> {}

impl<S, K> std::fmt::Debug for Value<S, K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.source {
            Source::Node(node) => show::show(node, f),
            Source::Site { at, end, port } => show::show_site(SiteId::of(at, end, port), f),
        }
    }
}

/// A value that the user asked to keep: the trace returns its tensor in its place.
#[must_use = "return what you save from the trace: what is not returned cannot be read"]
pub struct Saved<S, K = Float> {
    pub(crate) at: ValueRef,
    marker: OnThread<S, K>,
}

/// A value that is kept if it comes to be: the trace returns `Some` tensor or `None` in its place.
#[must_use = "return what you save from the trace: what is not returned cannot be read"]
pub struct TrySaved<S, K = Float> {
    pub(crate) at: ValueRef,
    marker: OnThread<S, K>,
}

impl<S, K> Value<S, K> {
    /// The value of a site, at each of its uses: what a [`Site`] does its methods with.
    pub(crate) const fn of_site(at: Handle, end: End, port: u8) -> Self {
        Value {
            source: Source::Site { at, end, port },
            marker: PhantomData,
        }
    }
}

impl<S: Shape, K: Kind> Value<S, K> {
    pub(crate) fn new(at: ValueRef) -> Self {
        Value {
            source: Source::Node(at),
            marker: PhantomData,
        }
    }

    /// Its node in the trace; a site is read now.
    #[track_caller]
    pub(crate) fn node(self) -> ValueRef {
        match self.source {
            Source::Node(node) => node,
            Source::Site { at, end, port } => typed::read::<S, K>(at, SiteId::of(at, end, port)),
        }
    }

    /// The value of an operation on values. Sizes that cannot fit are reported when the trace is checked,
    /// before the model runs, with the place of the caller.
    #[track_caller]
    pub(crate) fn of<const N: usize>(op: Op, inputs: [ValueRef; N]) -> Self {
        Value::new(append::apply(NodeKind::Op(op), &inputs))
    }

    /// A real tensor as a value of this trace. The sizes of `S`'s constant axes are checked.
    #[track_caller]
    pub fn constant(tensor: &S::Tensor<K>) -> Self {
        Value::new(append::constant_of::<S>(RealTensor::erase(tensor.clone())))
    }

    /// Keeps the value: return the result from the trace, and the trace gives its tensor.
    #[track_caller]
    pub fn save(self) -> Saved<S, K> {
        Saved {
            at: append::apply(NodeKind::Save, &[self.node()]),
            marker: PhantomData,
        }
    }

    /// Keeps the value if it comes to be: a step that a generation does not reach gives `None`.
    #[track_caller]
    pub fn try_save(self) -> TrySaved<S, K> {
        TrySaved {
            at: append::apply(NodeKind::TrySave, &[self.node()]),
            marker: PhantomData,
        }
    }

    /// The sizes, outermost axis first, before anything has run. A scalar has none.
    ///
    /// A size that only the running model decides (an axis the input does not bind) is reported as an
    /// error of the trace and given as 0. Outside of its trace a value has no sizes: the result is empty, and the
    /// program's log says so.
    #[track_caller]
    pub fn shape(self) -> Vec<usize> {
        let Some(meta) = append::meta(self.node()).filter(|_| !S::AXES.is_empty()) else {
            return Vec::new();
        };
        let mut sizes = Vec::with_capacity(S::AXES.len());
        // No closure: what cannot be known is reported with the caller's place.
        for (size, axis) in meta.dims.sizes().iter().zip(S::AXES) {
            sizes.push(append::known(*size, axis.name));
        }
        sizes
    }

    /// Looks at the real tensor during the run, and leaves it as it is: `h.inspect(|t| log::info!("{t}"))`. It always
    /// runs, whether something saved needs the value or not. Such a trace runs only in this process: a closure is no
    /// data.
    ///
    /// # Errors
    /// A value that never comes to be is an error after the run, but for the later steps of a generation.
    #[track_caller]
    pub fn inspect(self, f: impl FnOnce(&S::Tensor<K>) + Send + 'static) -> Self {
        let node = self.node();
        let looked_at = typed::map::<(), Float>(&[node], |tensors| {
            f(&only(tensors)?);
            Ok(Tensor::zeros([1], &Device::flex()))
        });
        let kept = match append::steps() {
            1 => NodeKind::Save,
            _ => NodeKind::TrySave,
        };
        append::apply(kept, &[looked_at]);
        Value::new(node)
    }

    /// Any code on the real tensor, data-dependent control flow included; the sizes stay. It runs once, if something
    /// saved needs it; [`inspect`](Self::inspect) always runs. It may run the model, also over a gradient, while the
    /// backward pass waits for it: nothing of the user's is on the tape of a trace. Such a trace runs only in this
    /// process: a closure is no data. [`MapValues`](crate::MapValues) does the same with several values.
    ///
    /// # Errors
    /// A result of other sizes stops the run with an error.
    #[track_caller]
    pub fn map(self, f: impl FnOnce(S::Tensor<K>) -> S::Tensor<K> + Send + 'static) -> Self {
        self.map_to::<S, K>(f)
    }

    /// [`Value::map`] to another shape and kind.
    ///
    /// # Errors
    /// A result whose sizes are not those of `T` stops the run with an error.
    #[track_caller]
    pub fn map_to<T: Shape, L: Kind>(
        self,
        f: impl FnOnce(S::Tensor<K>) -> T::Tensor<L> + Send + 'static,
    ) -> Value<T, L> {
        Value::new(typed::map::<T, L>(&[self.node()], |tensors| {
            Ok(f(only(tensors)?))
        }))
    }
}

/// The tensor of a closure over one value.
fn only<T: RealTensor>(tensors: Vec<Erased>) -> Result<T> {
    let tensor = tensors.into_iter().next().ok_or(Error::TooFewTensors)?;
    RealTensor::restore(tensor)
}

/// What can be written into a site of shape `S`, or stand where a value is wanted: a value of the same
/// shape, a number, or a real tensor over the same axes or the last of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fit where `Value<{S}, {K}>` is wanted",
    label = "wanted a `Value<{S}, {K}>`, a number or a tensor of its rank and kind",
    note = "values fit only if their axes are the same types in the same order"
)]
pub trait IntoValue<S: Shape, K: Kind>: Sized {
    #[doc(hidden)]
    fn written(self) -> Written;
}

impl<S: Shape, K: Kind> IntoValue<S, K> for Value<S, K> {
    #[track_caller]
    fn written(self) -> Written {
        Written(place::Written::Value(self.node()))
    }
}

impl<S: HasRank<D>, K: Kind, const D: usize> IntoValue<S, K> for Tensor<D, K> {
    #[track_caller]
    fn written(self) -> Written {
        Written(place::Written::Value(append::constant_of::<S>(Erased::new(self))))
    }
}

/// A tensor over all axes, or over the last few: then it is the same along the others.
impl<S: EndsWith<D>, K: Kind, const D: usize> IntoValue<S, K> for &Tensor<D, K> {
    #[track_caller]
    fn written(self) -> Written {
        let tensor = append::constant_of::<S::Ending>(Erased::new(self.clone()));
        Written(match S::AXES.len() > S::Ending::AXES.len() {
            true => place::Written::Last(tensor),
            false => place::Written::Value(tensor),
        })
    }
}

/// What is written into a site.
#[doc(hidden)]
pub struct Written(pub(crate) place::Written);

macro_rules! numbers {
    ($($kind:ty: $($number:ty)+ => $scalar:expr;)+) => {$($(
        impl<S: Shape> IntoValue<S, $kind> for $number {
            fn written(self) -> Written {
                Written(place::Written::Number($scalar(self.into())))
            }
        }
    )+)+};
}
numbers! {
    Float: f32 f64 i32 => Scalar::Float;
    Int: i32 i64 => Scalar::Int;
    Bool: bool => Scalar::Int;
}
