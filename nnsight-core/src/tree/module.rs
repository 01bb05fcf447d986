//! Modules: what `derive(Inspectable)` and `#[inspectable]` implement, and the handles to modules that a
//! trace works with.

use crate::error::Result;
use crate::tensor::carrier::Carrier;
use crate::tensor::erased::Erased;
use crate::tree::Tree;
use crate::tree::builder::TreeBuilder;
use crate::tree::handle::Handle;
use crate::tree::order::{Fields, Order};

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
