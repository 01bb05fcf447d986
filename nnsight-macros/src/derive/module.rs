//! `Inspectable` for the module itself: the walk over its children, and calls of them.

use super::model::{Child, Module};
use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

/// The impl, and what the module declares of itself for `#[inspectable]` to check.
pub fn expand(module: &Module) -> TokenStream {
    let Module {
        ident,
        generics,
        sites,
        boundary,
        ..
    } = module;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let describe = describe(module);
    let call_at = call_at(module);
    let declared = boundary.as_ref().map(|signature| {
        let (input, output) = (signature.input.ty(), signature.output.ty());
        quote! {
            #[automatically_derived]
            #[allow(clippy::type_complexity)]
            impl #impl_generics ::nnsight::__private::DeclaredBoundary for #ident #ty_generics #where_clause {
                type Input = #input;
                type Output = #output;
            }
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(clippy::type_complexity)]
        impl #impl_generics ::nnsight::Inspectable for #ident #ty_generics #where_clause {
            type Sites = #sites #ty_generics;
            #describe
            #call_at
        }
        #[automatically_derived]
        impl #impl_generics ::nnsight::__private::Shaped for #ident #ty_generics #where_clause {}
        #declared
    }
}

fn describe(module: &Module) -> TokenStream {
    let boundary = module.boundary.as_ref().map(|signature| {
        let (input, output) = (signature.input.ty(), signature.output.ty());
        quote! {
            tree.boundary::<#input, #output>();
        }
    });
    let effect = effect(module);
    let pure = module.pure.then(|| quote!(tree.pure();));
    let same_size = module.same_size.iter().map(|(axis, like)| {
        quote!(tree.same_size(<#axis as ::nnsight::Axis>::META, <#like as ::nnsight::Axis>::META);)
    });
    let rows = module.rows.iter();
    let rows = rows.map(|axis| quote!(tree.rows(<#axis as ::nnsight::Axis>::META);));
    let sites = &module.sites;
    let (_, ty_generics, _) = module.generics.split_for_impl();
    let children = module.children.iter().map(|child| {
        let Child { field, name, len, .. } = child;
        let key = name.unraw().to_string();
        let describe = child.item("describe");
        let describe = quote!(#describe(&self.#field, tree));
        let describe = if field == &name {
            describe
        } else {
            let was = field.unraw().to_string();
            quote!({
                tree.renamed_from(#was);
                #describe;
            })
        };
        let shaped = child.declared.is_none().then(|| {
            let ty = child.ty;
            quote_spanned!(ty.span()=> ::nnsight::__private::shaped::<#ty>(&self.#field);)
        });
        let len = len.as_ref().map(|_| {
            let constant = child.len_name();
            quote!(tree.declared_len(<#sites #ty_generics>::#constant);)
        });
        quote! {
            #shaped
            tree.child(#key, |tree| #describe);
            #len
        }
    });
    quote! {
        fn describe(&self, tree: &mut ::nnsight::TreeBuilder) {
            tree.module::<Self>(self, #effect);
            tree.order(
                <Self::Sites as ::nnsight::SiteTree>::ORDER,
                <Self::Sites as ::nnsight::SiteTree>::FIELDS,
            );
            #pure
            #boundary
            #(#same_size)*
            #(#rows)*
            #(#children)*
        }
    }
}

/// What the module may do by itself besides giving tensors: what its fields that are no modules allow.
fn effect(module: &Module) -> TokenStream {
    if module.pure || module.others.is_empty() {
        return quote!(::nnsight::Effect::None);
    }
    let held = module
        .others
        .iter()
        .map(|(_, ty)| quote_spanned!(ty.span()=> .max(<::nnsight::__private::Held<#ty>>::EFFECT)));
    quote!({
        #[allow(unused_imports)]
        use ::nnsight::__private::HeldUnknown as _;
        ::nnsight::Effect::None #(#held)*
    })
}

fn call_at(module: &Module) -> TokenStream {
    let ident = module.ident;
    let (_, ty_generics, _) = module.generics.split_for_impl();
    // All at the place of the name: rustc says there, and once, that the forward is missing.
    let here = module.boundary.as_ref().map(|_| {
        quote_spanned! {ident.span()=>
            [] => {
                let args = ::nnsight::Carrier::from_tensors(&mut tensors.into_iter())?;
                let mut out = ::std::vec::Vec::new();
                ::nnsight::Carrier::take_tensors(<#ident #ty_generics as ::nnsight::Forward>::forward_args(self, args), &mut out);
                ::core::result::Result::Ok(out)
            }
        }
    });
    let children = module.children.iter().enumerate().map(|(position, child)| {
        let field = child.field;
        let call_at = child.item("call_at");
        let position = Literal::usize_unsuffixed(position);
        quote!([#position, path @ ..] => #call_at(&self.#field, path, tensors),)
    });
    quote! {
        fn call_at(
            &self,
            path: &[u32],
            tensors: ::std::vec::Vec<::nnsight::Erased>,
        ) -> ::nnsight::Result<::std::vec::Vec<::nnsight::Erased>> {
            match path {
                #here
                #(#children)*
                _ => ::core::result::Result::Err(::nnsight::Error::NotCallable),
            }
        }
    }
}
