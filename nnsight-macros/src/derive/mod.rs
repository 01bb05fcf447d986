//! `derive(Inspectable)`: a struct of sites for a Burn module, and the walk over its children.

mod attr;
mod field;
mod model;
mod module;
mod sites;

use crate::ctxt::Ctxt;
use model::Module;
use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

/// Writes the sites of a module. On a mistake it still writes what it can, so that one mistake gives one
/// message.
pub fn expand(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut cx = Ctxt::default();
    let module = Module::of(&input, &mut cx);
    let errors = cx.into_errors();
    let named = module.named_inputs().map(|named| named.expand());
    let sites = sites::expand(&module);
    let inspectable = module::expand(&module);
    quote! {
        #errors
        #named
        #sites
        #inspectable
    }
}
