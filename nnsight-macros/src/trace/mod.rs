//! `trace!`: the body of a trace is Rust in which site access reads as field access.
//!
//! [`tokens`] makes `x[.., 3]` an expression that syn knows, [`parse`] takes the call apart, [`rewrite`] walks
//! the body and turns site access and indexing into calls of `::nnsight::__private`, with the help of [`scope`]
//! (what is known of each variable), [`kind`] (what is known of each expression) and [`place`] (what names a
//! site or a gradient), and collects in [`check`] and [`order`] the constants that make rustc refuse a wrong
//! index or order. [`gradient`], [`backward`] and [`returned`] refuse gradients that cannot be. [`expand`] writes
//! the result.

mod assign;
mod backward;
mod call;
mod check;
mod copies;
mod emit;
mod expand;
mod expr;
mod found;
mod function;
mod gradient;
mod index;
mod kind;
mod literals;
mod macros;
mod order;
mod parse;
mod path;
mod place;
mod question;
mod returned;
mod rewrite;
mod scope;
mod steps;
#[cfg(test)]
mod tests;
mod text;
mod tokens;
mod vocabulary;

pub use function::expand as expand_traced;
use proc_macro2::TokenStream;

/// The expansion of `edit!(input)`.
pub fn expand_edit(input: TokenStream) -> TokenStream {
    match parse::parse(input) {
        Ok(edit) => expand::edit(edit),
        Err(partial) => expand::half_typed(*partial),
    }
}

/// The expansion of `trace!(input)`.
pub fn expand(input: TokenStream) -> TokenStream {
    match parse::parse(input) {
        Ok(trace) => expand::trace(trace),
        Err(partial) => expand::half_typed(*partial),
    }
}

/// The expansion of `submit!(input)`.
pub fn expand_submit(input: TokenStream) -> TokenStream {
    match parse::parse(input) {
        Ok(submit) => expand::submit(submit),
        Err(partial) => expand::half_typed(*partial),
    }
}

/// The expansion of `plan!(input)`.
pub fn expand_plan(input: TokenStream) -> TokenStream {
    match parse::parse(input) {
        Ok(plan) => expand::plan(plan),
        Err(partial) => expand::half_typed(*partial),
    }
}
