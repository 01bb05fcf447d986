//! `derive(DebugAsDisplay)`: an error that ends `main`, or is unwrapped, is read by a person. `{:?}` is what both
//! print, so it is the sentence of `Display`; `{:#?}` shows the fields, as the standard derive does.

use crate::ctxt::Ctxt;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Fields, Variant};

/// The impl of `Debug` for an enum of errors.
pub fn expand(input: TokenStream) -> TokenStream {
    let mut cx = Ctxt::default();
    let item = cx.ok(syn::parse2::<DeriveInput>(input));
    let expanded = item.and_then(|item| of_enum(&item, &mut cx));
    let errors = cx.into_errors();
    quote!(#errors #expanded)
}

fn of_enum(item: &DeriveInput, cx: &mut Ctxt) -> Option<TokenStream> {
    let Data::Enum(data) = &item.data else {
        cx.error(&item.ident, "this is for an enum of errors");
        return None;
    };
    let name = &item.ident;
    let (generics, types, bounds) = item.generics.split_for_impl();
    let arms = data.variants.iter().map(arm);
    Some(quote! {
        impl #generics ::core::fmt::Debug for #name #types #bounds {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                if !f.alternate() {
                    return ::core::fmt::Display::fmt(self, f);
                }
                match self { #(#arms)* }
            }
        }
    })
}

/// One variant with its fields.
fn arm(variant: &Variant) -> TokenStream {
    let name = &variant.ident;
    let text = name.to_string();
    match &variant.fields {
        Fields::Unit => quote!(Self::#name => f.write_str(#text),),
        Fields::Named(fields) => {
            let fields: Vec<_> = fields.named.iter().flat_map(|field| &field.ident).collect();
            let texts = fields.iter().map(ToString::to_string);
            // The fields are bound by other names than their own: one may be called `f`.
            let bound: Vec<_> = fields.iter().map(|field| format_ident!("__{field}")).collect();
            quote! {
                Self::#name { #(#fields: #bound),* } => {
                    f.debug_struct(#text)#(.field(#texts, #bound))*.finish()
                }
            }
        }
        Fields::Unnamed(fields) => {
            let bound: Vec<_> = (0..fields.unnamed.len())
                .map(|i| format_ident!("__{i}"))
                .collect();
            quote! {
                Self::#name(#(#bound),*) => f.debug_tuple(#text)#(.field(#bound))*.finish(),
            }
        }
    }
}
