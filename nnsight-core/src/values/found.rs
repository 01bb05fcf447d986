//! What the text of a body does not say: whether what stands before `[..]`, or a field called `output`, is one of ours.
//!
//! Method resolution decides. What `trace!` writes starts from several references, and rustc takes the first of these
//! traits that fits: a value, a site or a list of modules, then a reference to something, then anything else, which
//! means what it means in plain Rust.

use crate::shapes::index::Index;
use crate::shapes::shape::{Kind, Shape};
use crate::tree::module::SiteTree;
use crate::values::list::List;
use crate::values::read::Read;
use crate::values::site::Site;
use crate::values::value::Value;
use std::ops::Deref;

/// What stands before the `[` or the end of a path.
#[derive(Debug)]
pub struct Found<'a, T: ?Sized>(pub &'a T);

/// Something of ours, in a place of its own: what plain Rust gives there is a place too.
#[derive(Clone, Copy, Debug)]
pub struct Own<T>(T);

impl<T> Deref for Own<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

/// What is indexed by our rules.
pub trait Ours {}
impl<S, K> Ours for Value<S, K> {}
impl<S, K> Ours for Site<S, K> {}
impl<T, const N: usize> Ours for List<T, N> {}
impl<T: Ours + ?Sized> Ours for &T {}

/// `x[index]` by our rules; the index is a tuple.
pub trait At<I>: Ours {
    /// What is there.
    type Output;
    /// Gives it.
    fn at_index(&self, index: I) -> Self::Output;
}

impl<S: Shape, K: Kind, I: Index<S>> At<I> for Value<S, K> {
    type Output = Value<I::Output, K>;
    #[track_caller]
    fn at_index(&self, index: I) -> Self::Output {
        self.at(index)
    }
}
impl<S: Shape, K: Kind, I: Index<S>> At<I> for Site<S, K> {
    type Output = Value<I::Output, K>;
    #[track_caller]
    fn at_index(&self, index: I) -> Self::Output {
        self.get().at(index)
    }
}
impl<T: SiteTree, const N: usize, I: TryInto<i64>> At<(I,)> for List<T, N> {
    type Output = T;
    #[track_caller]
    fn at_index(&self, (index,): (I,)) -> T {
        self.at(index)
    }
}
impl<T: At<I> + ?Sized, I> At<I> for &T {
    type Output = T::Output;
    #[track_caller]
    fn at_index(&self, index: I) -> T::Output {
        T::at_index(self, index)
    }
}

/// `x[index]` where `x` is ours.
pub trait IndexOurs {
    /// What is indexed.
    type Base: Ours + ?Sized;
    /// The index is given twice, as a tuple of ours and as plain Rust has it: one of them is asked for.
    #[track_caller]
    fn __nnsight_index<I, P>(
        self,
        ours: impl FnOnce() -> I,
        plain: impl FnOnce() -> P,
    ) -> Own<<Self::Base as At<I>>::Output>
    where
        Self::Base: At<I>;
}
impl<T: Ours + ?Sized> IndexOurs for &&&&Found<'_, T> {
    type Base = T;
    #[track_caller]
    fn __nnsight_index<I, P>(self, ours: impl FnOnce() -> I, _: impl FnOnce() -> P) -> Own<T::Output>
    where
        T: At<I>,
    {
        Own(self.0.at_index(ours()))
    }
}

macro_rules! plain {
    ($($(#[$doc:meta])* $name:ident: $($level:ty => |$x:ident| $base:expr),+;)+) => {$(
        $(#[$doc])*
        pub trait $name<'a> {
            /// What is indexed.
            type Base: ?Sized;
            /// `&x[index]`
            fn __nnsight_index<I, P>(
                self,
                ours: impl FnOnce() -> I,
                plain: impl FnOnce() -> P,
            ) -> &'a <Self::Base as std::ops::Index<P>>::Output
            where
                Self::Base: std::ops::Index<P> + 'a;
        }
        $(
            impl<'a, T: ?Sized> $name<'a> for $level {
                type Base = T;
                fn __nnsight_index<I, P>(
                    self,
                    _: impl FnOnce() -> I,
                    plain: impl FnOnce() -> P,
                ) -> &'a <T as std::ops::Index<P>>::Output
                where
                    T: std::ops::Index<P> + 'a,
                {
                    let $x = self.0;
                    &$base[plain()]
                }
            }
        )+
    )+};
}
plain! {
    /// `x[index]` where `x` is a reference to a reference.
    IndexTwice: &&&Found<'a, &&T> => |x| (***x);
    /// `x[index]` where `x` refers to, or owns, something else.
    IndexOnce:
        &&Found<'a, &T> => |x| (**x),
        &&Found<'a, &mut T> => |x| (**x),
        &&Found<'a, Box<T>> => |x| (**x),
        &&Found<'a, std::rc::Rc<T>> => |x| (**x),
        &&Found<'a, std::sync::Arc<T>> => |x| (**x),
        &&Found<'a, std::cell::Ref<'_, T>> => |x| (**x),
        &&Found<'a, std::cell::RefMut<'_, T>> => |x| (**x),
        &&Found<'a, std::sync::MutexGuard<'_, T>> => |x| (**x);
    /// `x[index]` of anything else.
    IndexPlain: &Found<'a, T> => |x| (*x);
}

/// A field called `output` that is a site, or a tuple of sites.
#[derive(Clone, Copy, Debug)]
pub struct IsSite;
/// A field called `output` of the user's own.
#[derive(Clone, Copy, Debug)]
pub struct IsPlain;

/// Finds a site.
pub trait FindSite {
    /// What it is.
    fn __nnsight_find(self) -> IsSite;
}
impl<T: Read> FindSite for &&Found<'_, T> {
    fn __nnsight_find(self) -> IsSite {
        IsSite
    }
}

/// Finds anything else.
pub trait FindPlain {
    /// What it is.
    fn __nnsight_find(self) -> IsPlain;
}
impl<T: ?Sized> FindPlain for &Found<'_, T> {
    fn __nnsight_find(self) -> IsPlain {
        IsPlain
    }
}

impl IsSite {
    /// Reads it.
    #[track_caller]
    pub fn read<T: Read>(self, site: T) -> T::Value {
        site.read()
    }
}
impl IsPlain {
    /// Moves it, or copies it.
    pub fn read<T>(self, field: T) -> T {
        field
    }
}
