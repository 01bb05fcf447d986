//! Parts of a value, by position: reading them and replacing them.

use super::error::{self, OpError, Result};
use super::{Op, Scalar, real};
use crate::graph::node::NodeKind;
use crate::shapes::axes::{Axis, Part};
use crate::shapes::dims::Dims;
use crate::shapes::index;
use crate::shapes::index::{AxisIndex, Index, Indexed, OutOfBounds, Take};
use crate::shapes::meta::TensorMeta;
use crate::shapes::shape::{Kind, KindTag, Remove, Replace, Shape};
use crate::tensor::erased::{Erased, with_kind, with_rank};
use crate::values::value::{IntoValue, Value};
use crate::write::append;
use crate::write::append::Written;
use burn::tensor::{Bool, Float, Int, Slice};

impl<S: Shape, K: Kind> Value<S, K> {
    /// A part, by position: `logits.at((.., -1))`. An integer takes its axis away, a range leaves a
    /// [`Part`] of it, and axes that are not named are taken whole.
    ///
    /// # Errors
    /// A position outside of its axis, before the run.
    #[track_caller]
    pub fn at<I: Index<S>>(self, index: I) -> Value<I::Output, K> {
        Value::of(Op::Slice(index.takes()), [self.node()])
    }

    /// This value with a part replaced: `h.with_at((.., 0), 0.0)`.
    ///
    /// # Errors
    /// A position outside of its axis, or a part of other sizes, before the run.
    #[track_caller]
    pub fn with_at<I: Index<S>>(self, index: I, part: impl IntoValue<I::Output, K>) -> Self {
        let (input, takes) = (self.node(), index.takes());
        let part = match part.written().0 {
            Written::Number(number) => return Value::of(Op::Fill(takes, number), [input]),
            Written::Value(part) => part,
            Written::Last(last) => {
                let whole = append::apply(NodeKind::Op(Op::Slice(takes.clone())), &[input]);
                let rank = I::Output::AXES.len();
                let before = rank - append::meta(last).map_or(rank, |meta| meta.dims.rank().min(rank));
                append::apply(
                    NodeKind::Op(Op::ExpandAs((before..rank).collect())),
                    &[last, whole],
                )
            }
        };
        Value::of(Op::Assign(takes), [input, part])
    }

    /// Replaces a part of the value that this variable holds; `trace!` writes it for `h[.., 0] = 0.0`. Neither
    /// the site that the value was read from nor other variables change.
    ///
    /// # Errors
    /// As for [`Value::with_at`].
    #[track_caller]
    pub fn set_at<I: Index<S>>(&mut self, index: I, part: impl IntoValue<I::Output, K>) {
        *self = self.with_at(index, part);
    }

    /// One element along an axis, which goes away; negative positions count from the end.
    ///
    /// # Errors
    /// A position outside of the axis, before the run.
    #[track_caller]
    pub fn index<A: Axis, P>(self, _axis: A, position: i64) -> Value<S::Rest, K>
    where
        S: Remove<A, P>,
    {
        let mut takes = vec![Take::All; S::DIM];
        takes.push(Take::One(position));
        Value::of(Op::Slice(takes), [self.node()])
    }

    /// A range of an axis: `h.slice(Seq, 1..-1)`, `h.slice(Seq, 2..)`; negative positions count from the end.
    ///
    /// # Errors
    /// A range that ends outside of the axis, before the run.
    #[track_caller]
    pub fn slice<A: Axis, P, R>(self, _axis: A, range: R) -> Value<S::Output, K>
    where
        S: Replace<A, Part<A>, P>,
        R: AxisIndex<Onto<A, ()> = (Part<A>,)>,
    {
        let mut takes = vec![Take::All; S::DIM];
        takes.push(range.take());
        Value::of(Op::Slice(takes), [self.node()])
    }
}

fn apply(takes: &[Take], dims: &Dims) -> Result<Indexed> {
    if takes.len() > dims.rank() {
        return Err(OpError::NoSuchAxis {
            dim: takes.len() - 1,
            sizes: *dims,
        });
    }
    let out = |OutOfBounds { dim, index, size }| OpError::OutOfBounds { dim, index, size };
    index::apply(takes, dims).map_err(out)
}

/// The positions that an index takes of each axis.
fn slices(takes: &[Take], dims: &Dims) -> Vec<Slice> {
    let sizes = dims.sizes();
    let all = sizes.iter().enumerate().map(|(dim, size)| {
        let take = takes.get(dim).copied().unwrap_or(Take::All);
        let (start, end) = take.resolve(size.unwrap_or(0)).unwrap_or((0, 0));
        Slice::new(start as isize, Some(end as isize), 1)
    });
    all.collect()
}

pub(super) fn infer(inputs: &[TensorMeta], takes: &[Take]) -> Result<TensorMeta> {
    let input = error::one(inputs)?;
    Ok(TensorMeta {
        dims: apply(takes, &input.dims)?.left,
        ..input
    })
}

pub(super) fn infer_assign(inputs: &[TensorMeta], takes: &[Take]) -> Result<TensorMeta> {
    let [input, part] = error::metas(inputs)?;
    error::of_kind(input.kind, part)?;
    error::unify(&apply(takes, &input.dims)?.left, &part.dims)?;
    Ok(input)
}

pub(super) fn infer_fill(inputs: &[TensorMeta], takes: &[Take]) -> Result<TensorMeta> {
    let input = error::one(inputs)?;
    apply(takes, &input.dims)?;
    Ok(input)
}

pub(super) fn run([input]: [Erased; 1], takes: &[Take], sizes: &[usize]) -> Erased {
    let slices = slices(takes, &input.dims());
    let part = with_kind!(input.kind(), K => with_rank!(slices.len(), D => {
        Erased::new(input.assume::<D, K>().slice(&slices[..]))
    }));
    real::reshape(part, sizes)
}

pub(super) fn run_assign([input, part]: [Erased; 2], takes: &[Take]) -> Result<Erased> {
    let indexed = apply(takes, &input.dims())?;
    // Where integers stand in the index, the axes are there with size 1.
    let kept = indexed.kept.all_known().unwrap_or_default();
    let part = real::reshape(real::alike(&input, part), &kept);
    let slices = slices(takes, &input.dims());
    Ok(with_kind!(input.kind(), K => with_rank!(slices.len(), D => {
        Erased::new(input.assume::<D, K>().slice_assign(&slices[..], part.assume()))
    })))
}

pub(super) fn run_fill([input]: [Erased; 1], takes: &[Take], number: Scalar) -> Erased {
    let slices = slices(takes, &input.dims());
    let (rank, float, int) = (slices.len(), number.as_f64(), number.as_i64());
    match input.kind() {
        KindTag::Float => {
            with_rank!(rank, D => Erased::new(input.assume::<D, Float>().slice_fill(&slices[..], float)))
        }
        KindTag::Int => {
            with_rank!(rank, D => Erased::new(input.assume::<D, Int>().slice_fill(&slices[..], int)))
        }
        KindTag::Bool => {
            with_rank!(rank, D => Erased::new(input.assume::<D, Bool>().slice_fill(&slices[..], int != 0)))
        }
    }
}
