//! `derive(Collect)`: a struct of saved values comes back from a trace as a struct of tensors, and an enum of them as
//! an enum.

use crate::ctxt::Ctxt;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Data, DataEnum, DeriveInput, Fields};

/// `struct Kept { a: Saved<..> }` gives `struct KeptTensors { a: Tensor<..> }`, which the trace returns.
pub fn expand(input: TokenStream) -> TokenStream {
    let mut cx = Ctxt::default();
    let item = cx.ok(syn::parse2::<DeriveInput>(input));
    let expanded = item.and_then(|item| match &item.data {
        Data::Enum(data) => Some(of_enum(&item, data)),
        _ => of_struct(&item, &mut cx),
    });
    let errors = cx.into_errors();
    quote!(#errors #expanded)
}

fn of_struct(item: &DeriveInput, cx: &mut Ctxt) -> Option<TokenStream> {
    let Data::Struct(data) = &item.data else {
        cx.error(
            &item.ident,
            "only a struct or an enum of saved values can be collected",
        );
        return None;
    };
    let Fields::Named(fields) = &data.fields else {
        cx.error(
            &item.ident,
            "the fields want names; a tuple of saved values needs no derive",
        );
        return None;
    };
    let (name, vis) = (&item.ident, &item.vis);
    let tensors = format_ident!("{name}Tensors");
    let (generics, types, bounds) = item.generics.split_for_impl();
    let idents: Vec<_> = fields.named.iter().map(|field| &field.ident).collect();
    let kinds: Vec<_> = fields.named.iter().map(|field| &field.ty).collect();
    let views: Vec<_> = fields.named.iter().map(|field| &field.vis).collect();
    let doc = format!("What a trace gives for a [`{name}`]: the same with real tensors.");
    Some(quote! {
        #[doc = #doc]
        #vis struct #tensors #generics #bounds {
            #(#[allow(missing_docs)] #views #idents: <#kinds as ::nnsight::Collect>::Output,)*
        }

        impl #generics ::nnsight::Collect for #name #types #bounds {
            type Output = #tensors #types;
            fn collect(self, results: &mut ::nnsight::Results<'_>) -> ::nnsight::Result<Self::Output> {
                ::core::result::Result::Ok(#tensors {
                    #(#idents: ::nnsight::Collect::collect(self.#idents, results)?,)*
                })
            }
        }
    })
}

/// `enum Found { Yes(Saved<..>), No }` gives `enum FoundTensors { Yes(Tensor<..>), No }`. An enum that holds nothing
/// passes through.
fn of_enum(item: &DeriveInput, data: &DataEnum) -> TokenStream {
    let (name, vis) = (&item.ident, &item.vis);
    let (generics, types, bounds) = item.generics.split_for_impl();
    let takes = quote!(results: &mut ::nnsight::Results<'_>);
    if data.variants.iter().all(|variant| variant.fields.is_empty()) {
        return quote! {
            impl #generics ::nnsight::Collect for #name #types #bounds {
                type Output = Self;
                fn collect(self, _: &mut ::nnsight::Results<'_>) -> ::nnsight::Result<Self> {
                    ::core::result::Result::Ok(self)
                }
            }
        };
    }
    let tensors = format_ident!("{name}Tensors");
    let doc = format!("What a trace gives for a [`{name}`]: the same with real tensors.");
    let variants = data.variants.iter().map(|variant| {
        let (name, kinds) = (&variant.ident, variant.fields.iter().map(|field| &field.ty));
        let kinds = kinds.map(|kind| quote!(<#kind as ::nnsight::Collect>::Output));
        match &variant.fields {
            Fields::Named(fields) => {
                let names = fields.named.iter().map(|field| &field.ident);
                quote!(#name { #(#names: #kinds,)* })
            }
            Fields::Unnamed(_) => quote!(#name(#(#kinds,)*)),
            Fields::Unit => quote!(#name),
        }
    });
    let arms = data.variants.iter().map(|variant| {
        let variant_name = &variant.ident;
        let members: Vec<_> = variant.fields.members().collect();
        let held: Vec<_> = (0..members.len()).map(|i| format_ident!("held_{i}")).collect();
        quote!(#name::#variant_name { #(#members: #held,)* } => #tensors::#variant_name {
            #(#members: ::nnsight::Collect::collect(#held, results)?,)*
        })
    });
    quote! {
        #[doc = #doc]
        #[allow(missing_docs)]
        #vis enum #tensors #generics #bounds {
            #(#variants,)*
        }

        impl #generics ::nnsight::Collect for #name #types #bounds {
            type Output = #tensors #types;
            fn collect(self, #takes) -> ::nnsight::Result<Self::Output> {
                ::core::result::Result::Ok(match self { #(#arms,)* })
            }
        }
    }
}
