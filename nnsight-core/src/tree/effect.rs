//! What a module may do besides giving tensors. What does so is never left out of a run.

use crate::shapes::shape::Kind;
use burn::module::{Flag, Param, ParameterValue};
use burn::tensor::{DType, Device, Tensor};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

/// What a module may do besides giving tensors: fill a cache that it holds, count its calls, draw random numbers.
///
/// Of `&self` a forward can change only what hides a lock or a cell. So fields of numbers, text, tensors and parameters,
/// and options, lists and tuples of these, have no effect; any other field that is no module counts as one, unless
/// `#[inspect(.., pure)]` at the struct says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Nothing.
    #[default]
    None,
    /// It draws random numbers or learns statistics, in a model in training.
    InTraining,
    /// It may do anything.
    Any,
}

/// A field that is left out of a module's sites, by its type: [`Held::EFFECT`].
#[derive(Debug)]
pub struct Held<T: ?Sized>(PhantomData<T>);

impl<T: Inert + ?Sized> Held<T> {
    /// Its type is known to hide nothing that a forward could change.
    pub const EFFECT: Effect = Effect::None;
}

/// A field of a type of which nothing is known: Rust takes this only where [`Held`]'s own constant does not apply.
pub trait HeldUnknown {
    /// Only what has no size has nothing to change.
    const EFFECT: Effect;
}
impl<T> HeldUnknown for Held<T> {
    const EFFECT: Effect = if size_of::<T>() == 0 {
        Effect::None
    } else {
        Effect::Any
    };
}

/// Types whose values do not change behind a shared reference.
pub trait Inert {}

macro_rules! inert {
    ($([$($generics:tt)*] $type:ty),+ $(,)?) => {$(
        impl<$($generics)*> Inert for $type {}
    )+};
}
inert!(
    [] bool, [] char, [] str, [] String, [] f32, [] f64, [] i8, [] i16, [] i32, [] i64, [] i128, [] isize, [] u8, [] u16,
    [] u32, [] u64, [] u128, [] usize, [] (), [] Device, [] DType, [] Flag,
    [const D: usize, K: Kind] Tensor<D, K>, [T: ParameterValue + Inert] Param<T>,
    [T: ?Sized] PhantomData<T>, [T: Inert + ?Sized] &'static T, [T: Inert] Option<T>, [T: Inert] Vec<T>, [T: Inert] [T], [T: Inert, const N: usize] [T; N],
    [T: Inert + ?Sized] Box<T>, [T: Inert + ?Sized] Rc<T>, [T: Inert + ?Sized] Arc<T>,
    [A: Inert, B: Inert] (A, B), [A: Inert, B: Inert, C: Inert] (A, B, C),
    [A: Inert, B: Inert, C: Inert, D: Inert] (A, B, C, D),
);
