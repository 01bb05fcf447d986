//! Macros in a body. The arguments of std's known ones are expressions. Of any other the rules are not known: what it is
//! given is read as expressions where it parses as such, else only what can be nothing but an index of ours is one.

use super::expr::bare;
use super::parse;
use super::rewrite::Rewriter;
use super::tokens::{self, takes_expressions, wrap_where};
use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::visit_mut::VisitMut;
use syn::{Expr, Macro, Token};

impl Rewriter {
    /// `println!("{}", m.layer1.output.shape()[0])`: the arguments are part of the body.
    pub fn macro_call(&mut self, mac: &mut Macro) {
        let is_known = mac
            .path
            .segments
            .last()
            .is_some_and(|segment| takes_expressions(&segment.ident));
        if is_known && let Some(arguments) = self.arguments(&mac.tokens, true) {
            mac.tokens = arguments;
            return;
        }
        self.note_macro(mac);
        if is_known || is_trace(mac) {
            return;
        }
        let wrapped = wrap_where(mac.tokens.clone(), &|name| self.scope.get(name).is_some());
        mac.tokens = match self.arguments(&wrapped, false) {
            Some(arguments) => arguments,
            None => self.indices(wrapped),
        };
    }

    /// `A, B, C` or `A; N`, if that is what the tokens are. A macro that is not known may write to its arguments, so
    /// that those of which nothing is known stay places.
    fn arguments(&mut self, tokens: &TokenStream, are_values: bool) -> Option<TokenStream> {
        let repeated = |input: ParseStream| {
            Ok((
                input.parse::<Expr>()?,
                input.parse::<Token![;]>()?,
                input.parse::<Expr>()?,
            ))
        };
        let all = Punctuated::<Expr, Token![,]>::parse_terminated;
        if let Ok(mut args) = all.parse2(tokens.clone()) {
            for arg in &mut args {
                match arg {
                    // `format!("{h}", h = expr)` names its argument.
                    Expr::Assign(named) if is_plain_name(&named.left) => {
                        self.visit_expr_mut(&mut named.right)
                    }
                    arg => self.argument(arg, are_values),
                }
            }
            return Some(args.into_token_stream());
        }
        let (mut item, semi, mut len) = repeated.parse2(tokens.clone()).ok()?;
        self.argument(&mut item, are_values);
        self.argument(&mut len, are_values);
        Some(quote!(#item #semi #len))
    }

    fn argument(&mut self, arg: &mut Expr, is_value: bool) {
        match bare(arg) {
            Expr::Index(index) if !is_value && !self.scope.is_ours(&index.expr, &index.index) => {
                self.place_of_plain(arg);
            }
            _ => self.visit_expr_mut(arg),
        }
    }

    /// Tokens of which only the indices with a comma are read, with what they are of and what follows them.
    fn indices(&mut self, tokens: TokenStream) -> TokenStream {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut rewritten = Vec::with_capacity(tokens.len());
        let mut next = 0;
        while next < tokens.len() {
            let chain = tokens::chain(&tokens, next);
            let is_index = tokens[chain.clone()].iter().any(tokens::is_wrapped);
            if is_index {
                next = chain.end;
                let chain: TokenStream = tokens[chain].iter().cloned().collect();
                rewritten.extend(match syn::parse2::<Expr>(chain.clone()) {
                    Ok(mut expr) => {
                        self.visit_expr_mut(&mut expr);
                        expr.into_token_stream()
                    }
                    Err(_) => chain,
                });
                continue;
            }
            rewritten.push(match &tokens[next] {
                TokenTree::Group(group) => {
                    let mut inside = Group::new(group.delimiter(), self.indices(group.stream()));
                    inside.set_span(group.span());
                    TokenTree::Group(inside)
                }
                token => token.clone(),
            });
            next += 1;
        }
        rewritten.into_iter().collect()
    }
}

fn is_plain_name(expr: &Expr) -> bool {
    super::expr::variable(expr).is_some()
}

/// A trace within a trace, which is expanded by itself. (`log::trace!` is none.)
fn is_trace(mac: &Macro) -> bool {
    let is_named = |name| mac.path.segments.last().is_some_and(|last| last.ident == name);
    ["trace", "plan", "submit", "edit"].into_iter().any(is_named) && parse::parse(mac.tokens.clone()).is_ok()
}
