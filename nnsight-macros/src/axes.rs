//! `axes!`: dimensions with a name, as types.

use crate::ctxt::Ctxt;
use crate::generics::marker;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use std::collections::HashSet;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, GenericParam, Generics, Ident, Token, Visibility};

/// One line: `/// docs  pub(crate) Hidden<C: Config = Small> = C::HIDDEN;`
struct Axis {
    attrs: Vec<Attribute>,
    vis: Visibility,
    ident: Ident,
    generics: Generics,
    size: Option<Expr>,
}

/// Writes the types for `axes! { .. }`.
pub fn expand(input: TokenStream) -> TokenStream {
    let mut cx = Ctxt::default();
    let parser = |input: ParseStream| Ok(parse(input, &mut cx));
    let axes = parser.parse2(input).unwrap_or_default();
    check(&axes, &mut cx);

    let mut tokens = cx.into_errors();
    let mut seen = HashSet::new();
    tokens.extend(
        axes.iter()
            .filter(|axis| seen.insert(&axis.ident))
            .map(expand_axis),
    );
    tokens
}

/// All axes that can be made out; what cannot be is reported and skipped up to the next `;`.
fn parse(input: ParseStream, cx: &mut Ctxt) -> Vec<Axis> {
    let mut axes = Vec::new();
    while !input.is_empty() {
        match parse_axis(input) {
            Ok(axis) => {
                let done = input.parse::<Option<Token![;]>>().ok().flatten().is_some();
                if !done {
                    let name = &axis.ident;
                    cx.error(name, format_args!("the axis `{name}` ends without a `;`"));
                    let _ = input.parse::<Option<Token![,]>>();
                }
                axes.push(axis);
            }
            Err(error) => {
                cx.push(error);
                while !input.is_empty() && !input.peek(Token![;]) {
                    let _ = input.parse::<proc_macro2::TokenTree>();
                }
                let _ = input.parse::<Option<Token![;]>>();
            }
        }
    }
    axes
}

fn parse_axis(input: ParseStream) -> syn::Result<Axis> {
    let attrs = input.call(Attribute::parse_outer)?;
    let vis = match input.parse()? {
        Visibility::Inherited => Visibility::Public(Default::default()),
        vis => vis,
    };
    if !input.peek(syn::Ident) {
        return Err(input.error("expected the name of an axis, as in `Batch;` or `Hidden = 768;`"));
    }
    let ident = input.parse()?;
    let generics = input.parse()?;
    let size = match input.parse::<Option<Token![=]>>()? {
        Some(_) => Some(input.parse()?),
        None => None,
    };
    Ok(Axis {
        attrs,
        vis,
        ident,
        generics,
        size,
    })
}

fn check(axes: &[Axis], cx: &mut Ctxt) {
    let mut seen = HashSet::new();
    for axis in axes {
        let name = &axis.ident;
        if !seen.insert(name) {
            cx.error(name, format_args!("the axis `{name}` is declared twice"));
        }
        for lifetime in axis.generics.lifetimes() {
            cx.error(lifetime, "an axis has no lifetimes");
        }
        if axis.size.is_none() && !axis.generics.params.is_empty() {
            let generics = &axis.generics;
            cx.error(
                generics,
                format_args!(
                    "the size of `{name}` comes with the input and cannot depend on a type: \
                     leave the parameter out, or give a size, as in `Hidden<C: Config> = C::HIDDEN;`"
                ),
            );
        }
    }
}

fn expand_axis(axis: &Axis) -> TokenStream {
    let Axis {
        attrs,
        vis,
        ident,
        generics,
        size,
    } = axis;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let name = ident.to_string();
    let docs = docs(axis);
    let extent = match size {
        Some(size) => quote!(::nnsight::Extent::Fixed(#size)),
        None => quote!(::nnsight::Extent::Bound),
    };

    let plain = generics.params.is_empty();
    let marker = marker(generics);
    let declaration = if plain {
        quote!(#vis struct #ident;)
    } else {
        quote! {
            #vis struct #ident #generics #where_clause {
                __marker: ::core::marker::PhantomData<#marker>,
            }
        }
    };
    let value = if plain {
        quote!(#ident)
    } else {
        quote!(Self::new())
    };
    let constructor = (!plain).then(|| {
        quote! {
            #[allow(clippy::new_without_default)]
            impl #impl_generics #ident #ty_generics #where_clause {
                /// The axis as a value.
                #[allow(dead_code)]
                pub const fn new() -> Self {
                    Self { __marker: ::core::marker::PhantomData }
                }
            }
        }
    });
    let constant = default_value(axis);

    quote! {
        #(#attrs)*
        #docs
        #declaration
        #constructor
        #constant

        #[automatically_derived]
        impl #impl_generics ::core::marker::Copy for #ident #ty_generics #where_clause {}
        #[automatically_derived]
        impl #impl_generics ::core::clone::Clone for #ident #ty_generics #where_clause {
            fn clone(&self) -> Self {
                *self
            }
        }
        #[automatically_derived]
        impl #impl_generics ::core::fmt::Debug for #ident #ty_generics #where_clause {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(#name)
            }
        }
        #[automatically_derived]
        impl #impl_generics ::nnsight::Axis for #ident #ty_generics #where_clause {
            const NAME: &'static str = #name;
            const EXTENT: ::nnsight::Extent = #extent;
            const HERE: Self = #value;
        }
    }
}

/// Where every parameter has a default, the name alone is also a value: `argmax(Hidden)`.
fn default_value(axis: &Axis) -> Option<TokenStream> {
    let Axis {
        vis, ident, generics, ..
    } = axis;
    let params = &generics.params;
    let all_default = params.iter().all(|param| match param {
        GenericParam::Type(param) => param.default.is_some(),
        GenericParam::Const(param) => param.default.is_some(),
        GenericParam::Lifetime(_) => false,
    });
    (!params.is_empty() && all_default).then(|| {
        let doc = format!(" The axis [`{ident}`](struct@{ident}) as a value, of the default size.");
        quote! {
            #[doc = #doc]
            #[allow(non_upper_case_globals, dead_code)]
            #vis const #ident: #ident = #ident::new();
        }
    })
}

/// Docs for an axis that has none of its own.
fn docs(axis: &Axis) -> Option<TokenStream> {
    if axis.attrs.iter().any(|attr| attr.path().is_ident("doc")) {
        return None;
    }
    let doc = match &axis.size {
        Some(size) => format!(" The axis `{}`, of size `{}`.", axis.ident, source(size)),
        None => format!(" The axis `{}`, whose size comes with the input.", axis.ident),
    };
    Some(quote!(#[doc = #doc]))
}

/// An expression as the user wrote it, as far as tokens tell: `4 * C::HIDDEN`.
fn source(expr: &Expr) -> String {
    expr.to_token_stream()
        .to_string()
        .replace(" :: ", "::")
        .replace(" . ", ".")
}
