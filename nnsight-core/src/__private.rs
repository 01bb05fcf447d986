//! What the macros write, in the order in which a user meets it.

pub use crate::check;
pub use crate::interleave::{Field, call};
pub use crate::module::{Declared, forward_erased, leaf_erased};
pub use burn;

use crate::boundary::Boundary;
use crate::graph;
use crate::index::Index;
use crate::module::{List, SiteTree};
use crate::shape::{Kind, Shape};
use crate::site::{Handle, Site};
use crate::value::{IntoValue, Value};

/// `EXPR.forward(..)`: finds the module behind any number of references, as method calls do.
pub trait Receiver {
    /// The module.
    fn __nnsight_receiver(&self) -> &Self;
}
impl<M: burn::module::Module> Receiver for M {
    fn __nnsight_receiver(&self) -> &Self {
        self
    }
}

/// What `#[inspect(IN -> OUT)]` at a struct says; `#[inspectable]` holds the forward against it.
pub trait DeclaredBoundary {
    /// What goes in.
    type Input: Boundary;
    /// What comes out.
    type Output: Boundary;
}

/// `m.block.call_idx(1)`: the same module at another of its calls.
pub fn at_call<T: SiteTree>(at: Handle, call: u32, here: T) -> T {
    graph::with_tree(at.at_call(call), here)
}

/// `m.block.call(value)`: runs the module on values.
#[track_caller]
pub fn call_module<I: Boundary, O: Boundary>(at: Handle, input: I::Values) -> O::Values {
    graph::call::<I, O>(at, input)
}

/// `m.layer1.output` where a value is wanted.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a site",
    label = "`.input`, `.output` and `.grad` name sites inside `trace!`"
)]
pub trait Read {
    /// The value, or the tuple of values.
    type Value;
    /// Reads it, as all earlier lines of the trace left it.
    fn read(self) -> Self::Value;
}
impl<S: Shape, K: Kind> Read for Site<S, K> {
    type Value = Value<S, K>;
    #[track_caller]
    fn read(self) -> Value<S, K> {
        self.get()
    }
}

/// `place = value` where place is a site, or a tuple of sites.
pub trait Write<V> {
    /// Writes it.
    fn write(self, value: V);
}
impl<S: Shape, K: Kind, V: IntoValue<S, K>> Write<V> for Site<S, K> {
    #[track_caller]
    fn write(self, value: V) {
        self.set(value);
    }
}

/// `base[index]`, reading: `I` is always a tuple, `(3,)` for `base[3]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be indexed by `{I}`",
    label = "too many indices, or one that is no integer, range or `..`"
)]
pub trait At<I> {
    /// What is there.
    type Output;
    /// Takes it.
    fn at(self, index: I) -> Self::Output;
}
impl<S: Shape, K: Kind, I: Index<S>> At<I> for Value<S, K> {
    type Output = Value<I::Output, K>;
    #[track_caller]
    fn at(self, index: I) -> Self::Output {
        Value::at(self, index)
    }
}
impl<S: Shape, K: Kind, I: Index<S>> At<I> for Site<S, K> {
    type Output = Value<I::Output, K>;
    #[track_caller]
    fn at(self, index: I) -> Self::Output {
        self.get().at(index)
    }
}
impl<T: SiteTree, I: TryInto<i64>> At<(I,)> for List<T> {
    type Output = T;
    #[track_caller]
    fn at(self, (index,): (I,)) -> T {
        List::at(self, index)
    }
}

/// `base[index] = value`, on a site (an edit of the model) or on a variable that holds a value.
pub trait WriteAt<I, V> {
    /// Writes it.
    fn write_at(&mut self, index: I, value: V);
}
impl<S: Shape, K: Kind, I: Index<S>, V: IntoValue<I::Output, K>> WriteAt<I, V> for Site<S, K> {
    #[track_caller]
    fn write_at(&mut self, index: I, value: V) {
        self.set_at(index, value);
    }
}
impl<S: Shape, K: Kind, I: Index<S>, V: IntoValue<I::Output, K>> WriteAt<I, V> for Value<S, K> {
    #[track_caller]
    fn write_at(&mut self, index: I, value: V) {
        *self = Value::set_at(*self, index, value);
    }
}

macro_rules! tuples {
    ($($name:ident $value:ident $index:tt),+) => {
        impl<$($name: Read),+> Read for ($($name,)+) {
            type Value = ($($name::Value,)+);
            #[track_caller]
            fn read(self) -> Self::Value {
                ($(self.$index.read(),)+)
            }
        }
        impl<$($name: Write<$value>, $value),+> Write<($($value,)+)> for ($($name,)+) {
            #[track_caller]
            fn write(self, value: ($($value,)+)) {
                $(self.$index.write(value.$index);)+
            }
        }
    };
}
tuples!(A Va 0, B Vb 1);
tuples!(A Va 0, B Vb 1, C Vc 2);
tuples!(A Va 0, B Vb 1, C Vc 2, D Vd 3);
