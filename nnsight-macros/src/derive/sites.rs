//! The struct of a module's sites, and how to make it.

use super::model::{Child, Module};
use crate::generics::{marker_field, marker_value};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

/// The struct, `SiteTree` for it, and its methods.
pub fn expand(module: &Module) -> TokenStream {
    let declaration = declaration(module);
    let tree = site_tree(module);
    let methods = methods(module);
    quote!(#declaration #tree #methods)
}

fn declaration(module: &Module) -> TokenStream {
    let Module {
        vis,
        ident,
        generics,
        sites,
        boundary,
        children,
        ..
    } = module;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let doc = format!(" The sites of [`{ident}`]: what a trace names to read it and to change it.");
    let ends = boundary.as_ref().map(|signature| {
        let name = module.input_name();
        let (input, output) = (signature.input.sites(), signature.output.sites());
        quote! {
            /// What goes in.
            pub #name: #input,
            /// What comes out.
            pub output: #output,
        }
    });
    let fields = children.iter().map(|child| {
        let Child { name, docs, .. } = child;
        let ty = child.item("Sites");
        let doc = docs.is_empty().then(|| {
            let doc = format!(" The module `{}`.", name.unraw());
            quote!(#[doc = #doc])
        });
        quote!(#(#docs)* #doc pub #name: #ty,)
    });
    let marker = marker_field(generics);
    // Without the empty brackets rustc would offer to add a misspelt axis as a type parameter here.
    let brackets = generics.params.is_empty().then(|| quote!(<>));
    quote! {
        #[doc = #doc]
        #[allow(dead_code, private_interfaces, clippy::type_complexity)]
        #vis struct #sites #brackets #generics #where_clause {
            #ends
            #(#fields)*
            __at: ::nnsight::Handle,
            #marker
        }
        #[automatically_derived]
        impl #impl_generics ::core::clone::Clone for #sites #ty_generics #where_clause {
            fn clone(&self) -> Self {
                *self
            }
        }
        #[automatically_derived]
        impl #impl_generics ::core::marker::Copy for #sites #ty_generics #where_clause {}
    }
}

fn site_tree(module: &Module) -> TokenStream {
    let Module {
        ident,
        generics,
        sites,
        boundary,
        children,
        ..
    } = module;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let marker = marker_value(generics);
    let (constant_ends, ends) = boundary
        .as_ref()
        .map(|signature| {
            let name = module.input_name();
            let (input, output) = (signature.input.ty(), signature.output.ty());
            let constant = quote! {
                #name: <#input as ::nnsight::Boundary>::SITES,
                output: <#output as ::nnsight::Boundary>::SITES,
            };
            let real = quote! {
                #name: <#input as ::nnsight::Boundary>::sites(at, ::nnsight::End::Input, 0),
                output: <#output as ::nnsight::Boundary>::sites(at, ::nnsight::End::Output, 0),
            };
            (constant, real)
        })
        .unwrap_or_default();
    let order = match boundary {
        Some(_) => quote_spanned!(ident.span()=> <#ident #ty_generics as ::nnsight::Forward>::ORDER),
        None => quote!(::nnsight::Order::UNKNOWN),
    };
    let fields = children.iter().map(|child| {
        let (field, name) = (child.field.unraw().to_string(), child.name.unraw().to_string());
        quote!((#field, #name))
    });
    let others = module.others.iter().map(|(field, _)| {
        let field = field.unraw().to_string();
        quote!((#field, ""))
    });
    let constants = children.iter().map(|child| {
        let name = child.name_at_type();
        match &child.len {
            Some(len) => {
                let constant = child.len_name();
                quote_spanned! {len.span()=>
                    #name: ::nnsight::List::constant(::core::option::Option::Some(Self::#constant)),
                }
            }
            None => {
                let sites = child.item("Sites");
                quote_spanned!(child.ty.span()=> #name: <#sites as ::nnsight::SiteTree>::SITES,)
            }
        }
    });
    let real = children.iter().enumerate().map(|(position, child)| {
        let (name, sites) = (child.name_at_type(), child.item("Sites"));
        quote_spanned!(child.ty.span()=> #name: <#sites as ::nnsight::SiteTree>::at(at.child(tree, #position), tree),)
    });
    let tree = if children.is_empty() {
        quote!(_)
    } else {
        quote!(tree)
    };
    quote! {
        #[automatically_derived]
        impl #impl_generics ::nnsight::SiteTree for #sites #ty_generics #where_clause {
            const SITES: Self = #sites {
                #constant_ends
                #(#constants)*
                __at: ::nnsight::Handle::NOWHERE,
                #marker
            };
            const ORDER: ::nnsight::Order = #order;
            const FIELDS: ::nnsight::__private::Fields = &[#(#fields,)* #(#others,)*];
            fn at(at: ::nnsight::Handle, #tree: &::nnsight::Tree) -> Self {
                #sites {
                    #ends
                    #(#real)*
                    __at: at,
                    #marker
                }
            }
            fn handle(self) -> ::nnsight::Handle {
                self.__at
            }
        }
    }
}

fn methods(module: &Module) -> TokenStream {
    let Module {
        generics,
        sites,
        boundary,
        children,
        ..
    } = module;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let lengths = children.iter().filter_map(|child| {
        let (name, len) = (child.len_name(), child.len.as_ref()?);
        Some(quote!(const #name: usize = #len;))
    });
    let call = boundary.as_ref().map(|signature| {
        let (input, output) = (signature.input.ty(), signature.output.ty());
        let (given, result) = (signature.input.values(), signature.output.values());
        quote! {
            /// Runs the module on values. Its sites are not touched by that.
            #[track_caller]
            pub fn call(self, values: #given) -> #result {
                ::nnsight::__private::call_module::<#input, #output>(self.__at, values)
            }
        }
    });
    quote! {
        #[allow(dead_code, private_interfaces, clippy::type_complexity)]
        impl #impl_generics #sites #ty_generics #where_clause {
            #(#lengths)*
            /// The same module at another of its calls in one run, counted from 0.
            pub fn call_idx(self, call: u32) -> Self {
                ::nnsight::__private::at_call(self.__at, call, self)
            }
            #call
        }
    }
}
