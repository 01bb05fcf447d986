//! The macros of `nnsight`: `axes!`, `derive(Inspectable)`, `derive(Carrier)`, `#[inspectable]` and `trace!`.
//!
//! Use them through the crate `nnsight`, whose documentation shows them at work. What they write names
//! `::nnsight::..`; a crate that depends on `nnsight-core` alone says `extern crate nnsight_core as nnsight;`.

mod axes;
mod carrier;
mod ctxt;
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
#[proc_macro]
pub fn axes(input: TokenStream) -> TokenStream {
    axes::expand(input.into()).into()
}

/// Makes a Burn module inspectable: every child, and what goes in and out, becomes a site.
#[proc_macro_derive(Inspectable, attributes(inspect))]
pub fn derive_inspectable(input: TokenStream) -> TokenStream {
    derive::expand(input.into()).into()
}

/// Makes a struct of tensors something that a module can take or give, each tensor a site of its own.
#[proc_macro_derive(Carrier, attributes(inspect))]
pub fn derive_carrier(input: TokenStream) -> TokenStream {
    carrier::expand(input.into()).into()
}

/// Lets a trace see the modules that a `forward` calls. Stands on the impl block that holds `forward`.
#[proc_macro_attribute]
pub fn inspectable(args: TokenStream, item: TokenStream) -> TokenStream {
    inspectable::expand(args.into(), item.into()).into()
}

/// Runs a model with interventions: `trace!(model, input, |m: Model| { .. })`.
#[proc_macro]
pub fn trace(input: TokenStream) -> TokenStream {
    trace::expand(input.into()).into()
}
