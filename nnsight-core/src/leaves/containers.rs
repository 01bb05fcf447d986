//! Lists, options and tuples of modules.

use crate::error::{Error, Result};
use crate::tensor::erased::Erased;
use crate::tree::Tree;
use crate::tree::builder::TreeBuilder;
use crate::tree::handle::Handle;
use crate::tree::module::{Inspectable, Shaped, SiteTree};
use crate::tree::order::{Fields, Order};
use crate::values::boundary::Boundary;
use crate::values::declared::{Declared, Fits};
use crate::values::list::{ANY_LENGTH, List};

impl<T: SiteTree, const N: usize> SiteTree for List<T, N> {
    const SITES: Self = List::constant(if N == ANY_LENGTH { None } else { Some(N) });
    const ORDER: Order = Order::NONE;
    const FIELDS: Fields = &[];
    fn at(at: Handle, tree: &Tree) -> Self {
        List::new(at, tree)
    }
    fn handle(self) -> Handle {
        self.at
    }
}

/// Describes the elements of a list as children named by their positions.
fn describe_list<'a, M: 'a>(
    type_name: &'static str,
    modules: impl Iterator<Item = &'a M>,
    tree: &mut TreeBuilder,
    describe: impl Fn(&M, &mut TreeBuilder),
) {
    tree.list(type_name);
    for (i, module) in modules.enumerate() {
        tree.child(&i.to_string(), |tree| describe(module, tree));
    }
}

/// Finds the element that a path names.
fn call_item<M>(
    modules: &[M],
    path: &[u32],
    tensors: Vec<Erased>,
    call: impl Fn(&M, &[u32], Vec<Erased>) -> Result<Vec<Erased>>,
) -> Result<Vec<Erased>> {
    match path.split_first() {
        Some((i, rest)) if (*i as usize) < modules.len() => call(&modules[*i as usize], rest, tensors),
        _ => Err(Error::NotCallable),
    }
}

macro_rules! lists {
    ($([$($generics:tt)*] $list:ty, $len:expr, $name:literal;)+) => {$(
        impl<M: Inspectable $($generics)*> Inspectable for $list {
            type Sites = List<M::Sites, { $len }>;
            fn describe(&self, tree: &mut TreeBuilder) {
                describe_list($name, self.iter(), tree, |module, tree| module.describe(tree));
            }
            fn call_at(&self, path: &[u32], tensors: Vec<Erased>) -> Result<Vec<Erased>> {
                call_item(self, path, tensors, |module, path, tensors| module.call_at(path, tensors))
            }
        }

        impl<M: Shaped $($generics)*> Shaped for $list {}

        impl<I: Boundary, O: Boundary, M: Declared<I, O> $($generics)*> Declared<I, O> for $list {
            type Sites = List<M::Sites, { $len }>;
            fn describe(&self, tree: &mut TreeBuilder) {
                describe_list($name, self.iter(), tree, |module, tree| module.describe(tree));
            }
        }

        impl<I: Boundary, O: Boundary, M: Fits<I, O> $($generics)*> Fits<I, O> for $list {
            fn call_at(&self, path: &[u32], tensors: Vec<Erased>) -> Result<Vec<Erased>> {
                call_item(self, path, tensors, |module, path, tensors| module.call_at(path, tensors))
            }
        }
    )+};
}
lists! {
    [] Vec<M>, ANY_LENGTH, "Vec";
    [, const N: usize] [M; N], N, "array";
}

impl<M: Shaped> Shaped for Option<M> {}

impl<M: Inspectable> Inspectable for Option<M> {
    type Sites = M::Sites;
    fn describe(&self, tree: &mut TreeBuilder) {
        match self {
            Some(module) => module.describe(tree),
            None => tree.absent(),
        }
    }
    fn call_at(&self, path: &[u32], tensors: Vec<Erased>) -> Result<Vec<Erased>> {
        match self {
            Some(module) => module.call_at(path, tensors),
            None => Err(Error::NotCallable),
        }
    }
}

impl<I: Boundary, O: Boundary, M: Declared<I, O>> Declared<I, O> for Option<M> {
    type Sites = M::Sites;
    fn describe(&self, tree: &mut TreeBuilder) {
        match self {
            Some(module) => module.describe(tree),
            None => tree.absent(),
        }
    }
}

impl<I: Boundary, O: Boundary, M: Fits<I, O>> Fits<I, O> for Option<M> {
    fn call_at(&self, path: &[u32], tensors: Vec<Erased>) -> Result<Vec<Erased>> {
        match self {
            Some(module) => module.call_at(path, tensors),
            None => Err(Error::NotCallable),
        }
    }
}

macro_rules! tuples {
    ($($name:ident $index:tt),+) => {
        impl<$($name: SiteTree),+> SiteTree for ($($name,)+) {
            const SITES: Self = ($($name::SITES,)+);
            const ORDER: Order = Order::NONE;
            const FIELDS: Fields = &[$((stringify!($index), stringify!($index))),+];
            fn at(at: Handle, tree: &Tree) -> Self {
                ($($name::at(at.child(tree, $index), tree),)+)
            }
            fn handle(self) -> Handle {
                // A tuple is no module: it has no calls of its own.
                Handle::NOWHERE
            }
        }

        /// Every module of the tuple has the declared shapes.
        impl<In: Boundary, Out: Boundary, $($name: Declared<In, Out>),+> Declared<In, Out> for ($($name,)+) {
            type Sites = ($($name::Sites,)+);
            fn describe(&self, tree: &mut TreeBuilder) {
                $(tree.child(stringify!($index), |tree| self.$index.describe(tree));)+
            }
        }

        impl<In: Boundary, Out: Boundary, $($name: Fits<In, Out>),+> Fits<In, Out> for ($($name,)+) {
            fn call_at(&self, path: &[u32], tensors: Vec<Erased>) -> Result<Vec<Erased>> {
                match path.split_first() {
                    $(Some(($index, rest)) => self.$index.call_at(rest, tensors),)+
                    _ => Err(Error::NotCallable),
                }
            }
        }

        impl<$($name: Shaped),+> Shaped for ($($name,)+) {}

        impl<$($name: Inspectable),+> Inspectable for ($($name,)+) {
            type Sites = ($($name::Sites,)+);
            fn describe(&self, tree: &mut TreeBuilder) {
                $(tree.child(stringify!($index), |tree| self.$index.describe(tree));)+
            }
            fn call_at(&self, path: &[u32], tensors: Vec<Erased>) -> Result<Vec<Erased>> {
                match path.split_first() {
                    $(Some(($index, rest)) => self.$index.call_at(rest, tensors),)+
                    _ => Err(Error::NotCallable),
                }
            }
        }
    };
}
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
