//! What the text does not say is left to types: `x[i]` and `x.output` where nothing is known of `x`.
//!
//! `::nnsight::__private::Found` says at compile time whether `x` is a value, a site or a list of modules, or something
//! of the user's own, which then means what it means in plain Rust.

use super::assign::operand;
use super::emit::{self, Extent};
use super::expr::{bare, is_full};
use super::rewrite::Rewriter;
use super::vocabulary::OF_VALUES;
use proc_macro2::{Group, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit_mut::VisitMut;
use syn::{BinOp, Expr, ExprBinary, ExprIndex, Ident, Lit, UnOp};

impl Rewriter {
    /// `base[index]` where a value is wanted and nothing is known of the base. None if the index cannot be written twice:
    /// then it is plain Rust.
    pub fn found_index(&mut self, expr: &mut ExprIndex) -> Option<TokenStream> {
        // No index of ours is a reference: a map's key is. All of something is the same in both.
        if matches!(bare(&expr.index), Expr::Reference(_))
            || is_full(&expr.index)
            || !is_repeatable(&expr.index)
            || gives_sizes(&expr.expr)
        {
            return None;
        }
        self.finds = true;
        let extent = Extent::of(expr);
        self.found_base(&mut expr.expr);
        let base = &expr.expr;
        let mut plain = (*expr.index).clone();
        self.visit_expr_mut(&mut plain);
        let plain = bare(&plain).to_token_stream();
        let ours = self.index_tuple(&mut expr.index);
        let found = quote_spanned!(extent.first=> &&&&::nnsight::__private::Found);
        let found = emit::call(&found, quote!(&#base), extent);
        let found = emit::call(&TokenStream::new(), found, extent);
        let place = emit::method(
            found,
            "__nnsight_index",
            Extent::of(base).last,
            quote!(|| #ours, || #plain),
            extent.last,
        );
        Some(parenthesised(quote!(*#place)))
    }

    /// What is indexed: a place, of which only a reference is taken.
    fn found_base(&mut self, base: &mut Expr) {
        match base {
            Expr::Index(_) => self.visit_expr_mut(base),
            base => self.place_of_plain(base),
        }
    }

    /// `BASE.output` where a value is wanted and nothing is known of the base.
    pub fn found_end(&mut self, expr: &mut Expr) -> TokenStream {
        self.finds = true;
        let extent = Extent::of(expr);
        self.place(expr);
        let name = emit::variable("found", extent);
        let found = quote_spanned!(extent.first=> &&::nnsight::__private::Found);
        let found = emit::call(&found, quote!(&#name), extent);
        let found = emit::call(&TokenStream::new(), found, extent);
        let tag = emit::method(
            found,
            "__nnsight_find",
            extent.first,
            TokenStream::new(),
            extent.last,
        );
        let read = emit::method(tag, "read", extent.last, quote!(#name), extent.last);
        emit::bind(&name, &*expr, read)
    }

    /// Rewrites inside of an expression that stays a place of plain Rust: what is assigned to, borrowed, or a receiver.
    pub fn place_of_plain(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Paren(expr) => self.place_of_plain(&mut expr.expr),
            Expr::Group(expr) => self.place_of_plain(&mut expr.expr),
            Expr::Field(field) if self.scope.module(&field.base).is_some() => self.module(&mut field.base),
            Expr::Field(field) => self.place_of_plain(&mut field.base),
            Expr::Index(index) if !self.scope.is_ours(&index.expr, &index.index) => {
                self.place_of_plain(&mut index.expr);
                self.visit_expr_mut(&mut index.index);
            }
            expr => self.visit_expr_mut(expr),
        }
    }

    /// Whether what a method is called on may be found by type: a method that values have changes nothing in its place.
    pub fn is_found(&self, receiver: &Expr, method: &Ident) -> bool {
        match bare(receiver) {
            Expr::Index(_) | Expr::Field(_) => OF_VALUES.iter().any(|name| method == name),
            _ => true,
        }
    }
}

impl Rewriter {
    /// `value > 0.0`, which rustc lets give a `bool` only: the truth values are `value.gt(0.0)`. Where the left side may be
    /// a value, types say. None where it is none.
    pub fn compare(&mut self, expr: &mut ExprBinary) -> Option<TokenStream> {
        let (method, at) = match expr.op {
            BinOp::Gt(op) => ("gt", op.span),
            BinOp::Ge(op) => ("ge", op.spans[0]),
            BinOp::Lt(op) => ("lt", op.span),
            BinOp::Le(op) => ("le", op.spans[0]),
            _ => return None,
        };
        let is_value = self.scope.value(&expr.left).is_some_and(|value| !value.is_guess);
        if !is_value && !self.scope.may_be_value(&expr.left) {
            return None;
        }
        let all = Extent::of(expr);
        let last = all.last;
        self.visit_expr_mut(&mut expr.left);
        self.visit_expr_mut(&mut expr.right);
        if !is_value {
            self.compares = true;
            let name = emit::variable("compared", all);
            let (left, right) = (&expr.left, &expr.right);
            let compared = quote_spanned!(all.first=> &&::nnsight::__private::Compared);
            let compared = emit::call(&compared, name.to_token_stream(), all);
            let compared = emit::call(&TokenStream::new(), compared, all);
            let method = format!("__nnsight_{method}");
            let compared = emit::method(compared, &method, at, TokenStream::new(), last);
            return Some(parenthesised(emit::bind(
                &name,
                quote!((&#left, &#right)),
                compared,
            )));
        }
        let left = operand(&expr.left);
        Some(emit::method(left, method, at, expr.right.to_token_stream(), last))
    }
}

impl Rewriter {
    /// What decides an `if` or a `while`. A value cannot: what it is, is known when the model runs.
    pub fn condition(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Paren(expr) => self.condition(&mut expr.expr),
            Expr::Group(expr) => self.condition(&mut expr.expr),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => self.condition(&mut unary.expr),
            Expr::Binary(both) if matches!(both.op, BinOp::And(_) | BinOp::Or(_)) => {
                self.condition(&mut both.left);
                self.condition(&mut both.right);
            }
            expr => {
                let at = Extent::of(expr);
                let is_value = |expr| self.scope.value(expr).is_some_and(|value| !value.is_guess);
                let decides = match &*expr {
                    Expr::Binary(both) => {
                        is_comparison(&both.op)
                            && (is_value(&both.left) || self.scope.may_be_value(&both.left))
                    }
                    expr => is_value(expr),
                };
                self.visit_expr_mut(expr);
                if decides {
                    let name = emit::variable("decides", at);
                    let decides = quote_spanned!(name.span()=> ::nnsight::__private::decides(#name));
                    *expr = Expr::Verbatim(parenthesised(emit::bind(&name, &*expr, decides)));
                }
            }
        }
    }
}

/// `>`, `<=` and their kin. (`==` is refused by itself.)
fn is_comparison(op: &BinOp) -> bool {
    matches!(op, BinOp::Gt(_) | BinOp::Ge(_) | BinOp::Lt(_) | BinOp::Le(_))
}

/// `x.shape()`, whose items are numbers.
fn gives_sizes(expr: &Expr) -> bool {
    matches!(bare(expr), Expr::MethodCall(call) if call.method == "shape" || call.method == "dims")
}

/// `(TOKENS)`, which nobody wrote: rustc has no remarks on it.
fn parenthesised(tokens: TokenStream) -> TokenStream {
    let mut group = Group::new(proc_macro2::Delimiter::Parenthesis, tokens);
    group.set_span(Span::mixed_site());
    group.into_token_stream()
}

/// Whether an expression may stand twice, in two closures of which one is called: it moves nothing, and leaves no
/// function.
fn is_repeatable(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Lit(lit) => matches!(lit.lit, Lit::Int(_)),
        Expr::Path(_) => true,
        Expr::Unary(unary) => is_repeatable(&unary.expr),
        Expr::Binary(binary) => is_repeatable(&binary.left) && is_repeatable(&binary.right),
        Expr::Cast(cast) => is_repeatable(&cast.expr),
        Expr::Field(field) => is_repeatable(&field.base),
        Expr::Reference(reference) => reference.mutability.is_none() && is_repeatable(&reference.expr),
        Expr::Index(index) => is_repeatable(&index.expr) && is_repeatable(&index.index),
        Expr::Tuple(tuple) => tuple.elems.iter().all(is_repeatable),
        Expr::MethodCall(call) => {
            ["len", "min", "max", "saturating_sub", "rem_euclid"]
                .iter()
                .any(|name| call.method == name)
                && is_repeatable(&call.receiver)
                && call.args.iter().all(is_repeatable)
        }
        Expr::Range(range) => [&range.start, &range.end]
            .into_iter()
            .flatten()
            .all(|bound| is_repeatable(bound)),
        _ => false,
    }
}
