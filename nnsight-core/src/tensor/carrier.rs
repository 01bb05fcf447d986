//! Carriers: what passes through a module's boundary, with the tensors in it in a fixed order.

use crate::error::{Error, Result};
use crate::shapes::kind::Kind;
use crate::tensor::erased::Erased;
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
    /// The number of its tensors, if the type says it and holds nothing else. Only a module that gives such can be left
    /// out of a run: what else it gave would be missing.
    const TENSORS: Option<usize> = None;
    /// Whether a call that is given this may do more than give tensors: fill a cache, write through a reference. Such a
    /// call is never left out of a run. So it is with any carrier that does not say otherwise.
    fn has_effect(_: &Self::Rest) -> bool {
        true
    }
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
    /// The first tensor, beside the carrier, where it can be had without taking all apart. `None` says nothing.
    fn first_tensor(&self) -> Option<Erased> {
        None
    }
    /// The rest, for a module on another device. A rest that holds tensors of its own moves them.
    fn rest_to_device(rest: Self::Rest, _: &Device) -> Self::Rest {
        rest
    }
    /// The rest once more, for another forward pass on the same input; `None` where it cannot be copied.
    fn copy_rest(_: &Self::Rest) -> Option<Self::Rest> {
        None
    }
    /// Whether two inputs differ in their tensors at most, so that they can be one batch. Not known is no.
    fn is_same_rest(_: &Self::Rest, _: &Self::Rest) -> bool {
        false
    }
}

impl<const D: usize, K: Kind> Carrier for Tensor<D, K> {
    type Rest = ();
    const TENSORS: Option<usize> = Some(1);
    fn has_effect((): &()) -> bool {
        false
    }
    fn take_tensors(self, tensors: &mut Vec<Erased>) {
        tensors.push(Erased::new(self));
    }
    fn first_tensor(&self) -> Option<Erased> {
        Some(Erased::new(self.clone()))
    }
    fn put_tensors((): (), tensors: &mut std::vec::IntoIter<Erased>) -> Result<Self> {
        Self::from_tensors(tensors)
    }
    fn from_tensors(tensors: &mut std::vec::IntoIter<Erased>) -> Result<Self> {
        tensors.next().ok_or(Error::TooFewTensors)?.into_tensor()
    }
    fn copy_rest((): &()) -> Option<()> {
        Some(())
    }
    fn is_same_rest((): &(), (): &()) -> bool {
        true
    }
}

impl<C: Carrier> Carrier for Option<C> {
    type Rest = Option<C::Rest>;
    fn has_effect(rest: &Self::Rest) -> bool {
        rest.as_ref().is_some_and(C::has_effect)
    }
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
    fn copy_rest(rest: &Self::Rest) -> Option<Self::Rest> {
        match rest {
            Some(rest) => C::copy_rest(rest).map(Some),
            None => Some(None),
        }
    }
    fn is_same_rest(a: &Self::Rest, b: &Self::Rest) -> bool {
        match (a, b) {
            (Some(a), Some(b)) => C::is_same_rest(a, b),
            (a, b) => a.is_none() && b.is_none(),
        }
    }
}

impl<C: Carrier> Carrier for Vec<C> {
    type Rest = Vec<C::Rest>;
    fn has_effect(rest: &Self::Rest) -> bool {
        rest.iter().any(C::has_effect)
    }
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
    fn copy_rest(rest: &Self::Rest) -> Option<Self::Rest> {
        rest.iter().map(C::copy_rest).collect()
    }
    fn is_same_rest(a: &Self::Rest, b: &Self::Rest) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| C::is_same_rest(a, b))
    }
}

impl<C: Carrier, const N: usize> Carrier for [C; N] {
    type Rest = Vec<C::Rest>;
    const TENSORS: Option<usize> = match C::TENSORS {
        Some(tensors) => Some(N * tensors),
        None => None,
    };
    fn has_effect(rest: &Self::Rest) -> bool {
        rest.iter().any(C::has_effect)
    }
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
    fn copy_rest(rest: &Self::Rest) -> Option<Self::Rest> {
        rest.iter().map(C::copy_rest).collect()
    }
    fn is_same_rest(a: &Self::Rest, b: &Self::Rest) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| C::is_same_rest(a, b))
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

/// The tensors of several carriers.
#[doc(hidden)]
pub const fn sum_of(parts: &[Option<usize>]) -> Option<usize> {
    let (mut sum, mut i) = (0, 0);
    while i < parts.len() {
        match parts[i] {
            Some(tensors) => sum += tensors,
            None => return None,
        }
        i += 1;
    }
    Some(sum)
}

/// What holds no tensor passes through untouched. A reference may be written through, or to what it locks.
macro_rules! untouched {
    ($([$($generics:tt)*] $type:ty, effect $effect:literal $(, copied by $copy:expr, same by $same:expr)?;)+) => {$(
        impl<$($generics)*> Carrier for $type {
            type Rest = Self;
            fn has_effect(_: &Self) -> bool {
                $effect
            }
            fn take_tensors(self, _: &mut Vec<Erased>) -> Self {
                self
            }
            fn put_tensors(rest: Self, _: &mut std::vec::IntoIter<Erased>) -> Result<Self> {
                Ok(rest)
            }
            fn from_tensors(_: &mut std::vec::IntoIter<Erased>) -> Result<Self> {
                Err(Error::NotOfTensors { wanted: std::any::type_name::<Self>() })
            }
            $(
                fn copy_rest(rest: &Self) -> Option<Self> {
                    Some($copy(rest))
                }
                fn is_same_rest(a: &Self, b: &Self) -> bool {
                    $same(a, b)
                }
            )?
        }
    )+};
}
macro_rules! plain {
    ($($type:ty),+) => {
        untouched!($([] $type, effect false, copied by Self::clone, same by Self::eq;)+);
    };
}
plain!(
    bool,
    char,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    isize,
    u8,
    u16,
    u32,
    u64,
    usize,
    String,
    ()
);
untouched!(
    ['a, T: ?Sized] &'a T, effect true, copied by |rest: &&'a T| *rest, same by |a: &&'a T, b: &&'a T| std::ptr::addr_eq(*a, *b);
    ['a, T: ?Sized] &'a mut T, effect true;
    [] burn::nn::loss::Reduction, effect false, copied by Self::clone, same by |a: &Self, b: &Self| format!("{a:?}") == format!("{b:?}");
);

macro_rules! tuples {
    ($($name:ident $index:tt)+) => {
        impl<$($name: Carrier),+> Carrier for ($($name,)+) {
            type Rest = ($($name::Rest,)+);
            const TENSORS: Option<usize> = sum_of(&[$($name::TENSORS),+]);
            #[allow(non_snake_case)]
            fn has_effect(($($name,)+): &Self::Rest) -> bool {
                $($name::has_effect($name))||+
            }
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
            #[allow(non_snake_case)]
            fn copy_rest(($($name,)+): &Self::Rest) -> Option<Self::Rest> {
                Some(($($name::copy_rest($name)?,)+))
            }
            fn is_same_rest(a: &Self::Rest, b: &Self::Rest) -> bool {
                $($name::is_same_rest(&a.$index, &b.$index))&&+
            }
        }
    };
}
tuples!(A 0);
tuples!(A 0 B 1);
tuples!(A 0 B 1 C 2);
tuples!(A 0 B 1 C 2 D 3);
tuples!(A 0 B 1 C 2 D 3 E 4);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5);
