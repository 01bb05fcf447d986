//! Later steps of a generation: `m.lm_head.next()`, `site.every_step() += steer`.

use super::assign::{Written, operand};
use super::emit::{self, Extent};
use super::expr::{bare, is_full};
use super::rewrite::Rewriter;
use super::scope::Kind;
use super::vocabulary::TO_SEVERAL;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit_mut::VisitMut;
use syn::{Expr, ExprMethodCall};

impl Rewriter {
    /// Remembers that the trace names later steps, if a method of a site or a module does.
    pub fn note_steps(&mut self, call: &ExprMethodCall) {
        let names_steps = call.method == "next" || TO_SEVERAL.iter().any(|name| call.method == name);
        let is_ours = self.scope.place(&call.receiver).is_some()
            || matches!(
                self.scope.kind(&call.receiver),
                Some(Kind::Module(_) | Kind::Attached)
            );
        if names_steps && is_ours && self.steps.is_none() {
            self.steps = Some(call.method.span());
        }
    }

    /// Whether an assignment is to a site at several steps, or to a part of it.
    pub fn is_several(&self, left: &Expr) -> bool {
        match bare(left) {
            Expr::Index(part) => self.is_several(&part.expr),
            Expr::MethodCall(call) => {
                TO_SEVERAL.iter().any(|name| call.method == name)
                    && self.scope.place(&call.receiver).is_some()
            }
            _ => false,
        }
    }

    /// `match value { value => for site in SITES { site.set(value) } }`: the value is made once.
    pub fn write_several(&mut self, left: &mut Expr, written: Written, op: Span, last: Span) -> TokenStream {
        let (sites, mut part) = match left {
            Expr::Paren(left) => return self.write_several(&mut left.expr, written, op, last),
            Expr::Group(left) => return self.write_several(&mut left.expr, written, op, last),
            Expr::Index(part) => (&mut *part.expr, Some(&mut *part.index)),
            sites => (sites, None),
        };
        part = part.filter(|index| !is_full(index));
        let extent = Extent::of(sites);
        self.visit_expr_mut(sites);
        let index = part.map(|index| (Extent::of(index), self.index_tuple(index)));
        let site = emit::variable("site", extent);
        let (changed, right) = match written {
            Written::New(right) => (None, right),
            Written::Changed(op, right) => (Some(op), right),
        };
        let right_extent = Extent::of(right);
        let value = emit::variable("value", right_extent);
        self.visit_expr_mut(right);
        let right = match changed {
            Some(_) => operand(right).to_token_stream(),
            None => right.to_token_stream(),
        };
        let again = emit::cloned(&value, right_extent);
        let set = match index {
            None => {
                let new = changed.map_or_else(
                    || again.clone(),
                    |op| {
                        let old = emit::read(&site, extent);
                        quote!(#old #op #again)
                    },
                );
                emit::method(&site, "set", op, new, last)
            }
            Some((index_extent, index)) => {
                let name = emit::variable("index", index_extent);
                let at = emit::cloned(&name, index_extent);
                let new = changed.map_or_else(
                    || again.clone(),
                    |op| {
                        let old = emit::method(
                            emit::read(&site, extent),
                            "at",
                            extent.last,
                            at.clone(),
                            extent.last,
                        );
                        quote!(#old #op #again)
                    },
                );
                let set = emit::method(&site, "set_at", op, quote!(#at, #new), last);
                emit::bind(&name, index, set)
            }
        };
        let each = quote_spanned!(Span::mixed_site()=> for #site in #sites { #set });
        emit::bind(&value, right, each)
    }
}
