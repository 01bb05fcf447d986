//! Constants that rustc evaluates at `cargo check`: a literal layer or position outside of the model is an
//! error at the literal.

use super::emit::{Extent, call};
use super::expr::bare;
use super::literals;
use super::path::Path;
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Expr, RangeLimits};

/// The checks of a trace.
#[derive(Default)]
pub struct Checks {
    /// Of models that an item can name.
    pub items: Vec<TokenStream>,
    /// Of models with generics: they must stand inside of the function.
    pub inline: Vec<TokenStream>,
}

impl Checks {
    /// A call of a function in `check`, evaluated by rustc, whose errors point at an extent of the user's code.
    pub fn add(&mut self, path: &Path, function: &str, args: TokenStream, at: Extent) {
        let function = proc_macro2::Ident::new(function, at.first);
        let function = quote_spanned!(at.first=> ::nnsight::__private::check::#function);
        let check = call(&function, args, at);
        if path.root.is_nameable {
            self.items.push(quote_spanned!(at.first=> const _: () = #check;));
        } else {
            self.inline.push(quote_spanned!(at.first=> const { #check };));
        }
    }

    /// What cannot be, whatever the model.
    pub fn refuse(&mut self, message: &str, at: Extent) {
        let panic = quote_spanned!(at.first=> ::core::panic!);
        // It is a format string, and may quote a block.
        let message = Literal::string(&message.replace('{', "{{").replace('}', "}}"));
        let panic = call(&panic, message.into_token_stream(), at);
        self.items.push(quote_spanned!(at.first=> const _: () = #panic;));
    }

    /// `list[index]`.
    pub fn layer(&mut self, list: &Path, index: &Expr) {
        let Some(position) = literals::value(index) else {
            return;
        };
        let at = Extent::of(index);
        let tree = list.constant(&list.steps, at.first);
        let (position, text) = (literals::tokens(position, at.first), list.text(&list.steps));
        self.add(
            list,
            "layer",
            quote_spanned!(at.first=> &#tree, #position, #text),
            at,
        );
    }

    /// `value[index]`, for a value of the shape at a site.
    pub fn index(&mut self, site: &Path, index: &Expr) {
        if site.split().is_none() {
            return;
        }
        let entries: Vec<&Expr> = match bare(index) {
            Expr::Tuple(tuple) => tuple.elems.iter().collect(),
            index => vec![index],
        };
        for (dim, entry) in entries.into_iter().enumerate() {
            match bare(entry) {
                Expr::Range(range) => {
                    let end = match range.limits {
                        RangeLimits::HalfOpen(_) => "slice",
                        RangeLimits::Closed(_) => "index",
                    };
                    for (bound, function) in [(&range.start, "slice"), (&range.end, end)] {
                        if let Some(bound) = bound {
                            self.position(site, function, dim, bound);
                        }
                    }
                }
                entry => self.position(site, "index", dim, entry),
            }
        }
    }

    fn position(&mut self, site: &Path, function: &str, dim: usize, entry: &Expr) {
        let Some(position) = literals::value(entry) else {
            return;
        };
        if position == 0 || position == -1 {
            return; // every axis has a first and a last element
        }
        let at = Extent::of(entry);
        let tree = site.constant(&site.steps, at.first);
        let (position, text) = (literals::tokens(position, at.first), site.text(&site.steps));
        let dim = Literal::usize_unsuffixed(dim);
        self.add(
            site,
            function,
            quote_spanned!(at.first=> &#tree, #dim, #position, #text),
            at,
        );
    }
}
