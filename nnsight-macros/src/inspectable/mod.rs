//! `#[inspectable]` on an impl block: hooks around each `EXPR.forward(..)`, and `Forward` for the module.

mod forward;
mod hooks;
mod order;
#[cfg(test)]
mod tests;

use crate::ctxt::Ctxt;
use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::{Attribute, ImplItem, ImplItemFn, ItemImpl};

/// Writes the impl block with its hooks. What is wrong is reported and otherwise left as it is.
pub fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut cx = Ctxt::default();
    if !args.is_empty() {
        cx.error(args, "`#[inspectable]` takes no arguments");
    }
    let mut block: ItemImpl = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            if is_impl(&item) {
                cx.push(error);
            } else {
                cx.error(
                    first(&item),
                    "`#[inspectable]` stands on the impl block that holds `forward`",
                );
            }
            let errors = cx.into_errors();
            return quote!(#errors #item);
        }
    };
    if let Some((_, path, _)) = &block.trait_ {
        cx.error(
            path,
            "`#[inspectable]` stands on an impl block of the type's own methods, not of a trait",
        );
        let errors = cx.into_errors();
        return quote!(#errors #block);
    }

    let skips = take_skips(&mut block, &mut cx);
    let forward =
        methods(&block).find(|method| method.sig.ident == "forward" && !skips.contains(&method.sig.ident));
    let forward = forward.map(|method| forward::expand(&block, method, &mut cx));
    for item in &mut block.items {
        if let ImplItem::Fn(method) = item {
            hooks::rewrite(method);
        }
    }
    let errors = cx.into_errors();
    quote!(#errors #block #forward)
}

/// The methods of an impl block.
fn methods(block: &ItemImpl) -> impl Iterator<Item = &ImplItemFn> {
    block.items.iter().filter_map(|item| {
        if let ImplItem::Fn(method) = item {
            Some(method)
        } else {
            None
        }
    })
}

/// Takes `#[inspect(skip)]` off a `forward` that is to have no sites of its own, and gives its name.
fn take_skips(block: &mut ItemImpl, cx: &mut Ctxt) -> Vec<syn::Ident> {
    let mut skips = Vec::new();
    for item in &mut block.items {
        let ImplItem::Fn(method) = item else { continue };
        let (ours, others): (Vec<Attribute>, Vec<_>) = std::mem::take(&mut method.attrs)
            .into_iter()
            .partition(|attr| attr.path().is_ident("inspect"));
        method.attrs = others;
        for attr in ours {
            match attr.parse_args::<syn::Ident>() {
                Ok(word) if word == "skip" && method.sig.ident == "forward" => {
                    skips.push(method.sig.ident.clone())
                }
                _ => cx.error(
                    attr,
                    "a method takes only `#[inspect(skip)]`, and only `forward` does",
                ),
            }
        }
    }
    skips
}

/// Whether the tokens are an impl block, attributes aside.
fn is_impl(item: &TokenStream) -> bool {
    item.clone()
        .into_iter()
        .any(|token| matches!(token, TokenTree::Ident(word) if word == "impl"))
}

fn first(item: &TokenStream) -> TokenStream {
    item.clone()
        .into_iter()
        .find(|token| matches!(token, TokenTree::Ident(_)))
        .map(Into::into)
        .unwrap_or_default()
}
