//! Axes: dimensions with a name, as types.

use std::any::TypeId;
use std::marker::PhantomData;

/// A dimension with a name. Write axes with [`axes!`](crate::axes!).
///
/// Two axes of the same size are still two types: a value over `(Batch, Hidden)` does not fit where
/// `(Batch, Classes)` is wanted, whatever their sizes.
pub trait Axis: Copy + 'static {
    /// The name that errors and the tree of sites show.
    const NAME: &'static str;
    /// What is known about the size before an input arrives.
    const EXTENT: Extent;
    /// Name and extent as data.
    const META: AxisMeta = AxisMeta {
        name: Self::NAME,
        extent: Self::EXTENT,
        id: TypeId::of::<Self>(),
    };
    /// The axis as a value, for `argmax(Hidden)`.
    const HERE: Self;
}

/// What is known about an axis' size before an input arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// A constant, in elements.
    Fixed(usize),
    /// Decided by the input, the same wherever the axis appears in one run.
    Bound,
    /// Anything: the axis of a slice, whose size comes from the slice.
    Free,
}

/// An axis as data: what constant checks and error messages work with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AxisMeta {
    /// The axis' name.
    pub name: &'static str,
    /// What is known about its size.
    pub extent: Extent,
    /// The type itself: two axes of one name in two modules are two axes, and only this tells them apart.
    pub id: TypeId,
}

/// Whether two names are the same: `==` that a constant can use.
pub const fn same_name(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// The positions of a table that no declaration names: the rows of an embedding's weight.
#[derive(Clone, Copy, Debug)]
pub struct Entries;

impl Axis for Entries {
    const NAME: &'static str = "Entries";
    const EXTENT: Extent = Extent::Free;
    const HERE: Self = Entries;
}

/// A part of axis `A`: what slicing `A` leaves. Its size is the slice's.
#[derive(Clone, Copy, Debug)]
pub struct Part<A>(PhantomData<A>);

impl<A: Axis> Axis for Part<A> {
    const NAME: &'static str = A::NAME;
    const EXTENT: Extent = Extent::Free;
    const HERE: Self = Part(PhantomData);
}
