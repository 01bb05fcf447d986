//! The walk over the body: reads of sites, indexing, and the blocks in which variables live. Assignments are in
//! `assign`, method calls and macros in `call`. Everything else stays what it is.

use super::check::Checks;
use super::emit::{self, Extent};
use super::kind::{bare, variable};
use super::literals;
use super::scope::{Kind, Scope};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Arm, Block, Expr, ExprClosure, ExprForLoop, ExprIf, ExprIndex, ExprLet, ExprWhile, Item, Local, Member,
    Stmt, StmtMacro,
};

/// The walk, with what it knows and what it has found.
pub struct Rewriter {
    pub scope: Scope,
    pub checks: Checks,
    /// Whether a whole site is written, which may be a tuple of sites.
    pub writes_whole: bool,
}

impl VisitMut for Rewriter {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Assign(assign) => {
                if let Some(tokens) = self.assign(assign) {
                    *expr = Expr::Verbatim(tokens);
                }
            }
            Expr::Binary(binary) => {
                if let Some(tokens) = self.assign_op(binary) {
                    *expr = Expr::Verbatim(tokens);
                }
            }
            Expr::Reference(reference) if self.is_chain(&reference.expr) => self.place(&mut reference.expr),
            Expr::Index(index) => {
                if let Some(tokens) = self.index(index) {
                    *expr = Expr::Verbatim(tokens);
                }
            }
            Expr::MethodCall(_) | Expr::Field(_) | Expr::Unary(_) if self.is_chain(expr) => {
                let extent = Extent::of(expr);
                let site = self.place_tokens(expr);
                *expr = Expr::Verbatim(emit::read(site, extent));
            }
            Expr::MethodCall(call) => self.method_call(call),
            Expr::Macro(expr) => self.macro_call(&mut expr.mac),
            _ => visit_mut::visit_expr_mut(self, expr),
        }
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        self.scope.enter();
        visit_mut::visit_block_mut(self, block);
        self.scope.leave();
    }

    fn visit_local_mut(&mut self, local: &mut Local) {
        let kind = local.init.as_ref().and_then(|init| self.scope.kind(&init.expr));
        if let Some(init) = &mut local.init {
            self.visit_expr_mut(&mut init.expr);
            if let Some((_, diverge)) = &mut init.diverge {
                self.visit_expr_mut(diverge);
            }
        }
        self.scope.bind(&local.pat, kind);
    }

    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        match stmt {
            Stmt::Macro(StmtMacro { mac, .. }) => self.macro_call(mac),
            _ => visit_mut::visit_stmt_mut(self, stmt),
        }
    }

    fn visit_item_mut(&mut self, _: &mut Item) {
        // Items see none of the trace's variables.
    }

    fn visit_expr_closure_mut(&mut self, closure: &mut ExprClosure) {
        self.closure(closure, None);
    }

    fn visit_expr_for_loop_mut(&mut self, expr: &mut ExprForLoop) {
        let element = self.scope.element(&expr.expr);
        self.visit_expr_mut(&mut expr.expr);
        self.scope.enter();
        self.scope.bind(&expr.pat, element);
        self.visit_block_mut(&mut expr.body);
        self.scope.leave();
    }

    fn visit_expr_if_mut(&mut self, expr: &mut ExprIf) {
        self.scope.enter();
        self.visit_expr_mut(&mut expr.cond);
        self.visit_block_mut(&mut expr.then_branch);
        self.scope.leave();
        if let Some((_, otherwise)) = &mut expr.else_branch {
            self.visit_expr_mut(otherwise);
        }
    }

    fn visit_expr_while_mut(&mut self, expr: &mut ExprWhile) {
        self.scope.enter();
        self.visit_expr_mut(&mut expr.cond);
        self.visit_block_mut(&mut expr.body);
        self.scope.leave();
    }

    fn visit_expr_let_mut(&mut self, expr: &mut ExprLet) {
        let kind = self.scope.kind(&expr.expr);
        self.visit_expr_mut(&mut expr.expr);
        self.scope.bind(&expr.pat, kind);
    }

    fn visit_arm_mut(&mut self, arm: &mut Arm) {
        self.scope.enter();
        self.scope.bind(&arm.pat, None);
        if let Some((_, guard)) = &mut arm.guard {
            self.visit_expr_mut(guard);
        }
        self.visit_expr_mut(&mut arm.body);
        self.scope.leave();
    }
}

impl Rewriter {
    /// Walks a closure whose first parameter is given what is known.
    pub fn closure(&mut self, closure: &mut ExprClosure, first: Option<Kind>) {
        self.scope.enter();
        let kinds = std::iter::once(first).chain(std::iter::repeat(None));
        for (param, kind) in closure.inputs.iter().zip(kinds) {
            self.scope.bind(param, kind);
        }
        self.visit_expr_mut(&mut closure.body);
        self.scope.leave();
    }

    /// Whether an expression names a site by more than a variable.
    pub fn is_chain(&self, expr: &Expr) -> bool {
        variable(expr).is_none() && self.scope.site(expr).is_some()
    }

    /// Rewrites inside of a site's expression, but does not read the site.
    pub fn place(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Paren(expr) => self.place(&mut expr.expr),
            Expr::Group(expr) => self.place(&mut expr.expr),
            Expr::Field(field) if self.scope.site(&field.base).is_some() => {
                self.place(&mut field.base);
                if let Member::Named(grad) = &field.member
                    && grad == "grad"
                {
                    let base = &field.base;
                    let grad = emit::call(&grad.to_token_stream(), TokenStream::new(), Extent::of(grad));
                    *expr = Expr::Verbatim(quote!(#base.#grad));
                }
            }
            Expr::Field(field) => self.visit_expr_mut(&mut field.base),
            Expr::MethodCall(call) => {
                self.place(&mut call.receiver);
                for arg in &mut call.args {
                    self.visit_expr_mut(arg);
                }
            }
            _ => {}
        }
    }

    /// The rewritten expression of a site: `*s` for a variable `s`, which holds a reference to one.
    pub fn place_tokens(&mut self, expr: &mut Expr) -> TokenStream {
        self.place(expr);
        match variable(expr) {
            Some(name) => quote_spanned!(name.span()=> *#name),
            None => expr.to_token_stream(),
        }
    }

    /// `base[index]` where a value is wanted.
    fn index(&mut self, expr: &mut ExprIndex) -> Option<TokenStream> {
        if !self.scope.is_ours(&expr.expr, &expr.index) {
            visit_mut::visit_expr_index_mut(self, expr);
            return None;
        }
        let (base_extent, last) = (Extent::of(&expr.expr), Extent::of(expr).last);
        self.check_index(&expr.expr, &expr.index);
        let index = match self.scope.kind(&expr.expr) {
            Some(Kind::Module(_)) => {
                self.visit_expr_mut(&mut expr.index);
                bare(&expr.index).to_token_stream()
            }
            _ => self.index_tuple(&mut expr.index),
        };
        let base = if self.scope.site(&expr.expr).is_some() {
            emit::read(self.place_tokens(&mut expr.expr), base_extent)
        } else {
            self.visit_expr_mut(&mut expr.expr);
            expr.expr.to_token_stream()
        };
        Some(emit::method(base, "at", base_extent.last, index, last))
    }

    /// The checks of `base[index]`.
    pub fn check_index(&mut self, base: &Expr, index: &Expr) {
        let shape = match self.scope.site(base) {
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

    /// What an expression needs, if it is a value.
    pub fn needs(&self, expr: &Expr) -> Vec<super::path::Path> {
        match self.scope.kind(expr) {
            Some(Kind::Value(value)) => value.needs,
            _ => Vec::new(),
        }
    }
}
