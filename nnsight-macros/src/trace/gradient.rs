//! Gradients: how they are asked for, and what cannot be done with them. They exist only when the forward pass
//! is over, so nothing in it can need one, no loss either.

use super::emit::Extent;
use super::expr::bare;
use super::order;
use super::rewrite::Rewriter;
use super::scope::{Kind, Value};
use super::text::text;
use proc_macro2::TokenStream;
use std::mem::{replace, take};
use syn::punctuated::Punctuated;
use syn::token::Paren;
use syn::visit_mut::VisitMut;
use syn::{Expr, ExprMethodCall, Ident, Member};

impl Rewriter {
    /// Writes `X.grad` and `b.grad(X)` as calls of the gradient's own type; `of` is what is known of `X`.
    pub fn gradient(&mut self, expr: &mut Expr, of: Value) {
        let (asked, extent) = (text(expr), Extent::of(expr));
        if let Expr::Field(field) = expr
            && let Member::Named(grad) = &field.member
        {
            *expr = Expr::MethodCall(ExprMethodCall {
                attrs: take(&mut field.attrs),
                dot_token: field.dot_token,
                method: grad.clone(),
                turbofish: None,
                paren_token: Paren(grad.span()),
                args: Punctuated::new(),
                receiver: Box::new(taken(&mut field.base)),
            });
        }
        let Expr::MethodCall(call) = expr else {
            return;
        };
        if !call.args.is_empty() {
            return self.gradient_from(call, of);
        }
        self.gradients.ask(asked, extent);
        if let Some(gradient) = of.gradient {
            self.refuse_second_order(&gradient, Extent::of(&call.method));
        }
        let base = self.scope.place(&call.receiver);
        self.before_dot(&mut call.receiver);
        if base.is_some_and(|place| place.gradient.is_some()) {
            // It has no gradient of its own, and rustc would say so a second time.
            *expr = taken(&mut call.receiver);
        }
    }

    /// `b.grad(X)`: the gradient of one of several losses.
    fn gradient_from(&mut self, call: &mut ExprMethodCall, of: Value) {
        self.visit_expr_mut(&mut call.receiver);
        for arg in &mut call.args {
            if let Some(gradient) = &of.gradient {
                self.refuse_second_order(gradient, Extent::of(arg));
            }
            if let Some(Kind::Module(_)) = self.scope.kind(arg) {
                call.method = Ident::new("parameter_grad", call.method.span());
            }
            self.visit_expr_mut(arg);
        }
    }

    /// Refuses to write what is known only after the place: a gradient, or the value of a later site.
    pub fn check_written(&mut self, place: &Expr, value: &Expr) {
        let (Some(written), Some(kind)) = (self.scope.place(place), self.scope.kind(value)) else {
            return;
        };
        if written.gradient.is_some() {
            return;
        }
        if let Some(gradient) = kind.gradient() {
            let place = text(bare(place));
            let message = format!(
                "the gradient {gradient} cannot be written into {place}: \
                 gradients exist only when the forward pass is over"
            );
            self.refuse_gradient(&message, Extent::of(value));
        } else if let (Some(path), Kind::Value(needed)) = (written.path, kind) {
            order::check(&mut self.checks, &path, &needed.needs, Extent::of(value));
        }
    }

    /// Refuses `X.backward()` where `X` needs a gradient.
    pub fn check_loss(&mut self, loss: &Expr) {
        if let Some(gradient) = self.scope.value(loss).and_then(|loss| loss.gradient) {
            let message = format!(
                "a loss that needs {gradient} asks for second-order gradients, which are not supported"
            );
            self.refuse_gradient(&message, Extent::of(loss));
        }
    }

    fn refuse_second_order(&mut self, gradient: &str, at: Extent) {
        let message = format!("second-order gradients are not supported: {gradient} is a gradient already");
        self.refuse_gradient(&message, at);
    }

    pub fn refuse_gradient(&mut self, message: &str, at: Extent) {
        self.gradients.is_refused = true;
        self.checks.refuse(message, at);
    }

    /// Refuses the first gradient of a body in which nothing can run a backward pass.
    pub fn check_backward(&mut self) {
        if let Some((gradient, at)) = self.gradients.in_vain() {
            let message = format!(
                "{gradient} is asked for, but nothing in this trace calls backward(): write `loss.backward();`"
            );
            self.checks.refuse(&message, at);
        }
    }
}

impl Kind {
    /// A gradient that it cannot be known without.
    fn gradient(&self) -> Option<&str> {
        match self {
            Kind::Value(value) => value.gradient.as_deref(),
            Kind::Tuple(kinds) => kinds.iter().flatten().find_map(Kind::gradient),
            _ => None,
        }
    }
}

fn taken(expr: &mut Expr) -> Expr {
    replace(expr, Expr::Verbatim(TokenStream::new()))
}
