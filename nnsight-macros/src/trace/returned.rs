//! What a trace returns. A gradient that is not saved, or the backward pass itself, is refused at its place:
//! rustc would refuse the whole trace.

use super::emit::Extent;
use super::expr::bare;
use super::rewrite::Rewriter;
use super::scope::Kind;
use super::text::text;
use proc_macro2::{Ident, Span};
use syn::punctuated::Punctuated;
use syn::token::{Dot, Paren};
use syn::visit_mut::VisitMut;
use syn::{Expr, ExprMethodCall, Stmt};

impl Rewriter {
    /// Walks an expression that the trace returns.
    pub fn returned(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Block(block) if block.label.is_none() => {
                self.scope.enter();
                self.note_copies(&block.block.stmts);
                let (last, before) = match block.block.stmts.split_last_mut() {
                    Some((Stmt::Expr(last, None), before)) => (Some(last), before),
                    _ => (None, block.block.stmts.as_mut_slice()),
                };
                for stmt in before {
                    self.visit_stmt_mut(stmt);
                }
                if let Some(last) = last {
                    self.returned(last);
                }
                self.scope.leave();
            }
            Expr::Paren(expr) => self.returned(&mut expr.expr),
            Expr::Tuple(tuple) => tuple.elems.iter_mut().for_each(|elem| self.returned(elem)),
            Expr::Array(array) => array.elems.iter_mut().for_each(|elem| self.returned(elem)),
            expr => {
                self.check_returned(expr);
                self.visit_expr_mut(expr);
            }
        }
    }

    fn check_returned(&mut self, expr: &mut Expr) {
        let (at, code) = (Extent::of(expr), text(expr));
        if self.is_part_of_gradient(expr) {
            let message =
                format!("{code} is not saved, so the trace cannot return it: write `{code}.save()`");
            self.refuse_gradient(&message, at);
            *expr = method_call(expr, "save", at.last);
        } else if let Some(Kind::Backward) = self.scope.kind(expr) {
            let message = format!(
                "{code} is a backward pass, which the trace cannot return: return what it gives, \
                 as `b.parameter_grads()` or `b.grad(..).save()`"
            );
            self.refuse_gradient(&message, at);
            *expr = method_call(expr, "parameter_grads", at.last);
        }
    }

    /// Whether an expression is a gradient or a part of one, not something that is computed from it.
    fn is_part_of_gradient(&self, expr: &Expr) -> bool {
        match (self.scope.place(expr), bare(expr)) {
            (Some(place), _) => place.gradient.is_some(),
            (None, Expr::Index(index)) => self.is_part_of_gradient(&index.expr),
            // A variable. Of what is computed no shape is known.
            (None, Expr::Path(_)) => self
                .scope
                .value(expr)
                .is_some_and(|value| value.gradient.is_some() && value.shape.is_some()),
            _ => false,
        }
    }
}

/// `expr.name()`, which is what should have been returned: so that one mistake is one error.
fn method_call(expr: &Expr, name: &str, at: Span) -> Expr {
    Expr::MethodCall(ExprMethodCall {
        attrs: Vec::new(),
        receiver: Box::new(expr.clone()),
        dot_token: Dot(at),
        method: Ident::new(name, at),
        turbofish: None,
        paren_token: Paren(at),
        args: Punctuated::new(),
    })
}
