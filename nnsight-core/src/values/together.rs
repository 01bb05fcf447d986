//! Closures over the real tensors of several values.

use crate::error::{Error, Result};
use crate::shapes::shape::{Kind, Shape};
use crate::tensor::erased::Erased;
use crate::tensor::real::RealTensor;
use crate::values::site::Site;
use crate::values::value::Value;
use crate::write::builder::ValueRef;
use crate::write::typed;

/// What has a real tensor when the model runs: a value, or a site.
pub trait HasTensor {
    /// The axes.
    type Shape: Shape;
    /// The kind of the elements.
    type Kind: Kind;
    #[doc(hidden)]
    fn value(self) -> Value<Self::Shape, Self::Kind>;
}

impl<S: Shape, K: Kind> HasTensor for Value<S, K> {
    type Shape = S;
    type Kind = K;
    fn value(self) -> Self {
        self
    }
}

impl<S: Shape, K: Kind> HasTensor for Site<S, K> {
    type Shape = S;
    type Kind = K;
    #[track_caller]
    fn value(self) -> Value<S, K> {
        self.get()
    }
}

type TensorOf<V> = <<V as HasTensor>::Shape as Shape>::Tensor<<V as HasTensor>::Kind>;

/// Several values at once, in a tuple of two to six: `(scores, mask).map(|(scores, mask)| ..)`.
pub trait MapValues: Sized {
    /// The first value.
    type First: HasTensor;
    /// The real tensors.
    type Tensors;

    #[doc(hidden)]
    fn nodes(self) -> Vec<ValueRef>;
    #[doc(hidden)]
    fn tensors(tensors: Vec<Erased>) -> Result<Self::Tensors>;

    /// Any code on the real tensors, as [`Value::map`] does with one; the result has the axes and the kind of the
    /// first value.
    ///
    /// # Errors
    /// A result of other sizes stops the run with an error.
    #[track_caller]
    fn map(
        self,
        f: impl FnOnce(Self::Tensors) -> TensorOf<Self::First> + Send + 'static,
    ) -> Value<<Self::First as HasTensor>::Shape, <Self::First as HasTensor>::Kind> {
        self.map_to(f)
    }

    /// [`map`](Self::map) to another shape and kind.
    ///
    /// # Errors
    /// A result whose sizes are not those of `T` stops the run with an error.
    #[track_caller]
    fn map_to<T: Shape, L: Kind>(
        self,
        f: impl FnOnce(Self::Tensors) -> T::Tensor<L> + Send + 'static,
    ) -> Value<T, L> {
        let run = |tensors| Ok(f(Self::tensors(tensors)?));
        Value::new(typed::map::<T, L>(&self.nodes(), run))
    }
}

macro_rules! tuples {
    ($first:ident $($name:ident)+) => {
        impl<$first: HasTensor $(, $name: HasTensor)+> MapValues for ($first, $($name),+) {
            type First = $first;
            type Tensors = (TensorOf<$first>, $(TensorOf<$name>),+);

            #[allow(non_snake_case)]
            #[track_caller]
            fn nodes(self) -> Vec<ValueRef> {
                let ($first, $($name),+) = self;
                vec![$first.value().node() $(, $name.value().node())+]
            }
            fn tensors(tensors: Vec<Erased>) -> Result<Self::Tensors> {
                let mut tensors = tensors.into_iter();
                Ok((
                    next::<TensorOf<$first>>(&mut tensors)?,
                    $(next::<TensorOf<$name>>(&mut tensors)?),+
                ))
            }
        }
    };
}
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);

fn next<T: RealTensor>(tensors: &mut impl Iterator<Item = Erased>) -> Result<T> {
    RealTensor::restore(tensors.next().ok_or(Error::TooFewTensors)?)
}
