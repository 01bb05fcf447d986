//! How operations are written in a trace: typed methods and operators of values and sites, a file each family, named as
//! its other half in `ops`, which says what they do.

mod along;
mod binary;
mod cast;
mod compare;
mod create;
mod einsum;
mod expand;
mod join;
mod logic;
mod matmul;
pub(crate) mod operand;
mod permute;
mod reduce;
mod reshape;
pub(crate) mod select;
mod slice;
mod topk;
mod unary;
