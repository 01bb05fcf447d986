//! `Forward` for a module, and rustc's comparison of its signature with the shapes it declares.

use super::order;
use crate::ctxt::Ctxt;
use crate::plain::is_plain_type;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{FnArg, ImplItemFn, ItemImpl, Lifetime, ReturnType, Type, TypeReference, parse_quote_spanned};

/// `impl Forward`. Where `forward` cannot be a module's forward, that is reported, and the impl is empty.
pub fn expand(block: &ItemImpl, method: &ImplItemFn, cx: &mut Ctxt) -> TokenStream {
    let Some(args) = arguments(method, cx) else {
        return fallback(block);
    };
    let result = result(method);
    let shapes = compare(block, method, &args, &result);

    let ty = &block.self_ty;
    let (impl_generics, _, where_clause) = block.generics.split_for_impl();
    let order = order::of_forward(block, method);
    let span = method.sig.ident.span();
    let types: Vec<Type> = args.iter().map(|ty| named_lifetimes(ty)).collect();
    let names: Vec<_> = (0..types.len())
        .map(|i| Ident::new(&format!("__{i}"), Span::mixed_site()))
        .collect();
    let carried = one_or_tuple(&types);
    let pattern = one_or_tuple(&names);
    let bind = (!names.is_empty()).then(|| quote!(let #pattern = args;));
    quote_spanned! {span=>
        #[automatically_derived]
        impl #impl_generics ::nnsight::Forward for #ty #where_clause {
            type Args = #carried;
            type Result = #result;
            const ORDER: ::nnsight::Order = #order;
            #[allow(unused_variables)]
            fn forward_args(&self, args: Self::Args) -> Self::Result {
                #bind
                Self::forward(self, #(#names),*)
            }
        }
        #shapes
    }
}

/// An impl that says nothing, so that nobody misses one.
fn fallback(block: &ItemImpl) -> TokenStream {
    let ty = &block.self_ty;
    let (impl_generics, _, where_clause) = block.generics.split_for_impl();
    quote! {
        impl #impl_generics ::nnsight::Forward for #ty #where_clause {
            type Args = ();
            type Result = ();
            const ORDER: ::nnsight::Order = ::nnsight::Order::UNKNOWN;
            fn forward_args(&self, _: ()) {}
        }
    }
}

/// `A` alone as it is, several as a tuple, none as `()`.
pub fn one_or_tuple<T: ToTokens>(all: &[T]) -> TokenStream {
    match all {
        [one] => quote!(#one),
        all => quote!((#(#all),*)),
    }
}

/// The types of the arguments after `&self`. Everything that keeps `forward` from being called by its
/// tensors alone is reported.
fn arguments<'a>(method: &'a ImplItemFn, cx: &mut Ctxt) -> Option<Vec<&'a Type>> {
    const ELSE: &str = "put `#[inspect(skip)]` on it to have its calls hooked and no sites of its own";
    let signature = &method.sig;
    let mut fine = true;
    let mut refuse = |wrong: &dyn ToTokens, why: &str| {
        cx.error(wrong, format_args!("{why}; {ELSE}"));
        fine = false;
    };
    match signature.receiver() {
        Some(receiver) if receiver.reference.is_some() && receiver.mutability.is_none() => {}
        Some(receiver) => refuse(receiver, "the `forward` of a module takes `&self`"),
        None => refuse(&signature.ident, "the `forward` of a module takes `&self`"),
    }
    if let Some(word) = &signature.asyncness {
        refuse(word, "the `forward` of a module is not async");
    }
    if let Some(word) = &signature.unsafety {
        refuse(word, "the `forward` of a module is not unsafe");
    }
    for param in signature.generics.type_params() {
        refuse(
            param,
            "the `forward` of a module has one type, not one for each parameter: put it on the impl",
        );
    }
    for param in signature.generics.const_params() {
        refuse(
            param,
            "the `forward` of a module takes tensors of one rank: name it",
        );
    }
    let mut args = Vec::new();
    for arg in &signature.inputs {
        let FnArg::Typed(arg) = arg else { continue };
        if mentions_impl(&arg.ty) {
            refuse(&arg.ty, "the `forward` of a module names the types that it takes");
        }
        args.push(&*arg.ty);
    }
    if let ReturnType::Type(_, ty) = &signature.output {
        if mentions_impl(ty) {
            refuse(ty, "the `forward` of a module names the type that it gives");
        } else if mentions_lifetime(ty) {
            refuse(ty, "the `forward` of a module gives what it owns");
        }
    }
    fine.then_some(args)
}

fn result(method: &ImplItemFn) -> Type {
    match &method.sig.output {
        ReturnType::Default => parse_quote_spanned!(method.sig.ident.span()=> ()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    }
}

/// A function for each end, never called, that returns what `forward` takes or gives as what is declared.
fn compare(block: &ItemImpl, method: &ImplItemFn, args: &[&Type], result: &Type) -> TokenStream {
    let ty = &block.self_ty;
    let (impl_generics, _, where_clause) = block.generics.split_for_impl();
    let results: Vec<&Type> = match result {
        Type::Tuple(tuple) if tuple.elems.len() > 1 => tuple.elems.iter().collect(),
        one => vec![one],
    };
    let name = &method.sig.ident;
    let input = compare_end(args, name.span(), "Input");
    let output = compare_end(&results, name.span(), "Output");
    quote! {
        const _: () = {
            #[allow(dead_code, non_snake_case, clippy::too_many_arguments, clippy::type_complexity)]
            impl #impl_generics #ty #where_clause {
                #input
                #output
            }
        };
    }
}

/// Compares the tensors of one end. Numbers, references and options pass through and are not declared. Where
/// a struct stands beside others, the text does not tell which it is, and the first run compares.
fn compare_end(types: &[&Type], declared_at: Span, end: &str) -> Option<TokenStream> {
    let tensors: Vec<&Type> = types.iter().copied().filter(|ty| !passes_through(ty)).collect();
    if tensors.len() > 1 && !tensors.iter().all(|ty| is_tensor(ty)) {
        return None;
    }
    let at = tensors.first()?.span();
    let names: Vec<_> = tensors
        .iter()
        .enumerate()
        .map(|(i, ty)| Ident::new(&format!("__{i}"), Span::mixed_site().located_at(ty.span())))
        .collect();
    let value = match &names[..] {
        [one] => quote!(#one),
        all => quote_spanned!(at=> (#(#all),*)),
    };
    let function = Ident::new(&format!("__nnsight_{end}"), declared_at);
    let end = Ident::new(end, declared_at);
    let declared = quote_spanned! {declared_at=>
        <<Self as ::nnsight::__private::DeclaredBoundary>::#end as ::nnsight::Boundary>::Tensors
    };
    Some(quote_spanned! {declared_at=>
        fn #function(#(#names: #tensors),*) -> #declared {
            #value
        }
    })
}

fn is_tensor(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Tensor"))
}

fn passes_through(ty: &Type) -> bool {
    match ty {
        Type::Reference(_) => true,
        Type::Path(path)
            if path
                .path
                .segments
                .last()
                .is_some_and(|last| last.ident == "Option") =>
        {
            true
        }
        Type::Tuple(tuple) if tuple.elems.is_empty() => true,
        ty => !is_tensor(ty) && is_plain_type(ty),
    }
}

/// The type with every lifetime made `'static`: an associated type has to name them. Whoever calls `forward`
/// through it has tensors alone and gets an error for the rest.
fn named_lifetimes(ty: &Type) -> Type {
    struct Static;
    impl VisitMut for Static {
        fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
            reference.lifetime = Some(Lifetime::new("'static", reference.and_token.span));
            visit_mut::visit_type_reference_mut(self, reference);
        }
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            *lifetime = Lifetime::new("'static", lifetime.span());
        }
    }
    let mut ty = ty.clone();
    Static.visit_type_mut(&mut ty);
    ty
}

fn mentions_impl(ty: &Type) -> bool {
    mentions(ty, |ty| matches!(ty, Type::ImplTrait(_)))
}

fn mentions_lifetime(ty: &Type) -> bool {
    mentions(ty, |ty| {
        matches!(ty, Type::Reference(reference)
        if reference.lifetime.as_ref().is_none_or(|lifetime| lifetime.ident != "static"))
    })
}

fn mentions(ty: &Type, what: fn(&Type) -> bool) -> bool {
    struct Search(fn(&Type) -> bool, bool);
    impl VisitMut for Search {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            self.1 |= self.0(ty);
            visit_mut::visit_type_mut(self, ty);
        }
    }
    let mut search = Search(what, false);
    search.visit_type_mut(&mut ty.clone());
    search.1
}
