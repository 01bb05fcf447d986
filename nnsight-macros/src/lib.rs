//! The macros of `nnsight`: `axes!`, `derive(Inspectable)`, `derive(Carrier)`, `#[inspectable]`, `trace!`
//! and its kin.
//!
//! Use them through the crate `nnsight`, whose documentation shows them at work. What they write names
//! `::nnsight::..`; a crate that depends on `nnsight-core` alone says `extern crate nnsight_core as nnsight;`.

mod axes;
mod carrier;
mod collect;
mod ctxt;
mod debug;
mod derive;
mod generics;
mod inspectable;
mod named;
mod plain;
mod signature;
#[cfg(test)]
mod snapshots;
mod trace;

use proc_macro::TokenStream;

/// Declares axes: dimensions with a name, as types.
///
/// ```text
/// axes! {
///     Batch;                              // its size comes with the input
///     Features = 5;
///     /// Docs pass through; the axis is `pub` unless it says otherwise.
///     pub(crate) Hidden<C: Config> = C::HIDDEN;
///     Vocab<C: Config = Small> = C::VOCAB; // `Vocab` alone is the default, as a type and as a value
/// }
/// ```
#[proc_macro]
pub fn axes(input: TokenStream) -> TokenStream {
    axes::expand(input.into()).into()
}

/// Makes a Burn module inspectable: every child, and what goes in and out, becomes a site.
///
/// | attribute | where | what it says |
/// |---|---|---|
/// | `#[inspect(IN -> OUT)]` | struct | what `forward` takes and gives; a container without a forward has none |
/// | `#[inspect(.., Key = Seq)]` | struct | the run-time axis `Key` has the size of `Seq` |
/// | `#[inspect(IN -> OUT)]` | field | the shapes of one of Burn's own modules, or of each item of a list of them |
/// | `#[inspect(len = 12)]` | field | the length of a list, so that `h[12]` does not compile |
/// | `#[inspect(rename = "proj")]` | field | what a trace calls it |
/// | `#[inspect(skip)]` | field | it has no sites |
///
/// `(Batch, Hidden)` is a float tensor, `(Batch, Seq): Int` one of another kind, `(Batch,)` has one axis;
/// `((Batch, A), (Batch, B))` is several tensors, `(query: (Batch, A), key: (Batch, B))` several inputs with
/// names; a type is a struct that derives `Carrier`. Fields that hold numbers, parameters or tensors and no
/// modules need no attribute.
#[proc_macro_derive(Inspectable, attributes(inspect))]
pub fn derive_inspectable(input: TokenStream) -> TokenStream {
    derive::expand(input.into()).into()
}

/// Makes a struct of tensors something that a module can take or give, each tensor a site of its own.
///
/// `#[inspect((Batch, Seq, Hidden))]` at a field declares its shape. With all shapes declared the struct can stand
/// in the `#[inspect(IN -> OUT)]` of a module. `#[inspect(skip)]` passes a field on as it is.
#[proc_macro_derive(Carrier, attributes(inspect))]
pub fn derive_carrier(input: TokenStream) -> TokenStream {
    carrier::expand(input.into()).into()
}

/// Lets a trace return a struct of saved values: `struct Kept { a: Saved<..> }` comes back as
/// `KeptTensors { a: Tensor<..> }`, and an enum as an enum. Fields may be anything that a trace returns.
#[proc_macro_derive(Collect)]
pub fn derive_collect(input: TokenStream) -> TokenStream {
    collect::expand(input.into()).into()
}

/// `Debug` of an enum of errors: `{:?}`, which an `unwrap` and a `main` that returns `Err` print, is its `Display`
/// text; `{:#?}` shows the fields.
#[proc_macro_derive(DebugAsDisplay)]
pub fn derive_debug_as_display(input: TokenStream) -> TokenStream {
    debug::expand(input.into()).into()
}

/// Lets a trace see the modules that a `forward` calls. Stands on the impl block that holds `forward`.
///
/// Each `EXPR.forward(..)` in the block's methods becomes a hook. Not hooked: a call written as
/// `Linear::forward(&self.layer1, x)`, a call on a constant, and what stands inside other macros.
/// `#[inspect(skip)]` on `forward` leaves the module itself without sites of its own: for a forward with
/// type parameters, or one that takes more than tensors can say.
#[proc_macro_attribute]
pub fn inspectable(args: TokenStream, item: TokenStream) -> TokenStream {
    inspectable::expand(args.into(), item.into()).into()
}

/// Runs a model with interventions: `trace!(model, input, |m: Model| { .. })`. It is in scope with
/// `use nnsight::prelude::*`.
///
/// The body is Rust. Only these are rewritten, and each can be written without the macro
/// (`model.trace(input, |m| { .. })`):
///
/// | in the body | without the macro | means |
/// |---|---|---|
/// | `m.layer1.output` | `m.layer1.output.get()` | the value there, as all earlier lines left it |
/// | `m.layer1.output = v` | `m.layer1.output.set(v)` | replaces it for everything downstream |
/// | `m.layer1.output[.., 0] = v` | `m.layer1.output.set_at((.., 0), v)` | replaces a part |
/// | `m.layer1.output *= 2.0` | `m.layer1.output.update(\|h\| h * 2.0)` | changes it |
/// | `&m.layer1.output` | the same | the site itself, for a helper function |
/// | `m.h[-1]` | `m.h.at(-1)` | a module of a list |
/// | `x[.., 3]`, `x[.., 0..4]` | `x.at((.., 3))` | a part of a value |
/// | `x[.., 0] = v` | `x.set_at((.., 0), v)` | a value held by a variable, changed |
/// | `m.layer1.output.grad` | `m.layer1.output.grad()` | a gradient, read and written like a site |
///
/// Sites, values and parameters (`m.layer1.weight.grad`) have a `.grad`, which comes with `loss.backward();`
/// anywhere in the body. An edit, `m.layer1.output.grad *= 2.0`, changes what flows further back. With several
/// losses name the one: `let b1 = loss1.backward();` and then `b1.grad(m.layer1.output)`.
///
/// Everything else is Rust, and means what it means there:
///
/// * Values come out of functions, `if`, `match`, structs, vectors and closures, and are indexed like any other: types say
///   whether `x[0]` or `x.output` is ours. A `HashMap`, a `Vec` or a field `input` of your own stays what it is.
/// * `m.h[2..6]`, `m.h[..2]`, `m.h.first()`, `for block in m.h`: some or all modules of a list.
/// * `m.layer1.output > 0.0` gives truth values, one for each element, to be used as `mask_fill(mask, 0.0)` or
///   `cast::<Float>()`. No `if` can be decided by them, since numbers exist only when the model runs; `map` runs any code
///   on the real tensor.
/// * Macros, std's and your own: `assert_eq!(m.layer1.output[.., 0].shape()[0], 2)`.
/// * Functions inside of the body are written as the body is; a function outside has `#[traced]`.
/// * `?` leaves the function around the trace, as it does in a block, and the model is not run. A body that ends with an
///   `Ok(..)` of its own is a function of its own instead: the trace gives its `Result`, `trace!(..)??`.
///
/// What the body returns is what the caller gets: saved values as real tensors, in the same tuples, vectors,
/// arrays, maps and options; numbers, text and enums pass through. `trace!(target, |m: Model| { .. })` runs a target that
/// has its input already.
///
/// A parameter is a value too, over the axes of its module: `m.layer1.input.matmul(m.layer1.weight.value())`.
///
/// # What holds of every trace
///
/// * **Skipping changes nothing.** A trace gives what one gets by running every module and replacing results, as hooks do.
///   A module whose output is replaced is left out only if it does nothing beyond its tensors: one that fills a cache,
///   writes through a reference or draws random numbers runs all the same. So it is with what comes after the last saved value.
/// * **Order is that of the text at one site, and that of the model between sites.** A value saved further down sees an
///   edit that is written below it. Which site comes first is known where the text of `forward` shows it; where it does
///   not, the run decides, and a value that is not there yet is an error.
/// * **What goes in is what was given.** Inputs that are not declared, optional ones and flags reach the model in every
///   invoke and for every loss, in their places.
/// * **Sites and values belong to their trace.** One that is used in another, or after its own, is an error that names both.
/// * **Axes are types.** Two axes of one name in two modules are two axes. Invokes are put together along the axis of rows
///   that is declared, or called `Batch`, and along no other.
/// * **Nothing asked for is lost in silence.** An edit or a closure that nothing saved can see is in the report of the run and
///   once in the program's log, and an error of a model that is `strict`.
/// * **What cannot work is refused before the model runs**: sizes, indices, kinds, numbers that do not fit. Only what the run
///   alone decides, a position or a divisor that is computed, is an error of the run.
///
/// Literal paths, indices and the order of the forward pass are checked by the compiler, at the token that
/// is wrong, in `cargo check`; for a model type with generic arguments (`Gpt2<C>`) in `cargo build`.
///
/// # Errors
/// The expression is a `Result`: what only the input decides is refused before the forward pass starts.
#[proc_macro]
pub fn trace(input: TokenStream) -> TokenStream {
    trace::expand(input.into()).into()
}

/// What a trace would do, without running it: `plan!(model, input, |m: Model| { .. })` is the plan of
/// `trace!(model, input, |m: Model| { .. })`, with its costs and its graph. Of a language model no weights are loaded.
///
/// The body is that of [`trace!`], but that a `?` in it stays in it.
///
/// # Errors
/// The expression is a `Result`: what a trace refuses before the forward pass starts, the plan refuses.
#[proc_macro]
pub fn plan(input: TokenStream) -> TokenStream {
    trace::expand_plan(input.into()).into()
}

/// Hands a trace over to a server, without waiting for it: `submit!(model, input, |m: Model| { .. })` is a job, whose `wait`
/// gives what `trace!(model, input, |m: Model| { .. })` gives.
///
/// The body is that of [`trace!`], but that a `?` in it stays in it.
///
/// # Errors
/// The expression is a `Result`: what a trace refuses before the forward pass starts, and a server that does not take it.
#[proc_macro]
pub fn submit(input: TokenStream) -> TokenStream {
    trace::expand_submit(input.into()).into()
}

/// An intervention that lasts: `edit!(model, move |m: Model| m.layer1.output *= 2.0)` gives the model with the edit
/// at the beginning of every later trace, and leaves `model` as it is.
///
/// The body is that of [`trace!`]; it gives nothing back, and is written anew into each trace, so that it can be
/// called often: what it uses it keeps (`move`) and borrows.
#[proc_macro]
pub fn edit(input: TokenStream) -> TokenStream {
    trace::expand_edit(input.into()).into()
}

/// Lets a function's body name sites as that of [`trace!`] does: for code that moved out of a trace.
///
/// ```text
/// #[traced]
/// fn ablate(block: Sites<Block>) {
///     block.mlp.output = 0.0;
/// }
/// ```
///
/// What is known of the parameters is what their types say: `Sites<Model>`, `Value<(Batch, Hidden)>`, `&Site<..>`. rustc
/// reads the function before the attribute does, so an index of several axes has parentheses: `output[(.., 0)]`. A
/// function inside of a trace's body needs neither.
#[proc_macro_attribute]
pub fn traced(_: TokenStream, item: TokenStream) -> TokenStream {
    trace::expand_traced(item.into()).into()
}
