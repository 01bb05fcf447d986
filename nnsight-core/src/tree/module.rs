//! Modules: what `derive(Inspectable)` and `#[inspectable]` implement, and the handles to modules that a
//! trace works with.

use crate::error::Result;
use crate::tensor::carrier::Carrier;
use crate::tree::boundary::Boundary;
use crate::write::append;

use crate::tensor::erased::Erased;
use crate::tree::handle::Handle;
use crate::tree::order::{Fields, Order};
use crate::tree::{Tree, TreeBuilder};
use std::marker::PhantomData;
use std::ops::{Bound, RangeBounds};

/// The handle type of a model: `fn ablate(block: Sites<Block>)`.
pub type Sites<M> = <M as Inspectable>::Sites;

/// A Burn module whose inside can be read and written. Derive it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be inspected",
    label = "neither `#[derive(Inspectable)]` nor a declaration of shapes",
    note = "a module of your own wants `#[derive(Inspectable)]`; \
            a field of one of Burn's modules wants its shapes, as `#[inspect((Batch, Features) -> (Batch, Hidden))]`; \
            `#[inspect(skip)]` leaves a field out"
)]
pub trait Inspectable: burn::module::Module + Sized + 'static {
    /// The handle that a trace gets: a field for each child, and `input` and `output`.
    type Sites: SiteTree;
    /// Adds what lies below this module to the tree.
    fn describe(&self, tree: &mut TreeBuilder);
    /// Runs the module at `path` (field positions and list indices) below this one on tensors.
    ///
    /// # Errors
    /// Tensors that do not fit the module's forward.
    fn call_at(&self, path: &[u32], tensors: Vec<Erased>) -> Result<Vec<Erased>>;
}

/// A module of the user's own with a `forward`. `#[inspectable]` on the impl block writes this.
#[diagnostic::on_unimplemented(
    message = "`{Self}` declares its shapes but its `forward` is not inspectable",
    label = "put `#[inspectable]` on the impl block that holds `forward`"
)]
pub trait Forward: Sized + 'static {
    /// What forward takes; a tuple where it takes several arguments.
    type Args: Carrier;
    /// What forward gives.
    type Result: Carrier;
    /// The calls in forward, as far as its text shows them.
    const ORDER: Order;
    /// Runs forward.
    fn forward_args(&self, args: Self::Args) -> Self::Result;
}

/// Runs forward on tensors alone.
///
/// # Errors
/// Tensors that do not fit, or a forward that takes more than tensors.
pub fn forward_erased<M: Forward>(module: &M, tensors: Vec<Erased>) -> Result<Vec<Erased>> {
    let args = M::Args::from_tensors(&mut tensors.into_iter())?;
    let mut out = Vec::new();
    module.forward_args(args).take_tensors(&mut out);
    Ok(out)
}

/// One of Burn's own modules, called on `I`. Implemented in `leaves`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take `{I}`",
    label = "the declared input does not fit this module",
    note = "the ranks and kinds in `#[inspect(.. -> ..)]` must be those of the module's forward"
)]
pub trait Leaf<I: Carrier>: burn::module::Module + 'static {
    /// What it gives.
    type Result: Carrier;
    /// Its forward.
    fn run(&self, input: I) -> Self::Result;
}

/// Runs a leaf on tensors alone.
///
/// # Errors
/// Tensors that do not fit.
pub fn leaf_erased<I, O, M>(module: &M, tensors: Vec<Erased>) -> Result<Vec<Erased>>
where
    I: Boundary,
    O: Boundary,
    M: Leaf<I::Tensors, Result = O::Tensors>,
{
    let input = I::Tensors::from_tensors(&mut tensors.into_iter())?;
    let mut out = Vec::new();
    module.run(input).take_tensors(&mut out);
    Ok(out)
}

/// A field whose shapes are declared at the field, `#[inspect((A, B) -> (A, C))]`: one of Burn's modules, or
/// a `Vec`, an `Option` or an array of them. Implemented in `leaves`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot have its shapes declared at the field",
    label = "not one of Burn's modules",
    note = "a module of your own declares its shapes at its struct: `#[derive(Module, Debug, Inspectable)] #[inspect(.. -> ..)]`"
)]
pub trait Declared<I: Boundary, O: Boundary> {
    /// The handle that a trace gets.
    type Sites: SiteTree;
    /// See [`Inspectable::describe`].
    fn describe(&self, tree: &mut TreeBuilder);
}

/// A module whose shapes are declared: by the derive at its struct. Burn's own have none of their own, so a
/// field that holds one must declare them; that is one error here, and their handles are whole.
#[diagnostic::on_unimplemented(
    message = "the field wants the shapes of its `{Self}`",
    label = "what goes in and out of it?",
    note = "write `#[inspect((Batch, Features) -> (Batch, Hidden))]` at the field, with your own axes; \
            `#[inspect(skip)]` leaves the field out"
)]
pub trait Shaped {}

/// The handle to one of Burn's modules whose shapes are not declared: it has no sites.
#[derive(Clone, Copy, Debug)]
pub struct UndeclaredSites;

impl SiteTree for UndeclaredSites {
    const SITES: Self = UndeclaredSites;
    const ORDER: Order = Order::NONE;
    const FIELDS: Fields = &[];
    fn at(_: Handle, _: &Tree) -> Self {
        UndeclaredSites
    }
    fn handle(self) -> Handle {
        Handle::NOWHERE
    }
}

/// A [`Declared`] field whose declaration is that of its forward. A trait of its own, so that a declaration
/// that does not fit is one error and leaves the handle whole.
pub trait Fits<I: Boundary, O: Boundary> {
    /// See [`Inspectable::call_at`].
    ///
    /// # Errors
    /// Tensors that do not fit.
    fn call_at(&self, path: &[u32], tensors: Vec<Erased>) -> Result<Vec<Erased>>;
}

/// A handle to a module and everything below it.
pub trait SiteTree: Copy + 'static {
    /// The same tree as a constant, of no model: what the compiler checks paths against.
    const SITES: Self;
    /// [`Forward::ORDER`] of the module.
    const ORDER: Order;
    /// The module's fields, each with the name of its site, or `""` for one that is left out.
    const FIELDS: Fields;
    /// The tree of a module of a real model.
    fn at(at: Handle, tree: &Tree) -> Self;
    /// Which module this is, and how it is seen.
    fn handle(self) -> Handle;
}

/// The length of a list whose type does not say it.
pub const ANY_LENGTH: usize = usize::MAX;

/// The handle to a list of modules: index it, iterate over it. An array's says its length `N`.
pub struct List<T, const N: usize = ANY_LENGTH> {
    pub(crate) at: Handle,
    len: Option<usize>,
    marker: PhantomData<fn() -> T>,
}

impl<T, const N: usize> Clone for List<T, N> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T, const N: usize> Copy for List<T, N> {}

impl<T: SiteTree, const N: usize> List<T, N> {
    #[doc(hidden)]
    pub const fn constant(len: Option<usize>) -> Self {
        List {
            at: Handle::NOWHERE,
            len,
            marker: PhantomData,
        }
    }

    #[doc(hidden)]
    pub fn new(at: Handle, tree: &Tree) -> Self {
        List {
            at,
            len: Some(tree.children(at.module).len()),
            marker: PhantomData,
        }
    }

    /// The number of modules, as far as it is known.
    #[doc(hidden)]
    pub const fn known_len(&self) -> Option<usize> {
        self.len
    }

    /// The number of modules.
    pub fn len(&self) -> usize {
        self.len.unwrap_or(0)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The module at a position; negative ones count from the end. A position outside is an error of the
    /// trace, reported before the model runs.
    #[track_caller]
    pub fn at(self, index: impl TryInto<i64>) -> T {
        append::item(self.at, self.len(), index.try_into().unwrap_or(i64::MAX))
    }

    /// Some of the modules, `m.h[2..6]` in `trace!`; negative bounds count from the end. A bound outside is an error of
    /// the trace, reported before the model runs.
    #[track_caller]
    pub fn range<B: TryInto<i64> + Copy>(self, range: impl RangeBounds<B>) -> Vec<T> {
        let len = self.len() as i64;
        let position = |bound: B| match bound.try_into().unwrap_or(i64::MAX) {
            index if index < 0 => index.saturating_add(len),
            index => index,
        };
        let start = match range.start_bound() {
            Bound::Included(&first) => position(first),
            Bound::Excluded(&before) => position(before).saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(&last) => position(last).saturating_add(1),
            Bound::Excluded(&end) => position(end),
            Bound::Unbounded => len,
        };
        // The first position outside says so.
        let (first, last) = (start.max(-1), end.min(len.saturating_add(1)));
        (first..last)
            .map(|index| if index < 0 { self.at(len) } else { self.at(index) })
            .collect()
    }

    /// The first module.
    pub fn first(self) -> Option<T> {
        self.iter().next()
    }

    /// The last module.
    pub fn last(self) -> Option<T> {
        self.iter().next_back()
    }

    /// All modules, first to last.
    pub fn iter(self) -> impl ExactSizeIterator<Item = T> + DoubleEndedIterator {
        (0..self.len()).map(move |i| self.at(i as i64))
    }
}

impl<T: SiteTree, const N: usize> IntoIterator for List<T, N> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter().collect::<Vec<_>>().into_iter()
    }
}
