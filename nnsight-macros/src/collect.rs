//! `derive(Collect)`: a struct of saved values comes back from a trace as a struct of tensors.

use crate::ctxt::Ctxt;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Fields};

/// `struct Kept { a: Saved<..> }` gives `struct KeptTensors { a: Tensor<..> }`, which the trace returns.
pub fn expand(input: TokenStream) -> TokenStream {
    let mut cx = Ctxt::default();
    let item = cx.ok(syn::parse2::<DeriveInput>(input));
    let expanded = item.and_then(|item| of_struct(&item, &mut cx));
    let errors = cx.into_errors();
    quote!(#errors #expanded)
}

fn of_struct(item: &DeriveInput, cx: &mut Ctxt) -> Option<TokenStream> {
    let Data::Struct(data) = &item.data else {
        cx.error(&item.ident, "only a struct of saved values can be collected");
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
