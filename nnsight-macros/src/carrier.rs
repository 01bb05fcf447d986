//! `derive(Carrier)`: structs of tensors that a module takes or gives.

use crate::ctxt::Ctxt;
use crate::named::{Named, Part, Values};
use crate::signature::Boundary;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Field, Fields, Index, Member, Token, Type};

/// A field of the struct.
struct Piece<'a> {
    field: &'a Field,
    member: Member,
    /// Its shape, if it is declared.
    boundary: Option<Boundary>,
    /// Whether it holds no tensors and is no carrier: it is passed on as it is.
    skip: bool,
}

/// Writes `Carrier` for a struct, and `Boundary` if its shapes are declared.
pub fn expand(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut cx = Ctxt::default();
    let pieces = parse(&input, &mut cx);
    let declared = check(&input, &pieces, &mut cx);
    let errors = cx.into_errors();
    let carrier = expand_carrier(&input, &pieces);
    let boundary = declared.then(|| expand_boundary(&input, &pieces));
    quote!(#errors #carrier #boundary)
}

fn parse<'a>(input: &'a DeriveInput, cx: &mut Ctxt) -> Vec<Piece<'a>> {
    let Data::Struct(data) = &input.data else {
        cx.error(
            &input.ident,
            "only a struct can be a carrier: the tensors in it need a fixed order",
        );
        return Vec::new();
    };
    let member = |(i, field): (usize, &Field)| match &field.ident {
        Some(ident) => Member::Named(ident.clone()),
        None => Member::Unnamed(Index {
            index: i as u32,
            span: field.span(),
        }),
    };
    let members: Vec<Member> = data.fields.iter().enumerate().map(member).collect();
    data.fields
        .iter()
        .zip(members)
        .map(|(field, member)| parse_piece(field, member, cx))
        .collect()
}

fn parse_piece<'a>(field: &'a Field, member: Member, cx: &mut Ctxt) -> Piece<'a> {
    let mut piece = Piece {
        field,
        member,
        boundary: None,
        skip: is_marker(&field.ty),
    };
    for attr in field.attrs.iter().filter(|attr| attr.path().is_ident("inspect")) {
        cx.ok(attr.parse_args_with(|input: ParseStream| {
            let ahead = input.fork();
            if ahead.parse::<Ident>().is_ok_and(|ident| ident == "skip") && ahead.is_empty() {
                piece.skip = true;
                return input.parse::<Ident>().map(drop);
            }
            let boundary: Boundary = input.parse()?;
            if input.peek(Token![->]) {
                return Err(input.error("a tensor has one shape: `#[inspect((Batch, Hidden))]`"));
            }
            if let Boundary::Named(span, _) = boundary {
                return Err(syn::Error::new(span, "a field has a name of its own"));
            }
            piece.boundary = Some(boundary);
            Ok(())
        }));
    }
    piece
}

/// Whether shapes are declared; reports where they are declared in part.
fn check(input: &DeriveInput, pieces: &[Piece], cx: &mut Ctxt) -> bool {
    if let Some(attr) = input.attrs.iter().find(|attr| attr.path().is_ident("inspect")) {
        cx.error(attr, "shapes of a carrier are declared at its fields");
    }
    for lifetime in input.generics.lifetimes() {
        cx.error(lifetime, "a carrier owns its tensors: it has no lifetimes");
    }
    if pieces.iter().all(|piece| piece.boundary.is_none()) {
        return false;
    }
    if let Data::Struct(data) = &input.data
        && let Fields::Unnamed(fields) = &data.fields
    {
        cx.error(
            fields,
            "the fields want names: a trace calls them by those, as in `m.attn.output.context`",
        );
        return false;
    }
    for piece in pieces {
        let Piece {
            field,
            boundary,
            skip,
            ..
        } = piece;
        if boundary.is_none() && !skip && mentions_tensor(&field.ty) {
            cx.error(
                &field.ty,
                "declare the shape of this one too, `#[inspect((Batch, ..))]`: a boundary knows all of its tensors",
            );
        }
    }
    true
}

fn expand_carrier(input: &DeriveInput, pieces: &[Piece]) -> TokenStream {
    let ident = &input.ident;
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    let members: Vec<_> = pieces.iter().map(|piece| &piece.member).collect();
    let names: Vec<_> = (0..pieces.len())
        .map(|i| Ident::new(&format!("__{i}"), Span::mixed_site()))
        .collect();

    let rest = pieces.iter().map(|piece| {
        let ty = &piece.field.ty;
        if piece.skip {
            quote!(#ty)
        } else {
            quote_spanned!(ty.span()=> <#ty as ::nnsight::Carrier>::Rest)
        }
    });
    let take = pieces.iter().zip(&names).map(|(piece, name)| {
        let ty = &piece.field.ty;
        if piece.skip {
            quote!(#name)
        } else {
            quote_spanned!(ty.span()=> <#ty as ::nnsight::Carrier>::take_tensors(#name, tensors))
        }
    });
    let put = pieces.iter().zip(&names).map(|(piece, name)| {
        let ty = &piece.field.ty;
        if piece.skip {
            quote!(#name)
        } else {
            quote_spanned!(ty.span()=> <#ty as ::nnsight::Carrier>::put_tensors(#name, tensors)?)
        }
    });
    let moved = pieces.iter().zip(&names).map(|(piece, name)| {
        let ty = &piece.field.ty;
        if piece.skip {
            quote!(#name)
        } else {
            quote_spanned!(ty.span()=> <#ty as ::nnsight::Carrier>::rest_to_device(#name, device))
        }
    });
    // What is skipped is copied and compared where its type can be.
    let copied = pieces.iter().zip(&names).map(|(piece, name)| {
        let ty = &piece.field.ty;
        if piece.skip {
            quote!((&&::nnsight::__private::Skipped(#name)).copied()?)
        } else {
            quote_spanned!(ty.span()=> <#ty as ::nnsight::Carrier>::copy_rest(#name)?)
        }
    });
    let compared = pieces.iter().enumerate().map(|(i, piece)| {
        let (ty, i) = (&piece.field.ty, syn::Index::from(i));
        if piece.skip {
            quote!((&&::nnsight::__private::Skipped(&a.#i)).is_same(&b.#i))
        } else {
            quote_spanned!(ty.span()=> <#ty as ::nnsight::Carrier>::is_same_rest(&a.#i, &b.#i))
        }
    });
    let tensors = pieces.iter().map(|piece| {
        let ty = &piece.field.ty;
        if is_marker(ty) {
            quote!(::core::option::Option::Some(0))
        } else if piece.skip {
            quote!(::core::option::Option::None)
        } else {
            quote_spanned!(ty.span()=> <#ty as ::nnsight::Carrier>::TENSORS)
        }
    });
    let effects = pieces.iter().zip(&names).map(|(piece, name)| {
        let ty = &piece.field.ty;
        if piece.skip {
            quote!((<::nnsight::__private::Held<#ty>>::EFFECT != ::nnsight::Effect::None))
        } else {
            quote_spanned!(ty.span()=> <#ty as ::nnsight::Carrier>::has_effect(#name))
        }
    });
    let made = pieces.iter().map(|piece| {
        let ty = &piece.field.ty;
        if is_marker(ty) {
            quote!(::core::marker::PhantomData)
        } else if piece.skip {
            quote!(return ::core::result::Result::Err(::nnsight::Error::NotOfTensors {
                wanted: ::core::any::type_name::<#ty>(),
            }))
        } else {
            quote_spanned!(ty.span()=> <#ty as ::nnsight::Carrier>::from_tensors(tensors)?)
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(unused_variables, unused_imports, unreachable_code, clippy::diverging_sub_expression)]
        impl #impl_generics ::nnsight::Carrier for #ident #ty_generics #where_clause {
            type Rest = (#(#rest,)*);
            const TENSORS: ::core::option::Option<usize> = ::nnsight::__private::sum_of(&[#(#tensors),*]);
            #[allow(unused_imports)]
            fn has_effect((#(#names,)*): &Self::Rest) -> bool {
                use ::nnsight::__private::HeldUnknown as _;
                false #(|| #effects)*
            }
            fn take_tensors(self, tensors: &mut ::std::vec::Vec<::nnsight::Erased>) -> Self::Rest {
                let Self { #(#members: #names,)* } = self;
                (#(#take,)*)
            }
            fn put_tensors(
                (#(#names,)*): Self::Rest,
                tensors: &mut ::std::vec::IntoIter<::nnsight::Erased>,
            ) -> ::nnsight::Result<Self> {
                ::core::result::Result::Ok(Self { #(#members: #put,)* })
            }
            fn from_tensors(tensors: &mut ::std::vec::IntoIter<::nnsight::Erased>) -> ::nnsight::Result<Self> {
                ::core::result::Result::Ok(Self { #(#members: #made,)* })
            }
            fn rest_to_device(
                (#(#names,)*): Self::Rest,
                device: &::nnsight::__private::burn::tensor::Device,
            ) -> Self::Rest {
                (#(#moved,)*)
            }
            fn copy_rest((#(#names,)*): &Self::Rest) -> ::core::option::Option<Self::Rest> {
                use ::nnsight::__private::{CopyCloned as _, CopyNever as _};
                ::core::option::Option::Some((#(#copied,)*))
            }
            fn is_same_rest(a: &Self::Rest, b: &Self::Rest) -> bool {
                use ::nnsight::__private::{SameEqual as _, SameNever as _};
                true #(&& #compared)*
            }
        }
    }
}

fn expand_boundary(input: &DeriveInput, pieces: &[Piece]) -> TokenStream {
    let declared = pieces.iter().filter_map(|piece| {
        let boundary = piece.boundary.as_ref()?;
        Some((piece.field, piece.field.ident.as_ref()?, boundary))
    });
    let parts = declared.clone().map(|(field, name, boundary)| Part {
        name,
        docs: field
            .attrs
            .iter()
            .filter(|attr| attr.path().is_ident("doc"))
            .collect(),
        boundary,
    });
    let named = Named {
        vis: &input.vis,
        generics: &input.generics,
        owner: input.ident.clone(),
        values: Values::Struct,
        parts: parts.collect(),
    }
    .expand();

    // Never called: rustc compares each declared shape with the type of its field.
    let ident = &input.ident;
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    let checks = declared.map(|(field, name, boundary)| {
        let function = format_ident!("__nnsight_{name}");
        let (ty, tensors) = (&field.ty, boundary.tensors());
        let value = Ident::new("tensor", ty.span());
        quote! {
            fn #function(#value: #ty) -> #tensors {
                #value
            }
        }
    });
    quote! {
        #named
        const _: () = {
            #[allow(dead_code, non_snake_case, clippy::type_complexity)]
            impl #impl_generics #ident #ty_generics #where_clause {
                #(#checks)*
            }
        };
    }
}

fn is_marker(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "PhantomData"))
}

fn mentions_tensor(ty: &Type) -> bool {
    use proc_macro2::TokenTree;
    fn any(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == "Tensor",
            TokenTree::Group(group) => any(group.stream()),
            _ => false,
        })
    }
    any(quote!(#ty))
}
