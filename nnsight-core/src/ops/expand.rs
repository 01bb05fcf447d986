//! New axes along which every element is the same.

use super::error::{self, OpError, Result};
use super::permute::same;
use super::{Op, real};
use crate::error::{Error, WrittenAt};
use crate::graph::names::axes_name;
use crate::shapes::axes::AxisMeta;
use crate::shapes::dims::Dims;
use crate::shapes::meta::TensorMeta;
use crate::shapes::shape::{Kind, MAX_RANK, Shape};
use crate::tensor::erased::Erased;
use crate::values::value::Value;
use crate::write::append;

/// Where each axis of `from` stands in `to`, or nothing if one is missing or they stand in another order.
const fn places(from: &[AxisMeta], to: &[AxisMeta]) -> Option<[usize; MAX_RANK]> {
    let mut places = [0; MAX_RANK];
    // From the last to the first, as sizes are matched everywhere else.
    let (mut i, mut j) = (from.len(), to.len());
    while i > 0 {
        if j == 0 {
            return None;
        }
        j -= 1;
        if same(from[i - 1], to[j]) {
            i -= 1;
            places[i] = j;
        }
    }
    Some(places)
}

const fn check_places(from: &[AxisMeta], to: &[AxisMeta]) -> [usize; MAX_RANK] {
    match places(from, to) {
        Some(places) => places,
        None => panic!("`expand` wants all axes of the value, in their order, with new ones between them"),
    }
}

/// [`places`] by the axes' types, which a constant cannot compare.
#[track_caller]
fn places_of(from: &[AxisMeta], to: &[AxisMeta]) -> Vec<usize> {
    let mut places = vec![0; from.len()];
    let mut before = to.len();
    for (place, axis) in places.iter_mut().zip(from).rev() {
        let Some(found) = to[..before].iter().rposition(|new| new.id == axis.id) else {
            append::fail(Error::OtherAxes {
                operation: "expand",
                found: axes_name(from),
                wanted: axes_name(to),
                at: WrittenAt(Some(std::panic::Location::caller())),
            });
            break;
        };
        (*place, before) = (found, found);
    }
    places
}

impl<S: Shape, K: Kind> Value<S, K> {
    /// The value over more axes, along which it is the same: `bias.expand::<(Batch, Seq, Hidden)>()`.
    ///
    /// The new axes take their constant sizes or those that the input gives; see [`Value::expand_as`].
    ///
    /// # Errors
    /// A new axis of unknown size, before the run. Axes that are missing or in another order are an error of
    /// the compiler (`cargo build`; `cargo check` does not look).
    #[track_caller]
    pub fn expand<T: Shape>(self) -> Value<T, K> {
        const { check_places(S::AXES, T::AXES) };
        let places = places_of(S::AXES, T::AXES);
        let input = self.node();
        let sizes = Dims::of_axes(T::AXES, |axis| append::bound(Some(input), axis))
            .sizes()
            .to_vec();
        Value::of(Op::Expand { places, sizes }, [input])
    }

    /// [`Value::expand`] to the axes and sizes of another value.
    ///
    /// # Errors
    /// As for [`Value::expand`].
    #[track_caller]
    pub fn expand_as<T: Shape, L: Kind>(self, like: Value<T, L>) -> Value<T, K> {
        const { check_places(S::AXES, T::AXES) };
        let places = places_of(S::AXES, T::AXES);
        Value::of(Op::ExpandAs(places), [self.node(), like.node()])
    }
}

/// The input's axes go to `places` of `sizes`. A scalar goes nowhere.
fn fit(input: TensorMeta, places: &[usize], sizes: Dims) -> Result<TensorMeta> {
    error::rank(sizes.rank())?;
    let scalar = places.is_empty() && input.dims == Dims::scalar();
    let all = scalar || places.len() == input.dims.rank();
    if !all || !places.is_sorted_by(|a, b| a < b) {
        return Err(OpError::NotAnOrder {
            order: places.to_vec(),
            sizes: input.dims,
        });
    }
    let mut dims = sizes;
    for (from, &to) in places.iter().enumerate() {
        error::has_axis(to, &sizes)?;
        match (input.dims.get(from), sizes.get(to)) {
            (Some(found), Some(wanted)) if found != wanted => {
                return Err(OpError::WrongSizes {
                    wanted: sizes,
                    found: input.dims,
                });
            }
            (found, wanted) => dims = dims.with(to, found.or(wanted)),
        }
    }
    Ok(TensorMeta { dims, ..input })
}

pub(super) fn infer(inputs: &[TensorMeta], places: &[usize], sizes: &[Option<usize>]) -> Result<TensorMeta> {
    let input = error::one(inputs)?;
    error::rank(sizes.len())?;
    let output = fit(input, places, Dims::new(sizes.iter().copied()))?;
    let new = |dim: &usize| !places.contains(dim) && output.dims.get(*dim).is_none();
    match (0..sizes.len()).find(new) {
        Some(dim) => Err(OpError::UnknownSize {
            dim,
            sizes: output.dims,
        }),
        None => Ok(output),
    }
}

pub(super) fn infer_as(inputs: &[TensorMeta], places: &[usize]) -> Result<TensorMeta> {
    let [input, like] = error::metas(inputs)?;
    fit(input, places, like.dims)
}

pub(super) fn run(input: Erased, places: &[usize], sizes: &[usize]) -> Erased {
    let one_elsewhere = |(dim, &size): (usize, &usize)| if places.contains(&dim) { size } else { 1 };
    let kept: Vec<usize> = sizes.iter().enumerate().map(one_elsewhere).collect();
    real::expand(real::reshape(input, &kept), sizes)
}
