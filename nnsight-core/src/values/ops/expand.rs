//! New axes along which every element is the same.

use super::permute::same;
use crate::error::{Error, WrittenAt};
use crate::graph::names::axes_name;
use crate::ops::Op;
use crate::shapes::axes::AxisMeta;
use crate::shapes::dims::Dims;
use crate::shapes::shape::{Kind, MAX_RANK, Shape};
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
