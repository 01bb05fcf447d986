//! `#[traced]`: the body of a function, in which site access reads as it does in a trace.

use super::backward::Gradients;
use super::rewrite::Rewriter;
use super::tokens::wrap_indices;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::visit_mut::VisitMut;
use syn::{Expr, ExprBlock, FnArg, ItemFn, Pat};

/// The expansion of `#[traced] fn ..`.
pub fn expand(item: TokenStream) -> TokenStream {
    match syn::parse2::<ItemFn>(wrap_indices(item.clone())) {
        Ok(mut function) => {
            rewrite(&mut function);
            function.into_token_stream()
        }
        Err(error) => {
            let error = syn::Error::new(error.span(), format!("`#[traced]` stands at a function: {error}"));
            let error = error.to_compile_error();
            quote!(#item #error)
        }
    }
}

/// Rewrites a function: what is known of its parameters is what their types say.
pub fn rewrite(function: &mut ItemFn) {
    let body = Expr::Block(ExprBlock {
        attrs: Vec::new(),
        label: None,
        block: (*function.block).clone(),
    });
    let mut rewriter = Rewriter::new(Gradients::new(&body));
    for input in &function.sig.inputs {
        if let FnArg::Typed(param) = input {
            rewriter.scope.bind(&Pat::Type(param.clone()), None);
        }
    }
    rewriter.visit_block_mut(&mut function.block);
    let (items, inline) = (rewriter.items(), std::mem::take(&mut rewriter.checks.inline));
    let steps = rewriter.steps.map(|_| {
        quote!(
            #[allow(unused_imports)]
            use ::nnsight::__private::Steps as _;
        )
    });
    let stmts = &function.block.stmts;
    *function.block = syn::parse_quote!({ #(#items)* #steps #(#inline)* #(#stmts)* });
}
