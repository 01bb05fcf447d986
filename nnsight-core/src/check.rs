//! What the compiler checks: constant functions that `trace!` calls with the literal paths and indices of
//! the user, so that a mistake is a compile error at the token that is wrong.

use crate::axes::{Extent, same_name};
use crate::module::{List, SiteTree};
use crate::shape::Shape;
use crate::site::Site;
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

/// Refuses to write a value of child `later` into child `earlier` of the same module, where the text of
/// its forward shows that it calls them the other way round.
#[track_caller]
pub const fn order<T: SiteTree>(
    _: &T,
    earlier: &'static str,
    later: &'static str,
    written: &'static str,
    needed: &'static str,
) {
    if let (Some(a), Some(b)) = (place(T::ORDER, earlier), place(T::ORDER, later))
        && a < b
    {
        concat_panic!(
            display: "the value of ", display: needed, display: " cannot be written into ", display: written,
            display: ", which comes earlier in the forward pass"
        );
    }
}

/// The same for two items of a list, which is walked from front to back.
#[track_caller]
pub const fn item_order<P: SiteTree, T: SiteTree, const N: usize>(
    _: &P,
    list_name: &'static str,
    list: &List<T, N>,
    earlier: i64,
    later: i64,
    written: &'static str,
    needed: &'static str,
) {
    let (Some(len), Some(_)) = (list.known_len(), place(P::ORDER, list_name)) else {
        return;
    };
    let n = len as i64;
    let a = if earlier < 0 { earlier + n } else { earlier };
    let b = if later < 0 { later + n } else { later };
    if a < b {
        concat_panic!(
            display: "the value of ", display: needed, display: " cannot be written into ", display: written,
            display: ", which comes earlier in the forward pass"
        );
    }
}

const fn place(order: &[&str], name: &str) -> Option<usize> {
    let mut i = 0;
    while i < order.len() {
        if same_name(order[i], name) {
            return Some(i);
        }
        i += 1;
    }
    None
}
