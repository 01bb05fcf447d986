//! What people who come from Burn or PyTorch write first, and what it is called here. One way to do a thing: these
//! methods cannot be called, they exist so that rustc says what to write instead of a name that happens to look alike
//! (`not_equal` for `lower_equal`). `docs/operations.md` has the whole list.

use crate::tree::module::SiteTree;
use crate::values::list::List;
use crate::values::value::{Saved, Value};
use std::ops::Index;

macro_rules! guesses {
    ($($name:ident($($argument:ident)?) $wanted:ident $message:literal $label:literal;)+) => {
        $(
            #[diagnostic::on_unimplemented(message = $message, label = $label)]
            #[doc(hidden)]
            #[allow(missing_docs)]
            pub trait $wanted {}
        )+

        #[doc(hidden)]
        #[allow(missing_docs)]
        impl<S, K> Value<S, K> {$(
            pub fn $name$(<$argument>)?(self $(, _: $argument)?) -> Self
            where
                Self: $wanted,
            {
                self
            }
        )+}
    };
}
guesses! {
    greater(T) Greater "Burn's `greater` is `gt` here" "write `.gt(other)`";
    greater_equal(T) GreaterEqual "Burn's `greater_equal` is `ge` here" "write `.ge(other)`";
    greater_elem(T) GreaterElem "Burn's `greater_elem` is `gt` here, of numbers too" "write `.gt(number)`";
    greater_equal_elem(T) GreaterEqualElem "Burn's `greater_equal_elem` is `ge` here, of numbers too" "write `.ge(number)`";
    lower(T) Lower "Burn's `lower` is `lt` here" "write `.lt(other)`";
    lower_equal(T) LowerEqual "Burn's `lower_equal` is `le` here" "write `.le(other)`";
    lower_elem(T) LowerElem "Burn's `lower_elem` is `lt` here, of numbers too" "write `.lt(number)`";
    lower_equal_elem(T) LowerEqualElem "Burn's `lower_equal_elem` is `le` here, of numbers too" "write `.le(number)`";
    equal_elem(T) EqualElem "Burn's `equal_elem` is `equal` here, of numbers too" "write `.equal(number)`";
    float() ToFloat "`float` is `cast` here" "write `.cast::<Float>()`";
    int() ToInt "`int` is `cast` here" "write `.cast::<Int>()`";
    bool() ToBool "`bool` is `cast` here" "write `.cast::<Bool>()`";
    sum_dim(T) SumDim "axes have names here, so `sum_dim` is `sum_over`" "write `.sum_over(Hidden)`, with the axis' own name";
    mean_dim(T) MeanDim "axes have names here, so `mean_dim` is `mean_over`" "write `.mean_over(Hidden)`, with the axis' own name";
    max_dim(T) MaxDim "axes have names here, so `max_dim` is `max_over`" "write `.max_over(Hidden)`, with the axis' own name";
    min_dim(T) MinDim "axes have names here, so `min_dim` is `min_over`" "write `.min_over(Hidden)`, with the axis' own name";
    swap_dims(T) SwapDims "axes have names here, so `swap_dims` is `transpose` or `permute`" "write `.permute::<(Batch, Hidden)>()`, with the axes in the new order";
    unsqueeze() Unsqueeze "axes have names here, so `unsqueeze` is `expand` or `reshape`" "write `.expand::<(Batch, Hidden)>()`, with all axes of the result";
    squeeze() Squeeze "axes have names here, so `squeeze` is indexing or `reshape`" "write `.index(Axis, 0)`, or `.reshape::<(Batch, Hidden)>()`";
    view(T) View "`view` is `reshape` here" "write `.reshape::<(Batch, Hidden)>()`, with the axes of the result";
    masked_fill(T) MaskedFill "`masked_fill` is `mask_fill` here" "write `.mask_fill(mask, number)`";
    ln() Ln "`ln` is `log` here, as in PyTorch and Burn" "write `.log()`";
    pow(T) Pow "`pow` is `powf` or `powi` here" "write `.powi(2)` or `.powf(0.5)`";
    powf_scalar(T) PowfScalar "Burn's `powf_scalar` is `powf` here" "write `.powf(0.5)`";
    powi_scalar(T) PowiScalar "Burn's `powi_scalar` is `powi` here" "write `.powi(2)`";
    dims() DimsHere "`dims` is `shape` here" "write `.shape()`, which answers before anything runs";
    size() SizeHere "`size` is `shape` here" "write `.shape()`, which answers before anything runs";
    item() Item "a value exists only when the model runs" "return `value.save()` from the trace, and read the tensor then";
    to_data() ToData "a value exists only when the model runs" "return `value.save()` from the trace, or look at it with `.inspect(|t| ..)`";
    into_data() IntoData "a value exists only when the model runs" "return `value.save()` from the trace, or look at it with `.inspect(|t| ..)`";
    into_scalar() IntoScalar "a value exists only when the model runs" "return `value.save()` from the trace, or look at it with `.inspect(|t| ..)`";
}

/// What nothing is: a value whose numbers are known while the trace is written. (There is no `PartialOrd` that says
/// the same of `>`: its `gt` would hide the one of values behind a reference.)
#[diagnostic::on_unimplemented(
    message = "a value exists only when the model runs, so it cannot be compared while the trace is written",
    label = "no `if` can be decided by this",
    note = "element by element: `let mask = h.equal(3.0)` and `h.mask_fill(mask, 0.0)`; any code on the real tensor: `h.map(|t| ..)`"
)]
#[doc(hidden)]
pub trait KnownWhileWriting {}

impl<S, K, R: KnownWhileWriting> PartialEq<R> for Value<S, K> {
    fn eq(&self, _: &R) -> bool {
        false
    }
}

/// What an `if` can be decided by while the trace is written.
#[diagnostic::on_unimplemented(
    message = "a value exists only when the model runs, so no `if` can be decided by it",
    label = "no `bool` while the trace is written",
    note = "as a factor: `let on = (h.max() > 3.0).cast::<Float>();` and `m.layer1.output *= on;`",
    note = "element by element: `h.mask_fill(h.gt(3.0), 0.0)`",
    note = "any code on the real tensor: `h.map(|t| ..)`"
)]
#[doc(hidden)]
pub trait Decides {
    /// It itself.
    fn decides(self) -> bool;
}
impl Decides for bool {
    fn decides(self) -> bool {
        self
    }
}

/// The condition of an `if`.
#[doc(hidden)]
pub fn decides<T: Decides>(condition: T) -> bool {
    condition.decides()
}

/// What no saved value is: a tensor, before its trace is over.
#[diagnostic::on_unimplemented(
    message = "a saved value is a tensor only when its trace is over",
    label = "not while the trace is written",
    note = "compute first and save the result, `value.sum().save()`; or return the saved value, and compute with the tensor \
            that the trace gives for it"
)]
#[doc(hidden)]
pub trait TraceIsOver {}

macro_rules! of_tensors {
    ($($name:ident)+) => {
        #[doc(hidden)]
        #[allow(missing_docs)]
        impl<S, K> Saved<S, K> {$(
            pub fn $name(self) -> Self
            where
                Self: TraceIsOver,
            {
                self
            }
        )+}
    };
}
of_tensors! {
    dims shape sum mean max min abs exp log sqrt to_data into_data into_scalar float int bool transpose
}

/// What no position is outside of `trace!`.
#[diagnostic::on_unimplemented(
    message = "a list of modules is indexed as `h[{Self}]` inside `trace!` only",
    label = "write `.at(..)` here",
    note = "`m.h.at(2)` is `m.h[2]`, and `m.h.at(-1)` the last one"
)]
#[doc(hidden)]
#[allow(missing_docs)]
pub trait InsideTrace: Sized {
    fn never<'a, T>(self) -> &'a T;
}

impl<T: SiteTree, const N: usize, I: InsideTrace> Index<I> for List<T, N> {
    type Output = T;
    fn index(&self, index: I) -> &T {
        index.never()
    }
}
