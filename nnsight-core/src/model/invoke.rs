//! Several inputs in one forward pass: each invoke of a trace owns rows of the batch.

use crate::error::{Error, Result};
use crate::graph::node::Window;
use crate::model::bind::{bind, check_rows};
use crate::model::edits::Edits;
use crate::ops::Op;
use crate::ops::real::to_device;
use crate::results::collect::IntoInput;
use crate::shapes::axes::AxisMeta;
use crate::tensor::carrier::Carrier;
use crate::tensor::erased::Erased;
use crate::tree::module::SiteTree;
use crate::tree::module::{Forward, Inspectable};
use crate::tree::{ModuleId, Tree};
use crate::write::append;
use crate::write::builder::Bound;
use crate::write::handles;
use burn::tensor::Device;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// The inputs of a trace: [`invoke`](Invokes::invoke) adds one and gives the model as that input alone sees
/// it. All run in one forward pass, and values may go from one to another wherever the data can flow.
///
/// ```standalone_crate
/// # extern crate nnsight_core as nnsight;
/// # use burn::tensor::{Device, Tensor};
/// # use nnsight::{Inspectable, NnSight, inspectable, trace};
/// # nnsight::axes! { Batch; Features = 2; }
/// # #[derive(burn::module::Module, Debug, Inspectable)]
/// # #[inspect((Batch, Features) -> (Batch, Features))]
/// # struct Net { #[inspect((Batch, Features) -> (Batch, Features))] layer: burn::nn::Linear }
/// # #[inspectable]
/// # impl Net { fn forward(&self, x: Tensor<2>) -> Tensor<2> { self.layer.forward(x) } }
/// # fn main() -> nnsight::Result<()> {
/// # let device = Device::flex();
/// # let net = NnSight::new(Net { layer: burn::nn::LinearConfig::new(2, 2).init(&device) });
/// let (source, base) = (Tensor::<2>::ones([1, 2], &device), Tensor::<2>::zeros([1, 2], &device));
/// let patched = trace!(net, |t: Net| {
///     let source = t.invoke(source);
///     let base = t.invoke(base);
///     base.layer.output = source.layer.output;
///     base.output.save()
/// })?;
/// # Ok(())
/// # }
/// ```
pub struct Invokes<M: Forward + Inspectable> {
    tree: Arc<Tree>,
    inputs: Rc<RefCell<Vec<Input<M>>>>,
    /// What every invoke begins with.
    edits: Edits<M>,
}

/// One input: its tensors, and what is left without them.
struct Input<M: Forward> {
    rest: <M::Args as Carrier>::Rest,
    tensors: Vec<Erased>,
}

/// What is left of all inputs, their tensors as one batch, and the part of it that belongs to each.
type Batch<M> = (
    <<M as Forward>::Args as Carrier>::Rest,
    Vec<Erased>,
    Vec<Vec<Window>>,
);

impl<M: Forward + Inspectable> Invokes<M> {
    pub(crate) fn new(tree: Arc<Tree>, edits: Edits<M>) -> Self {
        Invokes {
            tree,
            inputs: Rc::default(),
            edits,
        }
    }

    /// Another handle to the same invokes.
    pub(crate) fn share(&self) -> Self {
        Invokes {
            tree: Arc::clone(&self.tree),
            inputs: Rc::clone(&self.inputs),
            edits: self.edits.clone(),
        }
    }

    /// Adds an input, of one row or several, and gives the model as that input alone sees it.
    ///
    /// # Errors
    /// The trace fails before the model runs if the input is not what the model declares.
    /// It also fails if it is not known along which axis inputs are put together ([`Error::NoRows`]): that is the
    /// run-time axis of the model's first input that is called `Batch`, or the one it declares with
    /// `#[inspect((Seq, Prompt, Features) -> .., rows = Prompt)]`.
    pub fn invoke(&self, input: impl IntoInput<M::Args>) -> M::Sites {
        if let Err(error) = check_rows(&self.tree) {
            append::fail(error);
            return M::Sites::SITES;
        }
        let mut tensors = Vec::new();
        let rest = input.into_input().take_tensors(&mut tensors);
        match bind(&self.tree, &tensors) {
            Ok(bound) => {
                self.inputs.borrow_mut().push(Input { rest, tensors });
                let sites = handles::add_invoke(bound);
                self.edits.write(sites);
                sites
            }
            Err(error) => {
                append::fail(error);
                M::Sites::SITES
            }
        }
    }

    /// The model as all invokes together see it, those to come as well: its rows are theirs, in their order. How many
    /// there are is known only when the model runs, so [`Value::shape`](crate::Value::shape) does not tell.
    ///
    /// ```ignore
    /// let (one, other) = (t.invoke(first), t.invoke(second));
    /// let logits = t.batch().output.save(); // the rows of `first`, then those of `second`
    /// ```
    pub fn batch(&self) -> M::Sites {
        handles::whole_batch()
    }

    /// The tensors of each input.
    pub(crate) fn tensors(&self) -> Vec<Vec<Erased>> {
        let inputs = self.inputs.borrow();
        inputs.iter().map(|input| input.tensors.clone()).collect()
    }

    /// The inputs as one batch, on `home` if that is known, and the part of it that belongs to each.
    ///
    /// # Errors
    /// [`Error::NoInvokes`], [`Error::InvokeSizes`], [`Error::InvokeRest`] and [`Error::InvokeUndeclared`].
    pub(crate) fn join_all(self, bound: &[Bound], home: Option<&Device>) -> Result<Batch<M>> {
        let mut inputs = self.inputs.take();
        let (Some(first), Some(rows)) = (bound.first(), self.tree.rows_axis()) else {
            return Err(Error::NoInvokes);
        };
        for (i, sizes) in bound.iter().enumerate() {
            let shared = sizes
                .iter()
                .zip(first)
                .filter(|((axis, _), _)| axis.id != rows.id);
            for ((axis, found), (_, wanted)) in shared {
                if found != wanted {
                    return Err(Error::InvokeSizes {
                        invoke: i + 1,
                        axis: axis.name.to_owned(),
                        wanted: *wanted,
                        found: *found,
                    });
                }
            }
        }
        let mut next = 0;
        let windows = bound.iter().map(|sizes| {
            let size = sizes
                .iter()
                .find(|(axis, _)| axis.id == rows.id)
                .map_or(1, |(_, size)| *size);
            let start = next;
            next += size;
            vec![Window {
                axis: self.tree.axis_label(&rows).into_owned(),
                start,
                size,
            }]
        });
        let windows = windows.collect();
        let others = inputs.split_off(1);
        let Some(Input { mut rest, tensors }) = inputs.pop() else {
            return Err(Error::NoInvokes);
        };
        for (other, invoke) in others.iter().zip(2..) {
            if !M::Args::is_same_rest(&rest, &other.rest) {
                return Err(Error::InvokeRest { invoke });
            }
        }
        if let Some(home) = home {
            rest = M::Args::rest_to_device(rest, home);
        }
        let others = others.into_iter().map(|other| other.tensors);
        Ok((rest, self.join(tensors, others.collect(), &rows, home)?, windows))
    }

    /// Each of the model's inputs, of all invokes end to end. One without an axis of rows is the same for
    /// all: that of the first.
    fn join(
        &self,
        first: Vec<Erased>,
        others: Vec<Vec<Erased>>,
        rows: &AxisMeta,
        home: Option<&Device>,
    ) -> Result<Vec<Erased>> {
        let root = self.tree.get(ModuleId::ROOT);
        let ports = root.map_or(&[][..], |root| &root.inputs);
        let found = others.iter().map(Vec::len).fold(first.len(), usize::max);
        if !others.is_empty() && found > ports.len() {
            return Err(Error::InvokeUndeclared {
                declared: ports.len(),
                found,
            });
        }
        let here = |tensor| match home {
            Some(home) => to_device(home, tensor),
            None => tensor,
        };
        let room = 1 + others.len();
        let begin = |tensor| {
            let mut column = Vec::with_capacity(room);
            column.push(here(tensor));
            column
        };
        let mut columns: Vec<Vec<Erased>> = first.into_iter().map(begin).collect();
        for tensors in others {
            for (column, tensor) in columns.iter_mut().zip(tensors) {
                column.push(here(tensor));
            }
        }
        let joined = columns.into_iter().enumerate().map(|(number, mut column)| {
            let axes = ports.get(number).map_or(&[][..], |port| port.axes);
            match axes.iter().position(|axis| axis.id == rows.id) {
                Some(dim) if column.len() > 1 => Op::Cat(dim)
                    .run(column)
                    .map_err(|source| Error::op(&Op::Cat(dim), source, crate::error::WrittenAt(None))),
                _ => Ok(column.swap_remove(0)),
            }
        });
        joined.collect()
    }
}
