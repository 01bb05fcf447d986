//! The walk over the body: what is read, and the blocks in which variables live. Assignments are in `assign`,
//! indices in `index`, method calls and macros in `call`. Everything else stays what it is.

use super::backward::Gradients;
use super::check::Checks;
use super::emit::{self, Extent};
use super::scope::{Kind, Scope};
use proc_macro2::Span;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Arm, Block, Expr, ExprClosure, ExprForLoop, ExprIf, ExprLet, ExprWhile, Item, Local, Stmt, StmtMacro,
};

/// The walk, with what it knows and what it has found.
pub struct Rewriter {
    pub scope: Scope,
    pub checks: Checks,
    pub gradients: Gradients,
    /// Whether a whole site is written, which may be a tuple of sites.
    pub writes_whole: bool,
    /// Where later steps of a generation are named.
    pub steps: Option<Span>,
}

impl VisitMut for Rewriter {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        self.note_call(expr);
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
            Expr::Field(field) if self.scope.module(&field.base).is_some() => self.module(&mut field.base),
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
            Stmt::Expr(expr, Some(_)) => {
                self.note_statement(expr);
                self.visit_expr_mut(expr);
            }
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
        self.module(&mut expr.expr);
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
}
