//! Shapes: tuples of axes, and what the type system can compute with them.

use crate::shapes::axes::{Axis, AxisMeta, Entries};
use crate::tensor::real::RealTensor;
use burn::tensor::Tensor;

pub use crate::shapes::kind::{Kind, KindTag, MAX_RANK, NumericKind};

/// A tuple of [`Axis`] types, from `()` (a scalar) to six axes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a shape",
    note = "a shape is a tuple of axes, as `(Batch, Hidden)`; one axis needs a comma: `(Batch,)`"
)]
pub trait Shape: Copy + 'static {
    /// The axes as data, outermost first.
    const AXES: &'static [AxisMeta];
    /// Burn's tensor of this shape. A scalar `()` is a tensor of rank 1 with one element.
    type Tensor<K: Kind>: RealTensor<Kind = K>;
    /// This shape with one more axis in front.
    type PushFront<A: Axis>: Shape;
    /// The last axis, over which most modules work. A scalar has none; [`Entries`] stands in.
    type Last: Axis;
}

/// The rank at which a value of shape `S` is stored: its number of axes, and 1 for a scalar.
pub const fn stored_rank<S: Shape>() -> usize {
    if S::AXES.is_empty() { 1 } else { S::AXES.len() }
}

/// What a seventh axis would make: no value has it.
#[derive(Clone, Copy, Debug)]
pub enum TooManyAxes {}

impl Shape for TooManyAxes {
    const AXES: &'static [AxisMeta] = &[];
    type Tensor<K: Kind> = Tensor<1, K>;
    type PushFront<A: Axis> = TooManyAxes;
    type Last = Entries;
}

impl Shape for () {
    const AXES: &'static [AxisMeta] = &[];
    type Tensor<K: Kind> = Tensor<1, K>;
    type PushFront<A: Axis> = (A,);
    type Last = Entries;
}

macro_rules! shapes {
    ($($rank:literal: ($($axis:ident),+) ends with $last:ident, with Z in front: $longer:ty;)+) => {$(
        impl<$($axis: Axis),+> Shape for ($($axis,)+) {
            const AXES: &'static [AxisMeta] = &[$($axis::META),+];
            type Tensor<K: Kind> = Tensor<$rank, K>;
            type PushFront<Z: Axis> = $longer;
            type Last = $last;
        }
    )+};
}

shapes! {
    1: (A) ends with A, with Z in front: (Z, A);
    2: (A, B) ends with B, with Z in front: (Z, A, B);
    3: (A, B, C) ends with C, with Z in front: (Z, A, B, C);
    4: (A, B, C, D) ends with D, with Z in front: (Z, A, B, C, D);
    5: (A, B, C, D, E) ends with E, with Z in front: (Z, A, B, C, D, E);
    6: (A, B, C, D, E, F) ends with F, with Z in front: TooManyAxes;
}

/// Shapes whose real tensors have `D` axes. There is one `D` for each, so that rustc infers the rank of a tensor that
/// is written on the spot.
#[diagnostic::on_unimplemented(
    message = "a tensor of {D} axes is not one over `{Self}`",
    label = "wanted a tensor of as many axes as `{Self}` has",
    note = "a tensor over the last few axes goes by reference, `&tensor`, and is used for all of the others; one over \
            other axes becomes a value, `Value::<(Batch,)>::constant(&tensor)`, which `expand` puts in its place"
)]
pub trait HasRank<const D: usize>: Shape {}

/// Shapes that a real tensor of `D` axes fits: it is over the last `D` of them, and used for all of the others.
#[diagnostic::on_unimplemented(
    message = "a tensor of {D} axes does not fit where a `Value<{Self}>` is wanted",
    label = "wanted a tensor of as many axes as `{Self}` has, or of the last few of them",
    note = "a tensor over other axes becomes a value, `Value::<(Batch,)>::constant(&tensor)`, which `expand` puts in \
            its place: `.expand::<(Batch, Hidden)>()`"
)]
pub trait EndsWith<const D: usize>: Shape {
    /// The last `D` axes.
    type Ending: Shape;
}

impl HasRank<1> for () {}
impl EndsWith<1> for () {
    type Ending = ();
}

macro_rules! ends_with {
    ($([$($before:ident)*] $rank:literal $($last:ident)+;)+) => {$(
        ends_with!(@whole [$($before)*] $rank $($last)+);
        impl<$($before: Axis,)* $($last: Axis),+> EndsWith<$rank> for ($($before,)* $($last,)+) {
            type Ending = ($($last,)+);
        }
    )+};
    (@whole [] $rank:literal $($axis:ident)+) => {
        impl<$($axis: Axis),+> HasRank<$rank> for ($($axis,)+) {}
    };
    (@whole [$($before:ident)+] $($more:tt)+) => {};
}
ends_with! {
    [] 1 A;
    [A] 1 B;
    [] 2 A B;
    [A B] 1 C;
    [A] 2 B C;
    [] 3 A B C;
    [A B C] 1 D;
    [A B] 2 C D;
    [A] 3 B C D;
    [] 4 A B C D;
    [A B C D] 1 E;
    [A B C] 2 D E;
    [A B] 3 C D E;
    [A] 4 B C D E;
    [] 5 A B C D E;
    [A B C D E] 1 F;
    [A B C D] 2 E F;
    [A B C] 3 D E F;
    [A B] 4 C D E F;
    [A] 5 B C D E F;
    [] 6 A B C D E F;
}

/// Position markers for [`Remove`]: the axis is the first one,
#[derive(Clone, Copy, Debug)]
pub struct Here;
/// or `P` places further on.
#[derive(Clone, Copy, Debug)]
pub struct There<P>(std::marker::PhantomData<P>);

/// The shape without axis `A`, which stands at position `P` (rustc infers it).
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no axis `{A}`",
    label = "this value has other axes",
    note = "name one of the axes in `{Self}`"
)]
pub trait Remove<A: Axis, P>: Shape {
    /// What is left.
    type Rest: Shape;
    /// Where the axis stands, counted from 0.
    const DIM: usize;
}

/// The shape with axis `A` (at position `P`) replaced by `B`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no axis `{A}`",
    label = "this value has other axes",
    note = "name one of the axes in `{Self}`"
)]
pub trait Replace<A: Axis, B: Axis, P>: Shape {
    /// The new shape.
    type Output: Shape;
    /// Where the axis stands, counted from 0.
    const DIM: usize;
}

macro_rules! positions {
    ($($position:ty, $dim:literal: [$($before:ident)*] $axis:ident [$($after:ident)*];)+) => {$(
        impl<$($before: Axis,)* $axis: Axis, $($after: Axis),*> Remove<$axis, $position> for ($($before,)* $axis, $($after,)*) {
            type Rest = ($($before,)* $($after,)*);
            const DIM: usize = $dim;
        }
        impl<$($before: Axis,)* $axis: Axis, $($after: Axis,)* New: Axis> Replace<$axis, New, $position> for ($($before,)* $axis, $($after,)*) {
            type Output = ($($before,)* New, $($after,)*);
            const DIM: usize = $dim;
        }
    )+};
}

type P0 = Here;
type P1 = There<P0>;
type P2 = There<P1>;
type P3 = There<P2>;
type P4 = There<P3>;
type P5 = There<P4>;

positions! {
    P0, 0: [] A [];
    P0, 0: [] A [B];
    P1, 1: [A] B [];
    P0, 0: [] A [B C];
    P1, 1: [A] B [C];
    P2, 2: [A B] C [];
    P0, 0: [] A [B C D];
    P1, 1: [A] B [C D];
    P2, 2: [A B] C [D];
    P3, 3: [A B C] D [];
    P0, 0: [] A [B C D E];
    P1, 1: [A] B [C D E];
    P2, 2: [A B] C [D E];
    P3, 3: [A B C] D [E];
    P4, 4: [A B C D] E [];
    P0, 0: [] A [B C D E F];
    P1, 1: [A] B [C D E F];
    P2, 2: [A B] C [D E F];
    P3, 3: [A B C] D [E F];
    P4, 4: [A B C D] E [F];
    P5, 5: [A B C D E] F [];
}
