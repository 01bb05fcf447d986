//! Words of types: named axes, shapes, indices. No tensor is touched here.

pub mod axes;
pub mod dims;
pub mod index;
pub(crate) mod meta;
pub mod shape;
