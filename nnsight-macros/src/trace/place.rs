//! Places: sites and gradients, which can be read and written. What names one, and how it is written out.

use super::expr::{bare, is_end, is_self, variable};
use super::path::{Path, Step};
use super::rewrite::Rewriter;
use super::scope::{Kind, Place, Scope, Value};
use super::text::text;
use super::vocabulary::{OF_MODULES, TO_PLACES};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};
use syn::visit_mut::VisitMut;
use syn::{Expr, ExprField, ExprMethodCall, Member, UnOp};

/// Whether a member is the gradient of what stands before it.
fn is_grad(member: &Member) -> bool {
    matches!(member, Member::Named(name) if name == "grad")
}

impl Scope {
    /// The place that an expression names: a field chain with `.input` or `.output`, the gradient of something,
    /// or a variable `s` with `let s = &m.layer1.output`.
    pub fn place(&self, expr: &Expr) -> Option<Place> {
        let expr = bare(expr);
        if let Some(of) = self.differentiated(expr) {
            return Some(Place {
                path: of.shape.map(Path::elsewhere),
                gradient: Some(text(expr).into()),
            });
        }
        match expr {
            Expr::Field(field) => self.place_of_field(field),
            Expr::MethodCall(call) if TO_PLACES.iter().any(|name| call.method == name) => {
                let place = self.receiver(call)?;
                Some(Place {
                    path: place.path.map(Path::elsewhere),
                    gradient: place.gradient.map(|_| text(expr).into()),
                })
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => self.place(&unary.expr),
            expr => match self.get(variable(expr)?)? {
                Kind::Place(place) => Some(place.clone()),
                _ => None,
            },
        }
    }

    fn place_of_field(&self, field: &ExprField) -> Option<Place> {
        let member = &field.member;
        if let Some(path) = self.module(&field.base) {
            return is_end(member).then(|| Place {
                path: Some(path.field(member.clone())),
                gradient: None,
            });
        }
        if let Some(place) = self.place(&field.base) {
            return Some(Place {
                path: place.path.map(|path| path.field(member.clone())),
                ..place
            });
        }
        (is_end(member) && !is_self(&field.base)).then(Place::default)
    }

    /// The place that a method is called on. A module called `grad` is none.
    pub fn receiver(&self, call: &ExprMethodCall) -> Option<Place> {
        match self.module_receiver(call) {
            Some(_) => None,
            None => self.place(&call.receiver),
        }
    }

    /// The module that one of the modules' own methods is called on.
    pub fn module_receiver(&self, call: &ExprMethodCall) -> Option<Path> {
        OF_MODULES
            .iter()
            .any(|name| call.method == name)
            .then(|| self.module(&call.receiver))?
    }

    /// What `X.grad`, `X.grad()` or `b.grad(X)` is the gradient of.
    pub fn differentiated(&self, expr: &Expr) -> Option<Value> {
        match expr {
            Expr::Field(field) if is_grad(&field.member) => self.differentiable(&field.base),
            Expr::MethodCall(call) if call.method == "grad" && call.args.is_empty() => {
                self.differentiable(&call.receiver)
            }
            Expr::MethodCall(call) if call.method == "grad" || call.method == "parameter_grad" => {
                let is_of_backward = matches!(self.kind(&call.receiver), Some(Kind::Backward));
                let (of, 1, true) = (call.args.first()?, call.args.len(), is_of_backward) else {
                    return None;
                };
                Some(self.value(of).unwrap_or_default())
            }
            _ => None,
        }
    }

    /// What has a `.grad`: a value, a site, or a parameter, which reads as a module's field. A model itself, or
    /// an item of a list of modules, is no parameter.
    fn differentiable(&self, expr: &Expr) -> Option<Value> {
        match self.kind(expr)? {
            Kind::Module(path) => matches!(path.steps.last(), Some(Step::Field(_))).then(Value::default),
            kind => kind.into_value(),
        }
    }

    /// The module, or the list of modules, that an expression names. Inside of such a chain `grad` is a child
    /// like any other.
    pub fn module(&self, expr: &Expr) -> Option<Path> {
        match bare(expr) {
            Expr::Field(field) => {
                let path = self.module(&field.base)?;
                (!is_end(&field.member)).then(|| path.field(field.member.clone()))
            }
            // Some of a list are a `Vec` of modules.
            Expr::Index(index) if matches!(bare(&index.index), Expr::Range(_)) => None,
            Expr::Index(index) => {
                let list = self.module(&index.expr)?;
                Some(list.item(self.item(&index.index)))
            }
            Expr::MethodCall(call) => self.module_of_call(call),
            Expr::Reference(reference) => self.module(&reference.expr),
            Expr::Unary(unary) => self.module(&unary.expr),
            expr => match self.get(variable(expr)?)? {
                Kind::Module(path) => Some(path.clone()),
                _ => None,
            },
        }
    }

    /// The module that a method of a module, or of a list of them, gives.
    pub fn module_of_call(&self, call: &ExprMethodCall) -> Option<Path> {
        let path = self.module(&call.receiver)?;
        match call.method.to_string().as_str() {
            "clone" => Some(path),
            "call_idx" | "next" => Some(path.elsewhere()),
            "batch" | "invoke" if path.steps.is_empty() => Some(path),
            "at" => Some(path.item(self.item(call.args.first()?))),
            _ => None,
        }
    }
}

impl Rewriter {
    /// Whether an expression names a place by more than a variable.
    pub fn is_chain(&self, expr: &Expr) -> bool {
        variable(expr).is_none() && self.scope.place(expr).is_some()
    }

    /// Rewrites inside of a place's expression, but does not read the place.
    pub fn place(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Paren(expr) => return self.place(&mut expr.expr),
            Expr::Group(expr) => return self.place(&mut expr.expr),
            _ => {}
        }
        if let Some(of) = self.scope.differentiated(expr) {
            return self.gradient(expr, of);
        }
        match expr {
            Expr::Field(field) if self.scope.module(&field.base).is_some() => self.module(&mut field.base),
            Expr::Field(field) => self.before_dot(&mut field.base),
            Expr::MethodCall(call) => {
                self.note_steps(call);
                self.place(&mut call.receiver);
                for arg in &mut call.args {
                    self.visit_expr_mut(arg);
                }
            }
            _ => {}
        }
    }

    /// Rewrites what a gradient is asked of: a place is not read for that.
    pub fn before_dot(&mut self, base: &mut Expr) {
        if self.scope.place(base).is_some() {
            self.place(base);
        } else {
            self.module(base);
        }
    }

    /// Rewrites inside of a module's expression, in which `grad` is a child. All else is a value.
    pub fn module(&mut self, expr: &mut Expr) {
        if self.scope.module(expr).is_none() {
            return self.visit_expr_mut(expr);
        }
        match expr {
            Expr::Paren(expr) => self.module(&mut expr.expr),
            Expr::Group(expr) => self.module(&mut expr.expr),
            Expr::Field(field) => self.module(&mut field.base),
            Expr::Index(index) => *expr = Expr::Verbatim(self.item(index)),
            Expr::MethodCall(call) => self.call_of_module(call),
            expr => self.visit_expr_mut(expr),
        }
    }

    /// The rewritten expression of a place: `*s` for a variable `s`, which holds a reference to one.
    pub fn place_tokens(&mut self, expr: &mut Expr) -> TokenStream {
        self.place(expr);
        match variable(expr) {
            Some(name) => quote_spanned!(name.span()=> *#name),
            None => expr.to_token_stream(),
        }
    }
}
