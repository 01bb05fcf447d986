//! Sites: points of a model where a value can be read or written.

use crate::graph::node::SiteId;
use crate::shapes::index::Index;
use crate::shapes::shape::{Kind, Shape};
use crate::tree::handle::{End, Handle};
use crate::values::value::{IntoValue, Value, Written};
use crate::write::place;
use crate::write::show;
use crate::write::typed;
use burn::tensor::Float;
use std::ops::Deref;

/// A point where a value of shape `S` and kind `K` passes: a module's input or output, or a probe.
///
/// Inside `trace!`, naming a site reads it, assigning to it writes it, and `&site` is the site itself.
/// Outside of the macro use [`Site::get`], [`Site::set`] and their kin.
///
/// What a [`Value`] can do, a site can: `site.sum()` is `site.get().sum()`, the value here as the lines before left it.
pub struct Site<S, K = Float> {
    at: Handle,
    end: End,
    port: u8,
    /// Reads the site at each use.
    value: Value<S, K>,
}

impl<S, K> Clone for Site<S, K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S, K> Copy for Site<S, K> {}

impl<S, K> std::fmt::Debug for Site<S, K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        show::show_site(self.id(), f)
    }
}

impl<S, K> Site<S, K> {
    #[doc(hidden)]
    pub const fn new(at: Handle, end: End, port: u8) -> Self {
        Site {
            at,
            end,
            port,
            value: Value::of_site(at, end, port),
        }
    }

    pub(crate) fn id(self) -> SiteId {
        SiteId::of(self.at, self.end, self.port)
    }

    pub(crate) const fn call(self) -> u32 {
        self.at.call
    }

    /// The same site at another call of its module in the same run, counted from 0.
    pub const fn call_idx(self, call: u32) -> Self {
        Site::new(self.at.at_call(call), self.end, self.port)
    }
}

/// The methods of its value. `*site` is a value that reads the site at each use.
impl<S, K> Deref for Site<S, K> {
    type Target = Value<S, K>;
    fn deref(&self) -> &Value<S, K> {
        &self.value
    }
}

impl<S: Shape, K: Kind> Site<S, K> {
    /// The value here, with all edits that were written before.
    #[track_caller]
    pub fn get(self) -> Value<S, K> {
        Value::new(typed::read::<S, K>(self.at, self.id()))
    }

    /// Replaces the value here, for everything downstream.
    #[track_caller]
    pub fn set(self, value: impl IntoValue<S, K>) {
        place::write(self.at, self.id(), Vec::new(), value.written().0);
    }

    /// Replaces a part of the value here: `site.set_at((.., 0), 0.0)`.
    #[track_caller]
    pub fn set_at<I: Index<S>>(self, index: I, value: impl IntoValue<I::Output, K>) {
        place::write(self.at, self.id(), index.takes(), value.written().0);
    }

    /// Replaces the value here by a function of it: `site.update(|h| h * 2.0)`.
    #[track_caller]
    pub fn update<V: IntoValue<S, K>>(self, f: impl FnOnce(Value<S, K>) -> V) {
        self.set(f(self.get()));
    }
}

impl<S: Shape, K: Kind> IntoValue<S, K> for Site<S, K> {
    #[track_caller]
    fn written(self) -> Written {
        self.get().written()
    }
}
