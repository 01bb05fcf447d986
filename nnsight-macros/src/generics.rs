//! Generic parameters of the user's types, carried over to the types that the macros write.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Generics;

/// A type that mentions every type parameter and owns none: `fn() -> (C, D)`.
pub fn marker(generics: &Generics) -> TokenStream {
    let params = generics.type_params().map(|param| &param.ident);
    quote!(fn() -> (#(#params,)*))
}

/// The field that uses all type parameters of a struct.
pub fn marker_field(generics: &Generics) -> Option<TokenStream> {
    let marker = marker(generics);
    generics
        .type_params()
        .next()
        .is_some()
        .then(|| quote!(__marker: ::core::marker::PhantomData<#marker>,))
}

/// Its value.
pub fn marker_value(generics: &Generics) -> Option<TokenStream> {
    generics
        .type_params()
        .next()
        .is_some()
        .then(|| quote!(__marker: ::core::marker::PhantomData,))
}
