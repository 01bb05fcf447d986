//! Traces that a crate of models drives in its own way: inputs that the body adds, several forward passes.
//!
//! [`NnSight::trace_driven`](crate::model::NnSight::trace_driven) runs one; a body adds inputs with [`add_invoke`].

pub use crate::graph::node::{Steps, Window};
use crate::write::append;
use crate::write::handles;
use crate::write::typed;

use crate::error::{Error, Result};
use crate::model::bind::{bind, check_rows};
#[cfg(feature = "cost")]
use crate::plan::cost::recording::Note;
use crate::run::hook::with_running;
use crate::shapes::axes::AxisMeta;
use crate::shapes::shape::Shape;
use crate::tensor::erased::Erased;
use crate::tree::module::{Forward, SiteTree};
use crate::tree::{InSteps, Tree};
use crate::values::value::Value;
use burn::tensor::{Device, Int};

/// Runs the forward passes of a trace: it is given the model's forward, with the hooks on. Called once for each
/// loss of the trace.
pub type Drive<'a, M> =
    Box<dyn FnMut(&mut dyn FnMut(<M as Forward>::Args) -> <M as Forward>::Result) -> Result<()> + 'a>;

/// How a trace is run whose body has been written.
pub struct Driven<'a, M: Forward> {
    /// The part of the batch that belongs to each invoke, in the order of [`add_invoke`]; none for the whole.
    pub windows: Vec<Vec<Window>>,
    /// Runs the forward passes, as far as what is saved needs them. What it makes for them, such as a cache, is its own: what
    /// outlives the trace would have to be filled by passes that run to their end.
    pub drive: Drive<'a, M>,
}

/// Runs the forward passes of a trace whose cost is wanted, on the device that it is given: their inputs have the sizes
/// that they would have, and nobody can look at a number in a tensor there. What depends on numbers runs as long as it
/// may.
pub type Rehearse<M> = Box<
    dyn Fn(&Device, &mut dyn FnMut(<M as Forward>::Args) -> <M as Forward>::Result) -> Result<()>
        + Send
        + Sync,
>;

/// How a trace is planned whose body has been written.
pub struct Planned<M: Forward> {
    /// The part of the batch that belongs to each invoke, as in [`Driven`].
    pub windows: Vec<Vec<Window>>,
    /// Runs the forward passes for [`Plan::cost`](crate::plan::Plan::cost).
    pub rehearse: Rehearse<M>,
}

/// Adds an invoke to the trace that is being written on this thread, and gives the model as it sees it.
///
/// The tensors are the model's inputs as that invoke alone would have them. One that does not fit fails the trace.
pub fn add_invoke<T: SiteTree>(tree: &Tree, tensors: &[Erased]) -> T {
    match check_rows(tree).and_then(|()| bind(tree, tensors)) {
        Ok(bound) => handles::add_invoke(bound),
        Err(error) => {
            append::fail(error);
            T::SITES
        }
    }
}

/// The model as an input sees it whose sizes are those of the whole batch.
pub fn add_input<T: SiteTree>(tree: &Tree, tensors: &[Erased]) -> T {
    let _: T = add_invoke(tree, tensors);
    handles::sites_of(0)
}

/// The model as all invokes together see it: the whole batch, as it is put together.
pub fn whole_batch<T: SiteTree>() -> T {
    handles::whole_batch()
}

/// Fails the trace that is being written on this thread.
pub fn fail(error: Error) {
    append::fail(error);
}

/// The windows of one invoke: its rows of the batch, and its positions where prompts of different lengths are
/// put together.
pub fn windows(tree: &Tree, rows: (usize, usize), positions: (usize, usize)) -> Vec<Window> {
    let window = |axis: AxisMeta, (start, size)| Window {
        axis: tree.axis_label(&axis).into_owned(),
        start,
        size,
    };
    let rows = tree.rows_axis().map(|axis| window(axis, rows));
    let position = tree.position_axis().map(|axis| window(axis, positions));
    let past = tree.aliases.iter().map(|(axis, _)| *axis);
    let past = past.filter(|axis| tree.axis_in_steps(axis) == InSteps::Past);
    let past = past.map(|axis| window(axis, positions));
    rows.into_iter().chain(position).chain(past).collect()
}

/// The tokens of the invoke that a value's reader belongs to, when the generation is over: prompt and all.
#[track_caller]
pub fn generated<S: Shape>(invoke: u16) -> Value<S, Int> {
    Value::new(typed::generated::<S>(invoke))
}

/// The number of the invoke that a handle belongs to; 0 is the whole batch.
pub fn invoke_of<T: SiteTree>(sites: T) -> u16 {
    sites.handle().invoke
}

/// Says from within [`Drive`] that the prompt of an invoke (counted from 1) has ended: no later step is its own.
pub fn end_invoke(invoke: u16) {
    with_running(|machine| {
        machine.end_invoke(invoke);
        Ok(())
    });
}

/// Says from within [`Drive`] what the tokens are when a generation is over, of each invoke or of the only prompt.
pub fn end_generation(tokens: &[Erased]) {
    with_running(|machine| machine.end_generation(tokens));
}

/// Says from within [`Rehearse`] that tensors are held until the trace is over.
pub fn hold(tensors: &[Erased]) {
    #[cfg(feature = "cost")]
    with_running(|machine| {
        let rehearsal = machine.rehearsal.as_ref();
        rehearsal.inspect(|rehearsal| rehearsal.note(Note::Held, tensors));
        Ok(())
    });
    #[cfg(not(feature = "cost"))]
    let _ = tensors;
}

/// Whether the trace that runs on this thread wants what [`end_generation`] gives, or another step; so does a
/// model that runs by itself.
pub fn wants_more() -> bool {
    let mut wants = true;
    with_running(|machine| {
        wants = machine.goals_left > 0;
        Ok(())
    });
    wants
}
