//! What can go wrong in a trace: what was wanted, what was found, where, and what would work.

mod lost;
mod model;
pub(crate) mod op;
mod written;

pub use lost::LostWhat;
pub use model::ModelError;
pub use written::WrittenAt;

use crate::device::name::{DeviceName, FoundDevice};
use crate::error::op::OpError;
use crate::shapes::dims::Dims;
use crate::shapes::kind::KindTag;
use crate::shapes::misdeclared::Misdeclared;
use lost::lost;
use nnsight_macros::DebugAsDisplay;
use std::any::Any;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

/// The result of a trace.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a trace did not run to its end.
#[derive(Clone, DebugAsDisplay, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The input is not what the model declares.
    #[error(
        "the model's input{port} is declared {declared}, found a tensor of sizes {found}{hint}",
        hint = if *.conflict { ": an axis that appears twice must have one size" } else { "" }
    )]
    Input {
        /// Which input, empty for the only one.
        port: String,
        /// The declared axes.
        declared: String,
        /// The tensor's sizes.
        found: Dims,
        /// Whether the sizes contradict those of another input.
        conflict: bool,
    },
    /// The input has not as many tensors as the model declares.
    #[error("the model declares {wanted} input tensors, found {found}")]
    InputCount {
        /// How many are declared.
        wanted: usize,
        /// How many were given.
        found: usize,
    },
    /// An operation cannot work on its inputs.
    #[error("{operation}: {source}{at}")]
    Op {
        /// The operation.
        operation: String,
        /// What does not fit.
        source: OpError,
        /// Where it was written.
        at: WrittenAt,
    },
    /// An index lies outside of its axis.
    #[error("index {index} is out of bounds for axis {dim} ({axis}) of {what}, which has size {size}{at}")]
    OutOfBounds {
        /// The site.
        what: String,
        /// The position that is not there.
        index: i64,
        /// The axis, counted from 0,
        dim: usize,
        /// and its name.
        axis: &'static str,
        /// The axis' size.
        size: usize,
        /// Where it was written.
        at: WrittenAt,
    },
    /// A position in a list of modules that is not there.
    #[error(
        "index {index} is out of bounds for {list}, which has {len} modules: -{len} to {last}{at}",
        last = *.len as i64 - 1
    )]
    NoSuchModule {
        /// The list's path.
        list: String,
        /// The position.
        index: i64,
        /// The number of modules.
        len: usize,
        /// Where it was written.
        at: WrittenAt,
    },
    /// A path through an `Option` that is `None` in this model.
    #[error("{path} is not there: this model has `None` in its place{at}")]
    Absent {
        /// The path.
        path: String,
        /// Where it was written.
        at: WrittenAt,
    },
    /// What is written into a site does not have the site's sizes.
    #[error("{site} takes {wanted}, found a value of sizes {found}{at}")]
    WrongSizes {
        /// The site, or the part of it.
        site: String,
        /// Its sizes.
        wanted: Dims,
        /// The value's sizes.
        found: Dims,
        /// Where it was written.
        at: WrittenAt,
    },
    /// A size that only the running model decides was asked for before the run.
    #[error(
        "the size of axis {axis} is not known before the model runs: the input does not have that axis{at}"
    )]
    UnknownSize {
        /// The axis.
        axis: &'static str,
        /// Where it was asked for.
        at: WrittenAt,
    },
    /// A value that exists only later in the forward pass was written into an earlier site.
    #[error(
        "the value of {needed} cannot be written into {written}, which comes earlier in the forward pass{at}"
    )]
    Order {
        /// The site that was to be written.
        written: String,
        /// The later site.
        needed: String,
        /// Where the edit was written.
        at: WrittenAt,
    },
    /// A trace that takes its inputs from `invoke`, and has none.
    #[error(
        "this trace has no input: write `let first = t.invoke(input);`, or `trace!(model, input, |m: ..| ..)`"
    )]
    NoInvokes,
    /// Inputs that cannot be put together into a batch.
    #[error(
        "invoke {invoke} cannot be batched with the first: its {axis} has size {found}, the first's has {wanted}"
    )]
    InvokeSizes {
        /// The invoke, counted from 1.
        invoke: usize,
        /// The axis that all have in common.
        axis: String,
        /// Its size in the first invoke.
        wanted: usize,
        /// Its size in this one.
        found: usize,
    },
    /// Inputs that differ in more than their tensors.
    #[error(
        "invoke {invoke} cannot be batched with the first: they differ in what is no tensor, or in which optional \
         inputs are given, and one forward pass takes it once; trace them one by one"
    )]
    InvokeRest {
        /// The invoke, counted from 1.
        invoke: usize,
    },
    /// Inputs with tensors of which it is not known how they are put together.
    #[error(
        "the model is given {found} tensors and declares {declared}: several invokes cannot be batched, since it is \
         not known which axis of the others has the rows; declare them all in `#[inspect((..) -> ..)]`, or trace one by \
         one"
    )]
    InvokeUndeclared {
        /// How many the model declares.
        declared: usize,
        /// How many an invoke has.
        found: usize,
    },
    /// An input that holds more than tensors, and can be given to one forward pass only.
    #[error(
        "the input `{input}` cannot be given to the forward passes of {losses} losses: what it holds beside tensors \
         cannot be copied; sum the losses, trace them one by one, or give its type `Carrier::copy_rest`"
    )]
    InputNotCopied {
        /// The type of the input.
        input: &'static str,
        /// How many losses there are.
        losses: usize,
    },
    /// A model of which it is not known along which axis its inputs are put together.
    #[error(
        "inputs of {model} cannot be batched: none of the axes of {inputs} is known to be that of its rows. Call it \
         `Batch`, or declare it at the struct: `#[inspect(.. -> .., rows = ..)]`"
    )]
    NoRows {
        /// The model's type.
        model: &'static str,
        /// The axes of its inputs.
        inputs: String,
    },
    /// Axes of the same names that are other types.
    #[error(
        "`{operation}` of {found} cannot give {wanted}{at}: axes of the same names in two modules are two axes"
    )]
    OtherAxes {
        /// The operation.
        operation: &'static str,
        /// The axes of the value.
        found: String,
        /// The axes asked for.
        wanted: String,
        /// Where it was written.
        at: WrittenAt,
    },
    /// A site whose tensor all invokes share.
    #[error("{site} has no axis of rows: all invokes share it, so one of them cannot write it{at}")]
    SharedSite {
        /// The site.
        site: String,
        /// Where it was written.
        at: WrittenAt,
    },
    /// A gradient in a trace without a loss.
    #[error(
        "{gradient} is asked for, but nothing in this trace calls `backward()`{at}: write `loss.backward();`"
    )]
    NoBackward {
        /// The gradient.
        gradient: String,
        /// Where it was asked for.
        at: WrittenAt,
    },
    /// A gradient in a trace with several losses, of none of them by name.
    #[error(
        "{gradient} could be that of any of the {losses} losses of this trace{at}: name one, as in \
         `let b = loss.backward(); b.grad(..)`"
    )]
    SeveralLosses {
        /// The gradient.
        gradient: String,
        /// How many times the trace calls `backward()`.
        losses: usize,
        /// Where it was asked for.
        at: WrittenAt,
    },
    /// A loss that needs a gradient, or the gradient of one.
    #[error("second-order gradients are not supported, and this needs the derivative of {gradient}{at}")]
    SecondOrder {
        /// The gradient that would have to be differentiated.
        gradient: String,
        /// Where its derivative was asked for.
        at: WrittenAt,
    },
    /// A gradient was written into a site of the forward pass.
    #[error(
        "the gradient {gradient} cannot be written into {written}: gradients exist only when the forward \
         pass is over{at}"
    )]
    GradientInForward {
        /// The gradient.
        gradient: String,
        /// The site.
        written: String,
        /// Where the edit was written.
        at: WrittenAt,
    },
    /// An edit of a gradient needs one that comes later in the backward pass, or in a later one.
    #[error(
        "{needed} cannot be written into {written}, which comes earlier in the backward pass{at}: gradients \
         flow from the loss to the input"
    )]
    GradientOrder {
        /// The gradient that was to be written.
        written: String,
        /// What it needs.
        needed: String,
        /// Where the edit was written.
        at: WrittenAt,
    },
    /// The loss does not depend on what its gradient was asked of.
    #[error("there is no {gradient}: the loss does not depend on it in this run{at}")]
    NoGradient {
        /// The gradient.
        gradient: String,
        /// Where it was asked for.
        at: WrittenAt,
    },
    /// A parameter that the model does not have, or that is not of floats and so has no gradient either.
    #[error("there is no parameter {name} of floats in this model{at}")]
    NoParameter {
        /// The name asked for.
        name: String,
        /// Where it was asked for.
        at: WrittenAt,
    },
    /// A closure that each of several passes would have to run.
    #[error(
        "a closure runs once, and this one is needed by the forward passes of {losses} losses{at}: sum the \
         losses, or trace them one by one"
    )]
    ClosureTwice {
        /// How many passes need it.
        losses: usize,
        /// Where it was written.
        at: WrittenAt,
    },
    /// Several losses of a forward pass that has effects, as in training.
    #[error(
        "the forward pass has effects beyond its tensors (it draws random numbers or learns statistics in training, fills a \
         cache, writes through a reference), so it cannot be run once for each of {losses} losses: sum the losses, or trace \
         `model.valid()` if the model is in training"
    )]
    LossesWithEffects {
        /// How many losses there are.
        losses: usize,
    },
    /// A site that the model did not reach.
    #[error(
        "{site} was not reached: its module was called {calls} times in this run{hint}{at}",
        hint = if *.calls == 0 {
            "; `forward` must call it as `self.field.forward(..)` inside an `#[inspectable]` impl"
        } else {
            ", and calls are counted from 0"
        }
    )]
    NotReached {
        /// The site with its call index.
        site: String,
        /// How often its module was called.
        calls: u32,
        /// Where it was asked for.
        at: WrittenAt,
    },
    /// A step that a generation did not come to.
    #[error(
        "{site} was not reached: the generation of its prompt ended before that step{at}; `try_save` gives \
         `None` for such a value"
    )]
    StepNotReached {
        /// The site with its step and invoke.
        site: String,
        /// Where it was asked for.
        at: WrittenAt,
    },
    /// A site that a cache does not have.
    #[error(
        "{site} is not in this cache: it holds what lies below the module that was cached and was reached{at}"
    )]
    NotCached {
        /// The site.
        site: String,
        /// Where it was asked for.
        at: WrittenAt,
    },
    /// A graph that was written for another model.
    #[error("this graph was written for another model: {difference}")]
    OtherModel {
        /// The first thing that differs: what the graph has, and what this model has.
        difference: String,
    },
    /// Numbers that are no tensor.
    #[error(
        "data of type {dtype} and sizes {sizes:?} cannot have {bytes} bytes; a tensor has one to six axes"
    )]
    BrokenData {
        /// The sizes.
        sizes: Vec<usize>,
        /// The type of the elements.
        dtype: String,
        /// How many bytes there are.
        bytes: usize,
    },
    /// Numbers that tensors cannot hold.
    #[error("data of type {dtype} hold {found}, and tensors hold {wanted}")]
    DataMisfit {
        /// The type of the elements.
        dtype: String,
        /// The first such number.
        found: String,
        /// What they can hold.
        wanted: &'static str,
    },
    /// A graph that no trace can have written.
    #[error("node {node} of the graph is broken: {reason}")]
    BrokenGraph {
        /// Its number.
        node: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A trace that came from elsewhere has other inputs than its graph, or its model, wants.
    #[error("the task has {found}, wanted {wanted}")]
    TaskInput {
        /// What is there.
        found: String,
        /// What would work.
        wanted: String,
    },
    /// A node of a graph that was read asks for what cannot work.
    #[error("node {node} of the graph ({kind}): {source}")]
    GraphNode {
        /// Its number.
        node: usize,
        /// What it does.
        kind: String,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// Text that is no graph.
    #[error("this is no graph that can be read: {reason}")]
    NotAGraph {
        /// What the reader said, and where it stopped.
        reason: String,
    },
    /// A graph that asks for more than its [`Limits`](crate::graph::limits::Limits).
    #[error(
        "a graph with {found} {what}, and at most {most} may be there: raise `Limits::{limit}` to let it in"
    )]
    TooLarge {
        /// Of what there is too much.
        what: &'static str,
        /// How much of it.
        found: usize,
        /// How much is let in.
        most: usize,
        /// The field of the limits that says so.
        limit: &'static str,
    },
    /// A value of another kind than what it is for.
    #[error("{place} wants a tensor of kind {wanted:?}, found {found:?}{at}")]
    WrongKind {
        /// What it is for.
        place: String,
        /// The kind that is wanted.
        wanted: KindTag,
        /// The kind of the value.
        found: KindTag,
        /// Where it was written.
        at: WrittenAt,
    },
    /// A module that is called on another number of values than it takes.
    #[error("{module} takes {wanted} values, found {found}{at}")]
    CallCount {
        /// The module.
        module: String,
        /// How many it takes.
        wanted: usize,
        /// How many it was given.
        found: usize,
        /// Where it was called.
        at: WrittenAt,
    },
    /// A name that something else in the model has, or that no path can have.
    #[error(
        "no module can be attached as {name:?}: wanted a name without dots that no field of the model and no other \
         attached module has"
    )]
    NameTaken {
        /// The name.
        name: String,
    },
    /// A handle of a module that was attached to another model.
    #[error(
        "this module is not attached to the traced model{at}: trace the model that `attach` returned with its handle"
    )]
    NotAttached {
        /// Where its sites were asked for.
        at: WrittenAt,
    },
    /// A site of an attached module in a trace that does not run it.
    #[error("{site} is not there: this trace does not make that call, `m.attached(..).call(value)`{at}")]
    NotCalled {
        /// The site with its call and invoke.
        site: String,
        /// Where it was named.
        at: WrittenAt,
    },
    /// A site of an attached module that runs on gradients.
    #[error(
        "{site} cannot be read or written: its module is called on a gradient, after the forward pass{at}; what \
         `call` returns can be used"
    )]
    AttachedInBackward {
        /// The site.
        site: String,
        /// Where it was named.
        at: WrittenAt,
    },
    /// A module's tensor does not have the declared shape.
    #[error(
        "{site} is declared {declared}, found a tensor of kind {kind:?} and sizes {found}; mend its `#[inspect(..)]`"
    )]
    Declared {
        /// The site.
        site: String,
        /// The declared axes with their sizes.
        declared: String,
        /// The real kind.
        kind: KindTag,
        /// The real sizes.
        found: Dims,
    },
    /// Declarations that do not hold in a run: all that [`check`](crate::NnSight::check) has found.
    #[error("{} of the model's declarations do not hold:{}", .wrong.len(), each(.wrong))]
    Misdeclared {
        /// Which, and what to write.
        wrong: Vec<Misdeclared>,
    },
    /// A list of modules whose length is not the declared one.
    #[error("{list} is declared to have {declared} modules (`#[inspect(len = ..)]`), found {found}")]
    DeclaredLen {
        /// The list's path.
        list: String,
        /// The declared length.
        declared: usize,
        /// The real length.
        found: usize,
    },
    /// A trace of a strict model asks for something that nothing saved can see.
    #[error("the {}", lost(*.what, .name, .at))]
    Lost {
        /// What it is.
        what: LostWhat,
        /// The site or the value that it is about.
        name: String,
        /// Where it was written.
        at: WrittenAt,
    },
    /// A value of another trace, or one that outlived its trace.
    #[error(
        "a value belongs to the trace that made it and cannot be used in another one{at}: save it, and pass the tensor"
    )]
    ForeignValue {
        /// Where it was used.
        at: WrittenAt,
    },
    /// A site or a module of another trace.
    #[error(
        "{site} belongs to {of} and cannot be used in this trace of {used_in}{at}: sites are good for the trace that \
         hands them out; save the value there and pass its tensor"
    )]
    ForeignSite {
        /// The site, as its own model names it.
        site: String,
        /// The trace that it belongs to.
        of: String,
        /// The model of the trace in which it was used.
        used_in: String,
        /// Where it was used.
        at: WrittenAt,
    },
    /// A tensor of another rank or kind than wanted.
    #[error("wanted a tensor of rank {} and kind {:?}, found rank {} and kind {:?}", wanted.0, wanted.1, found.0, found.1)]
    RankOrKind {
        /// Rank and kind wanted.
        wanted: (usize, KindTag),
        /// Rank and kind found.
        found: (usize, KindTag),
    },
    /// A site's tensor did not pass: an optional input that was not given, an empty list.
    #[error(
        "{site} has no tensor in this run: only {found} passed there{at}; read it only where it is given"
    )]
    NoTensor {
        /// The site.
        site: String,
        /// How many tensors passed at that end of the module.
        found: usize,
        /// Where it was asked for.
        at: WrittenAt,
    },
    /// A module got fewer tensors than it takes.
    #[error("a module takes more tensors than it was given")]
    TooFewTensors,
    /// A module whose forward takes more than tensors cannot be called on values.
    #[error("a module whose forward takes `{wanted}` cannot be called on values alone")]
    NotOfTensors {
        /// The type that is no tensor.
        wanted: &'static str,
    },
    /// A node of the tree without a forward of its own.
    #[error(
        "a list, a tuple, an absent module or one that declares no input and output cannot be called on values"
    )]
    NotCallable,
    /// A panic in a closure of the trace did not reach its caller.
    #[error("a closure of the trace panicked and the model caught the panic: what the trace held is gone")]
    PanicCaught,
    /// The hooks are compiled out.
    #[error(
        "this program was built without the feature `hooks`, so its models cannot be traced: enable it in Cargo.toml"
    )]
    NoHooks,
    /// A trace with a closure was to run in another process.
    #[error(
        "a closure cannot travel to another process{at}: write it with the operations that values have, or save what it \
         needs and compute on the tensors that come back"
    )]
    NotPortable {
        /// Where the closure was written.
        at: WrittenAt,
    },
    /// A trace was to be handed over, of a model that runs in this process.
    #[error(
        "this model runs in this process, so there is nobody to hand a trace over to: use `.on(&server)` first"
    )]
    NoExecutor,
    /// Another process that was asked to run a trace did not.
    #[error("{0}")]
    Elsewhere(Arc<dyn std::error::Error + Send + Sync + RefUnwindSafe + UnwindSafe>),
    /// What a plan costs cannot be found out without running it.
    #[error("what the plan costs is not known before it runs: {why}")]
    CostUnknown {
        /// Why not.
        why: String,
    },
    /// A name that is not that of a device.
    #[error(
        "`{found}` names no device: wanted `cpu`, `wgpu` or `cuda`, the last two also with a number, as in `wgpu:1`, or \
         `remote:ID@IP:PORT` as `nnsight host` prints it"
    )]
    DeviceName {
        /// The name.
        found: String,
    },
    /// A device that this program was built without.
    #[error(
        "this program was built without the feature `{feature}`, so it cannot run on `{wanted}`: build it with \
         `--features {feature}`, or in Cargo.toml `nnsight = {{ features = [\"{feature}\"] }}`",
        feature = .wanted.backend()
    )]
    DeviceNotBuilt {
        /// The device.
        wanted: DeviceName,
    },
    /// A device that is not there.
    #[error(
        "there is no `{wanted}` on this machine, found {}. {hint}",
        found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    )]
    NoDevice {
        /// The device.
        wanted: DeviceName,
        /// Those that are there.
        found: Vec<FoundDevice>,
        /// What to install.
        hint: &'static str,
    },
    /// A device that is there and does not start.
    #[error("`{wanted}` does not start: {reason}")]
    DeviceFailed {
        /// The device.
        wanted: DeviceName,
        /// What its driver said.
        reason: String,
    },
    /// A device of another process that cannot be reached.
    #[error(
        "`{wanted}` cannot be reached: {reason}. It is served there by `nnsight host`, whose output has its name; a \
         token that it wants goes into the variable NNSIGHT_TOKEN"
    )]
    Unreachable {
        /// The device.
        wanted: DeviceName,
        /// What failed.
        reason: String,
    },
    /// A device map that does not fit the model.
    #[error("the device map does not fit the model: {reason}")]
    DeviceMap {
        /// What is wrong with it.
        reason: String,
    },
    /// A module panicked on what a graph from elsewhere gives it.
    #[error(
        "the model panicked on what the graph gives it: {message}. A tensor that is written into the model, or that a \
         module is called on, is of no size or holds no position that the module takes"
    )]
    ModelPanicked {
        /// What the panic said.
        message: String,
    },
    /// The forward of a model on several devices panicked.
    #[error(
        "the model panicked in its forward pass, spread over several devices: {message}. What a forward computes from \
         the outputs of several modules needs them on one device: place those together"
    )]
    SpreadForward {
        /// What the panic said.
        message: String,
    },
    /// A device that does not answer any more.
    #[error(
        "the device {device} does not answer any more: {reason}. What was on it is lost; put the model on a device \
         that is there, with `with_device` or `with_device_map`"
    )]
    DeviceLost {
        /// The device.
        device: String,
        /// What was heard of it last.
        reason: String,
    },
    /// What a crate that makes models found: a file that is not there, a prompt without a token.
    #[error(transparent)]
    Model(ModelError),
    /// A tensor could not be read from its device.
    #[error("could not read a tensor from its device: {reason}")]
    Device {
        /// What the device said.
        reason: String,
    },
}

impl Error {
    /// A panic of a model that runs what a graph from elsewhere gives it.
    pub(crate) fn of_model(message: String) -> Self {
        Error::ModelPanicked { message }
    }

    /// A panic of a model that is on several devices.
    pub(crate) fn of_spread(message: String) -> Self {
        Error::SpreadForward { message }
    }
}

/// Each on a line of its own.
fn each(wrong: &[Misdeclared]) -> String {
    wrong.iter().map(|wrong| format!("\n  {wrong}")).collect()
}

/// What a panic said.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("without a message").to_owned()
}
