//! What goes into a trace and what comes out of it.

use crate::error::{Error, Result};
use crate::graph::node::NodeId;
use crate::results::parameter_grads::ParameterGrads;
use crate::shapes::shape::{Kind, Shape};
use crate::tensor::carrier::Carrier;
use crate::tensor::erased::Erased;
use crate::tensor::real::RealTensor;
use crate::tree::Tree;
use crate::values::parameter::SavedParameterGrads;
use crate::values::value::{Saved, TrySaved};
use crate::write::builder::ValueRef;
use std::hash::Hash;
use std::sync::Arc;

/// What a model can be traced on: the arguments of its forward, or a reference to them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what this model's `forward` takes",
    label = "wanted `{A}`, or a reference to it",
    note = "the ranks and kinds are those of `forward`'s arguments; several arguments go together as a tuple: \
            `trace!(model, (tokens, mask), |m: ..| ..)`"
)]
pub trait IntoInput<A> {
    /// The arguments.
    fn into_input(self) -> A;
}
impl<A: Carrier> IntoInput<A> for A {
    fn into_input(self) -> A {
        self
    }
}
impl<A: Carrier + Clone> IntoInput<A> for &A {
    fn into_input(self) -> A {
        self.clone()
    }
}

/// What the runs of a trace have kept, by the nodes that keep it.
pub(crate) trait Kept {
    /// The tree of the model that was run.
    fn tree(&self) -> Arc<Tree>;
    /// A tensor, which is taken.
    fn tensor(&mut self, id: NodeId) -> Option<Erased>;
    /// A tensor that stays, to be returned more than once.
    fn tensor_again(&self, id: NodeId) -> Option<Erased>;
    /// The gradients of parameters.
    fn parameters(&self, id: NodeId) -> Option<ParameterGrads>;
}

/// The tensors of a run, for [`Collect`].
pub struct Results<'a> {
    kept: &'a mut dyn Kept,
    trace: u32,
}

impl<'a> Results<'a> {
    pub(crate) fn new(kept: &'a mut dyn Kept, trace: u32) -> Self {
        Results { kept, trace }
    }

    /// The tensor of a saved value.
    ///
    /// # Errors
    /// [`Error::ForeignValue`] for a value that another trace saved.
    pub fn tensor<S: Shape, K: Kind>(&mut self, saved: Saved<S, K>) -> Result<S::Tensor<K>> {
        let at = crate::error::WrittenAt(None);
        let tensor = self.find(saved.at)?.ok_or(Error::ForeignValue { at })?;
        RealTensor::restore(tensor)
    }

    /// The tensor of a value that was saved if it came to be.
    ///
    /// # Errors
    /// [`Error::ForeignValue`] for a value that another trace saved.
    pub fn tensor_if_any<S: Shape, K: Kind>(
        &mut self,
        saved: TrySaved<S, K>,
    ) -> Result<Option<S::Tensor<K>>> {
        self.find(saved.at)?.map(RealTensor::restore).transpose()
    }

    /// The tree of the model that was run.
    pub(crate) fn tree(&self) -> Arc<Tree> {
        self.kept.tree()
    }

    pub(crate) fn find(&mut self, saved: ValueRef) -> Result<Option<Erased>> {
        if saved.trace != self.trace {
            let at = crate::error::WrittenAt(None);
            return Err(Error::ForeignValue { at });
        }
        Ok(self.kept.tensor(saved.node))
    }

    /// [`find`](Self::find) for what can be cloned, and so be returned more than once.
    pub(crate) fn find_again(&self, saved: ValueRef) -> Result<Option<Erased>> {
        if saved.trace != self.trace {
            let at = crate::error::WrittenAt(None);
            return Err(Error::ForeignValue { at });
        }
        Ok(self.kept.tensor_again(saved.node))
    }

    /// The gradients of the parameters that a node keeps.
    ///
    /// # Errors
    /// [`Error::ForeignValue`] for those of another trace.
    pub(crate) fn parameters(&mut self, kept: ValueRef) -> Result<ParameterGrads> {
        let at = crate::error::WrittenAt(None);
        let own = kept.trace == self.trace;
        let grads = own.then(|| self.kept.parameters(kept.node));
        grads.flatten().ok_or(Error::ForeignValue { at })
    }
}

/// What the body of a trace may return: saved values, and tuples, vectors, arrays, options and structs of
/// them. The trace gives the same with real tensors.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned from a trace",
    label = "not saved",
    note = "return saved values (`value.save()`), tuples, vectors, arrays, options or maps of them, or a struct of \
            them with `#[derive(Collect)]`; \
            a value that is not saved does not exist after the run"
)]
pub trait Collect {
    /// The same, with real tensors.
    type Output;
    /// Puts the tensors in.
    ///
    /// # Errors
    /// A value that another trace saved.
    fn collect(self, results: &mut Results<'_>) -> Result<Self::Output>;

    /// Whether the body gave up: then nothing is run.
    fn gave_up(&self) -> bool {
        false
    }
}

impl<S: Shape, K: Kind> Collect for Saved<S, K> {
    type Output = S::Tensor<K>;
    fn collect(self, results: &mut Results<'_>) -> Result<Self::Output> {
        results.tensor(self)
    }
}

impl<S: Shape, K: Kind> Collect for TrySaved<S, K> {
    type Output = Option<S::Tensor<K>>;
    fn collect(self, results: &mut Results<'_>) -> Result<Self::Output> {
        results.tensor_if_any(self)
    }
}

impl Collect for SavedParameterGrads {
    type Output = ParameterGrads;
    fn collect(self, results: &mut Results<'_>) -> Result<ParameterGrads> {
        results.parameters(self.at)
    }
}

impl<T: Collect> Collect for Option<T> {
    type Output = Option<T::Output>;
    fn collect(self, results: &mut Results<'_>) -> Result<Self::Output> {
        self.map(|kept| kept.collect(results)).transpose()
    }
}

impl<T: Collect> Collect for Vec<T> {
    type Output = Vec<T::Output>;
    fn collect(self, results: &mut Results<'_>) -> Result<Self::Output> {
        // Burn's tensors are some 300 bytes: room for all at once, so that none is moved again.
        let mut tensors = Vec::with_capacity(self.len());
        for kept in self {
            tensors.push(kept.collect(results)?);
        }
        Ok(tensors)
    }
}

impl<T: Collect, const N: usize> Collect for [T; N] {
    type Output = [T::Output; N];
    fn collect(self, results: &mut Results<'_>) -> Result<Self::Output> {
        let kept: Vec<T::Output> = self
            .into_iter()
            .map(|kept| kept.collect(results))
            .collect::<Result<_>>()?;
        kept.try_into().map_err(|_| Error::TooFewTensors)
    }
}

macro_rules! maps {
    ($($map:ident: $($bound:ident)+;)+) => {$(
        impl<K: $($bound +)+, T: Collect> Collect for std::collections::$map<K, T> {
            type Output = std::collections::$map<K, T::Output>;
            fn collect(self, results: &mut Results<'_>) -> Result<Self::Output> {
                self.into_iter().map(|(key, kept)| Ok((key, kept.collect(results)?))).collect()
            }
        }
    )+};
}
maps! {
    BTreeMap: Ord;
    HashMap: Eq Hash;
}

/// A trace may be run for its plan or its closures alone.
impl Collect for () {
    type Output = ();
    fn collect(self, _: &mut Results<'_>) -> Result<()> {
        Ok(())
    }
}

/// Names and numbers beside saved values pass through.
macro_rules! plain {
    ($($type:ty)+) => {$(
        impl Collect for $type {
            type Output = $type;
            fn collect(self, _: &mut Results<'_>) -> Result<Self> {
                Ok(self)
            }
        }
    )+};
}
plain!(String &'static str char bool i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64);

/// A body that can fail gives its own error, beside those of the trace: `trace!(..)??`. If it does, the model is not run.
impl<T: Collect, E> Collect for std::result::Result<T, E> {
    type Output = std::result::Result<T::Output, E>;
    fn collect(self, results: &mut Results<'_>) -> Result<Self::Output> {
        match self {
            Ok(kept) => kept.collect(results).map(Ok),
            Err(error) => Ok(Err(error)),
        }
    }
    fn gave_up(&self) -> bool {
        self.as_ref().map_or(true, Collect::gave_up)
    }
}

macro_rules! tuples {
    ($($name:ident)+) => {
        impl<$($name: Collect),+> Collect for ($($name,)+) {
            type Output = ($($name::Output,)+);
            #[allow(non_snake_case)]
            fn collect(self, results: &mut Results<'_>) -> Result<Self::Output> {
                let ($($name,)+) = self;
                Ok(($($name.collect(results)?,)+))
            }
        }
    };
}
tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);
tuples!(A B C D E F G H I);
tuples!(A B C D E F G H I J);
tuples!(A B C D E F G H I J K);
tuples!(A B C D E F G H I J K L);
