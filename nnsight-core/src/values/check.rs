//! What the compiler checks: constant functions that `trace!` calls with the literal paths and indices of
//! the user, so that a mistake is a compile error at the token that is wrong.

use crate::shapes::axes::{Extent, same_name};
use crate::shapes::shape::Shape;
use crate::tree::handle::End;
use crate::tree::module::SiteTree;
use crate::tree::order::{Level, Order, Step, is_before};
use crate::values::list::List;
use crate::values::site::Site;
use const_panic::concat_panic;

/// The sites of one item of a list. Items are all alike.
pub const fn item<T: SiteTree, const N: usize>(_: &List<T, N>) -> T {
    T::SITES
}

/// Refuses `list[index]` outside of the list, where its length is declared.
#[track_caller]
pub const fn layer<T: SiteTree, const N: usize>(list: &List<T, N>, index: i64, path: &'static str) {
    if let Some(len) = list.known_len() {
        let n = len as i64;
        if index >= n || index < -n {
            concat_panic!(
                display: "index ", display: index, display: " is out of bounds for ", display: path,
                display: ", which has ", display: len, display: " modules: ", display: -n,
                display: " to ", display: n - 1
            );
        }
    }
}

/// Refuses a position outside of an axis of constant size.
#[track_caller]
pub const fn index<S: Shape, K>(_: &Site<S, K>, dim: usize, index: i64, path: &'static str) {
    if dim >= S::AXES.len() {
        return; // too many indices: the types say so
    }
    if let Extent::Fixed(size) = S::AXES[dim].extent {
        let n = size as i64;
        if index >= n || index < -n {
            concat_panic!(
                display: "index ", display: index, display: " is out of bounds for axis ", display: dim,
                display: " (", display: S::AXES[dim].name, display: ") of ", display: path,
                display: ", which has size ", display: size
            );
        }
    }
}

/// Refuses a slice that ends outside of an axis of constant size.
#[track_caller]
pub const fn slice<S: Shape, K>(_: &Site<S, K>, dim: usize, bound: i64, path: &'static str) {
    if dim >= S::AXES.len() {
        return;
    }
    if let Extent::Fixed(size) = S::AXES[dim].extent {
        let n = size as i64;
        if bound > n || bound < -n {
            concat_panic!(
                display: "slice bound ", display: bound, display: " is out of bounds for axis ", display: dim,
                display: " (", display: S::AXES[dim].name, display: ") of ", display: path,
                display: ", which has size ", display: size
            );
        }
    }
}

/// A module on a path that goes on into the field of a site.
pub const fn into<T: SiteTree>(_: &T, site: &'static str) -> Level<'static> {
    let (mut i, mut field) = (0, site);
    while i < T::FIELDS.len() {
        if same_name(T::FIELDS[i].1, site) {
            field = T::FIELDS[i].0;
        }
        i += 1;
    }
    Level {
        order: T::ORDER,
        fields: T::FIELDS,
        step: Step::Field(field),
    }
}

/// A list on a path that goes on to the item at a position.
pub const fn item_at<T: SiteTree, const N: usize>(list: &List<T, N>, index: i64) -> Level<'static> {
    let item = match list.known_len() {
        Some(len) if index < 0 && index + len as i64 >= 0 => Some((index + len as i64) as u32),
        // One outside of the list is refused as that.
        Some(len) if index < 0 || index >= len as i64 => None,
        _ if index >= 0 => Some(index as u32),
        _ => None,
    };
    Level {
        step: Step::Item(item),
        ..some_item(list)
    }
}

/// A list on a path that goes on to some item.
pub const fn some_item<T: SiteTree, const N: usize>(_: &List<T, N>) -> Level<'static> {
    Level {
        order: Order::NONE,
        fields: &[],
        step: Step::Item(None),
    }
}

/// The module that a path leads to.
pub const fn end<T: SiteTree>(_: &T) -> Level<'static> {
    Level {
        order: T::ORDER,
        fields: T::FIELDS,
        step: Step::End,
    }
}

/// Refuses to write what needs a site that the texts of the forwards show to come later. The first `shared` modules on
/// the two ways are the same.
#[track_caller]
pub const fn order(to: (&[Level], End, &'static str), from: (&[Level], End, &'static str), shared: usize) {
    if let Some(true) = is_before(to.0, to.1, from.0, from.1, shared) {
        concat_panic!(
            display: "the value of ", display: from.2, display: " cannot be written into ", display: to.2,
            display: ", which comes earlier in the forward pass"
        );
    }
}
