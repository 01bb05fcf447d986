//! Boundaries whose tensors have names: structs with `derive(Carrier)`, and named inputs of a module.

use crate::generics::{marker_field, marker_value};
use crate::signature::Boundary;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Attribute, Generics, Ident, Visibility};

/// A boundary with a field for each of its parts.
pub struct Named<'a> {
    pub vis: &'a Visibility,
    pub generics: &'a Generics,
    /// The type that is the boundary.
    pub owner: Ident,
    /// What values of all parts look like, and the real tensors of all parts.
    pub values: Values,
    pub parts: Vec<Part<'a>>,
}

/// One part of a named boundary.
pub struct Part<'a> {
    pub name: &'a Ident,
    pub docs: Vec<&'a Attribute>,
    pub boundary: &'a Boundary,
}

/// How the values of a named boundary are written.
pub enum Values {
    /// As a tuple, and the tensors likewise: these are a function's arguments.
    Tuple,
    /// As a struct with the same names; the tensors are the owner itself.
    Struct,
}

impl Named<'_> {
    fn sites_name(&self) -> Ident {
        format_ident!("{}Sites", self.owner)
    }

    fn values_name(&self) -> Ident {
        format_ident!("{}Values", self.owner)
    }

    /// The structs of sites and values, and the impl of `Boundary`.
    pub fn expand(&self) -> TokenStream {
        let sites = self.expand_struct(&self.sites_name(), "sites", Boundary::sites);
        let values = match self.values {
            Values::Tuple => self.expand_owner(),
            Values::Struct => self.expand_struct(&self.values_name(), "values", Boundary::values),
        };
        let boundary = self.expand_boundary();
        quote!(#sites #values #boundary)
    }

    /// A type to be the boundary where the user wrote none.
    fn expand_owner(&self) -> TokenStream {
        let Named {
            vis, generics, owner, ..
        } = self;
        let (_, _, where_clause) = generics.split_for_impl();
        let marker = marker_field(generics);
        quote! {
            /// Names the inputs.
            #[doc(hidden)]
            #[allow(dead_code)]
            #vis struct #owner #generics #where_clause {
                #marker
            }
        }
    }

    fn expand_struct(&self, name: &Ident, what: &str, ty: fn(&Boundary) -> TokenStream) -> TokenStream {
        let Named {
            vis,
            generics,
            owner,
            parts,
            ..
        } = self;
        let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
        let doc = format!(" The {what} of [`{owner}`].");
        let fields = parts.iter().map(|part| {
            let Part { name, docs, boundary } = part;
            let ty = ty(boundary);
            let doc = docs.is_empty().then(|| {
                let doc = format!(" The part `{name}`.");
                quote!(#[doc = #doc])
            });
            quote!(#(#docs)* #doc pub #name: #ty)
        });
        let marker = marker_field(generics);
        quote! {
            #[doc = #doc]
            #[allow(dead_code, private_interfaces, clippy::type_complexity)]
            #vis struct #name #generics #where_clause {
                #(#fields,)*
                #marker
            }
            #[automatically_derived]
            impl #impl_generics ::core::clone::Clone for #name #ty_generics #where_clause {
                fn clone(&self) -> Self {
                    *self
                }
            }
            #[automatically_derived]
            impl #impl_generics ::core::marker::Copy for #name #ty_generics #where_clause {}
        }
    }

    fn expand_boundary(&self) -> TokenStream {
        let Named {
            generics,
            owner,
            parts,
            ..
        } = self;
        let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
        let (sites_name, values_name) = (self.sites_name(), self.values_name());
        let names: Vec<_> = parts.iter().map(|part| part.name).collect();
        let types: Vec<_> = parts.iter().map(|part| part.boundary.ty()).collect();
        let suffixes = names.iter().map(|name| format!("{{}}.{name}"));
        let marker = marker_value(generics);

        let values = parts.iter().map(|part| part.boundary.values());
        let (values_type, members, made) = match self.values {
            Values::Tuple => {
                let members: Vec<_> = (0..names.len())
                    .map(|i| syn::Member::from(syn::Index::from(i)))
                    .collect();
                let made = quote!((#(<#types as ::nnsight::Boundary>::values(nodes),)*));
                (quote!((#(#values,)*)), members, made)
            }
            Values::Struct => {
                let members = names
                    .iter()
                    .map(|&name| syn::Member::from(name.clone()))
                    .collect();
                let made = quote! {
                    #values_name { #(#names: <#types as ::nnsight::Boundary>::values(nodes),)* #marker }
                };
                (quote!(#values_name #ty_generics), members, made)
            }
        };
        let tensors = match self.values {
            Values::Tuple => {
                let tensors = parts.iter().map(|part| part.boundary.tensors());
                quote!((#(#tensors,)*))
            }
            Values::Struct => quote!(Self),
        };

        quote! {
            #[automatically_derived]
            #[allow(clippy::type_complexity)]
            impl #impl_generics ::nnsight::Boundary for #owner #ty_generics #where_clause {
                type Sites = #sites_name #ty_generics;
                type Values = #values_type;
                type Tensors = #tensors;
                type Last = ::nnsight::Entries;
                const PORTS: u8 = 0 #(+ <#types as ::nnsight::Boundary>::PORTS)*;
                const SITES: Self::Sites = #sites_name {
                    #(#names: <#types as ::nnsight::Boundary>::SITES,)*
                    #marker
                };
                fn sites(at: ::nnsight::Handle, end: ::nnsight::End, first: u8) -> Self::Sites {
                    let mut next = first;
                    let mut take = |ports: u8| {
                        next += ports;
                        next - ports
                    };
                    #sites_name {
                        #(#names: <#types as ::nnsight::Boundary>::sites(
                            at,
                            end,
                            take(<#types as ::nnsight::Boundary>::PORTS),
                        ),)*
                        #marker
                    }
                }
                fn describe(prefix: &str, ports: &mut ::std::vec::Vec<::nnsight::boundary::PortMeta>) {
                    #(<#types as ::nnsight::Boundary>::describe(&::std::format!(#suffixes, prefix), ports);)*
                }
                fn nodes(values: Self::Values, nodes: &mut ::std::vec::Vec<::nnsight::ValueRef>) {
                    #(<#types as ::nnsight::Boundary>::nodes(values.#members, nodes);)*
                }
                fn values(nodes: &mut dyn ::core::iter::Iterator<Item = ::nnsight::ValueRef>) -> Self::Values {
                    #made
                }
            }
        }
    }
}
