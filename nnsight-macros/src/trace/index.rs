//! `h[-1]` and `x[.., 3]`: indices of lists of modules, and of values.

use super::emit::{self, Extent};
use super::expr::bare;
use super::literals;
use super::rewrite::Rewriter;
use super::scope::Kind;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprIndex};

impl Rewriter {
    /// `base[index]` where a value is wanted.
    pub fn index(&mut self, expr: &mut ExprIndex) -> Option<TokenStream> {
        if self.scope.is_unknown(&expr.expr) {
            let found = self.found_index(expr);
            if found.is_none() {
                self.place_of_plain(&mut expr.expr);
                self.visit_expr_mut(&mut expr.index);
            }
            return found;
        }
        if !self.scope.is_ours(&expr.expr, &expr.index) {
            visit_mut::visit_expr_index_mut(self, expr);
            return None;
        }
        if let Some(Kind::Module(_) | Kind::Attached) = self.scope.kind(&expr.expr) {
            return Some(self.item(expr));
        }
        let (base_extent, last) = (Extent::of(&expr.expr), Extent::of(expr).last);
        self.check_index(&expr.expr, &expr.index);
        let base = if self.scope.place(&expr.expr).is_some() {
            emit::read(self.place_tokens(&mut expr.expr), base_extent)
        } else {
            self.visit_expr_mut(&mut expr.expr);
            expr.expr.to_token_stream()
        };
        let index = self.index_tuple(&mut expr.index);
        Some(emit::method(base, "at", base_extent.last, index, last))
    }

    /// `list[index]` of a list of modules.
    pub fn item(&mut self, expr: &mut ExprIndex) -> TokenStream {
        let (list_last, last) = (Extent::of(&expr.expr).last, Extent::of(expr).last);
        if let Some(list) = self.scope.module(&expr.expr) {
            self.checks.layer(&list, &expr.index);
        }
        self.module(&mut expr.expr);
        self.visit_expr_mut(&mut expr.index);
        let method = match bare(&expr.index) {
            Expr::Range(_) => "range",
            _ => "at",
        };
        if method == "range" {
            literals::suffix(&mut expr.index);
        }
        let index = bare(&expr.index).to_token_stream();
        emit::method(&expr.expr, method, list_last, index, last)
    }

    /// The checks of `base[index]`.
    pub fn check_index(&mut self, base: &Expr, index: &Expr) {
        let shape = match self.scope.place(base) {
            Some(place) => place.path,
            None => match self.scope.kind(base) {
                Some(Kind::Module(path)) => return self.checks.layer(&path, index),
                Some(Kind::Value(value)) => value.shape,
                _ => None,
            },
        };
        if let Some(path) = shape {
            self.checks.index(&path, index);
        }
    }

    /// An index as a tuple, with a type for each literal: where several would do, rustc's errors name none.
    pub fn index_tuple(&mut self, index: &mut Expr) -> TokenStream {
        let extent = Extent::of(index);
        let mut entries: Vec<Expr> = match bare(index) {
            Expr::Tuple(tuple) => tuple.elems.iter().cloned().collect(),
            index => vec![index.clone()],
        };
        for entry in &mut entries {
            literals::suffix(entry);
            self.visit_expr_mut(entry);
        }
        emit::call(&TokenStream::new(), quote!(#(#entries,)*), extent)
    }
}
