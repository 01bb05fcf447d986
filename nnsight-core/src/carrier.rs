//! Carriers: what passes through a module's boundary, with the tensors in it in a fixed order.

use crate::error::{Error, Result};
use crate::shape::Kind;
use crate::tensor::{Erased, RealTensor};
use burn::tensor::{Device, Tensor};

/// What a `forward` takes or gives: a tensor, numbers and references (they pass through untouched),
/// tuples, options, arrays and vectors of these, and structs with `#[derive(Carrier)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot pass through a module that is inspected",
    label = "not a tensor, and not known to hold tensors",
    note = "derive `nnsight::Carrier` for a struct of tensors; or call the module as `Type::forward(&self.field, ..)`, \
            which is not inspected"
)]
pub trait Carrier: Sized {
    /// What is left when the tensors are taken out.
    type Rest;
    /// Takes the tensors out, in order.
    fn take_tensors(self, tensors: &mut Vec<Erased>) -> Self::Rest;
    /// Puts tensors back, in the same order.
    ///
    /// # Errors
    /// A tensor of another rank or kind, or too few of them.
    fn put_tensors(rest: Self::Rest, tensors: &mut std::vec::IntoIter<Erased>) -> Result<Self>;
    /// Makes the whole of tensors alone.
    ///
    /// # Errors
    /// The same as [`Carrier::put_tensors`], and [`Error::NotOfTensors`] where more than tensors is needed.
    fn from_tensors(tensors: &mut std::vec::IntoIter<Erased>) -> Result<Self>;
    /// The rest, for a module on another device. A rest that holds tensors of its own moves them.
    fn rest_to_device(rest: Self::Rest, _: &Device) -> Self::Rest {
        rest
    }
}

impl<const D: usize, K: Kind> Carrier for Tensor<D, K> {
    type Rest = ();
    fn take_tensors(self, tensors: &mut Vec<Erased>) {
        tensors.push(Erased::new(self));
    }
    fn put_tensors((): (), tensors: &mut std::vec::IntoIter<Erased>) -> Result<Self> {
        Self::from_tensors(tensors)
    }
    fn from_tensors(tensors: &mut std::vec::IntoIter<Erased>) -> Result<Self> {
        RealTensor::restore(tensors.next().ok_or(Error::TooFewTensors)?)
    }
}

impl<C: Carrier> Carrier for Option<C> {
    type Rest = Option<C::Rest>;
    fn take_tensors(self, tensors: &mut Vec<Erased>) -> Self::Rest {
        self.map(|inner| inner.take_tensors(tensors))
    }
    fn put_tensors(rest: Self::Rest, tensors: &mut std::vec::IntoIter<Erased>) -> Result<Self> {
        rest.map(|rest| C::put_tensors(rest, tensors)).transpose()
    }
    fn from_tensors(tensors: &mut std::vec::IntoIter<Erased>) -> Result<Self> {
        if tensors.len() == 0 {
            Ok(None)
        } else {
            C::from_tensors(tensors).map(Some)
        }
    }
    fn rest_to_device(rest: Self::Rest, device: &Device) -> Self::Rest {
        rest.map(|rest| C::rest_to_device(rest, device))
    }
}

impl<C: Carrier> Carrier for Vec<C> {
    type Rest = Vec<C::Rest>;
    fn take_tensors(self, tensors: &mut Vec<Erased>) -> Self::Rest {
        self.into_iter()
            .map(|inner| inner.take_tensors(tensors))
            .collect()
    }
    fn put_tensors(rest: Self::Rest, tensors: &mut std::vec::IntoIter<Erased>) -> Result<Self> {
        rest.into_iter()
            .map(|rest| C::put_tensors(rest, tensors))
            .collect()
    }
    fn from_tensors(tensors: &mut std::vec::IntoIter<Erased>) -> Result<Self> {
        let mut all = Vec::new();
        while tensors.len() > 0 {
            all.push(C::from_tensors(tensors)?);
        }
        Ok(all)
    }
    fn rest_to_device(rest: Self::Rest, device: &Device) -> Self::Rest {
        each_to_device::<C>(rest, device)
    }
}

impl<C: Carrier, const N: usize> Carrier for [C; N] {
    type Rest = Vec<C::Rest>;
    fn take_tensors(self, tensors: &mut Vec<Erased>) -> Self::Rest {
        self.into_iter()
            .map(|inner| inner.take_tensors(tensors))
            .collect()
    }
    fn put_tensors(rest: Self::Rest, tensors: &mut std::vec::IntoIter<Erased>) -> Result<Self> {
        array(rest.into_iter().map(|rest| C::put_tensors(rest, tensors)))
    }
    fn from_tensors(tensors: &mut std::vec::IntoIter<Erased>) -> Result<Self> {
        array((0..N).map(|_| C::from_tensors(tensors)))
    }
    fn rest_to_device(rest: Self::Rest, device: &Device) -> Self::Rest {
        each_to_device::<C>(rest, device)
    }
}

fn each_to_device<C: Carrier>(rest: Vec<C::Rest>, device: &Device) -> Vec<C::Rest> {
    let rest = rest.into_iter();
    rest.map(|rest| C::rest_to_device(rest, device)).collect()
}

/// As many items as the array has, or the first error.
fn array<C, const N: usize>(items: impl Iterator<Item = Result<C>>) -> Result<[C; N]> {
    let items = items.collect::<Result<Vec<C>>>()?;
    items.try_into().map_err(|_| Error::TooFewTensors)
}

/// What holds no tensor passes through untouched.
macro_rules! untouched {
    ($([$($generics:tt)*] $type:ty),+ $(,)?) => {$(
        impl<$($generics)*> Carrier for $type {
            type Rest = Self;
            fn take_tensors(self, _: &mut Vec<Erased>) -> Self {
                self
            }
            fn put_tensors(rest: Self, _: &mut std::vec::IntoIter<Erased>) -> Result<Self> {
                Ok(rest)
            }
            fn from_tensors(_: &mut std::vec::IntoIter<Erased>) -> Result<Self> {
                Err(Error::NotOfTensors { wanted: std::any::type_name::<Self>() })
            }
        }
    )+};
}
untouched!(
    [] bool, [] char, [] f32, [] f64, [] i8, [] i16, [] i32, [] i64, [] isize, [] u8, [] u16, [] u32,
    [] u64, [] usize, [] String, [] (), [] burn::nn::loss::Reduction, ['a, T: ?Sized] &'a T, ['a, T: ?Sized] &'a mut T,
);

macro_rules! tuples {
    ($($name:ident)+) => {
        impl<$($name: Carrier),+> Carrier for ($($name,)+) {
            type Rest = ($($name::Rest,)+);
            #[allow(non_snake_case)]
            fn take_tensors(self, tensors: &mut Vec<Erased>) -> Self::Rest {
                let ($($name,)+) = self;
                ($($name.take_tensors(tensors),)+)
            }
            #[allow(non_snake_case)]
            fn put_tensors(rest: Self::Rest, tensors: &mut std::vec::IntoIter<Erased>) -> Result<Self> {
                let ($($name,)+) = rest;
                Ok(($($name::put_tensors($name, tensors)?,)+))
            }
            fn from_tensors(tensors: &mut std::vec::IntoIter<Erased>) -> Result<Self> {
                Ok(($($name::from_tensors(tensors)?,)+))
            }
            #[allow(non_snake_case)]
            fn rest_to_device(rest: Self::Rest, device: &Device) -> Self::Rest {
                let ($($name,)+) = rest;
                ($($name::rest_to_device($name, device),)+)
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
