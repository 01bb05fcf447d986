//! Errors, collected: a user sees all of them at once.

use proc_macro2::TokenStream;
use quote::ToTokens;
use std::fmt::Display;

/// Collects the errors of one macro call.
#[derive(Default)]
pub struct Ctxt {
    errors: Vec<syn::Error>,
}

impl Ctxt {
    /// Reports a mistake at the tokens that are wrong.
    pub fn error(&mut self, wrong: impl ToTokens, message: impl Display) {
        self.errors.push(syn::Error::new_spanned(wrong, message));
    }

    /// Reports what a parser said.
    pub fn push(&mut self, error: syn::Error) {
        self.errors.push(error);
    }

    /// The value of a parser, or its error reported.
    pub fn ok<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Everything that was reported, as `compile_error!`s.
    pub fn into_errors(self) -> TokenStream {
        self.errors.iter().map(syn::Error::to_compile_error).collect()
    }
}
