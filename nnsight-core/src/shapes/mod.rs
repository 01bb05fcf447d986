//! Words of types: named axes, shapes, indices, kinds, numbers, what is known of a tensor before there is one.
//!
//! No tensor is touched here. [`shape`] says which of Burn's a shape is, so it stands above `tensor`, and [`index`] with it.

pub mod axes;
pub mod dims;
pub mod index;
pub(crate) mod kind;
pub(crate) mod meta;
pub(crate) mod misdeclared;
pub(crate) mod scalar;
pub mod shape;
pub(crate) mod take;
