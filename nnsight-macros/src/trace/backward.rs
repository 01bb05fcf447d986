//! Whether a body can run a backward pass. Without one its gradients never come; but only where the whole trace
//! can be seen is that an error.

use super::emit::Extent;
use super::expr::bare;
use super::rewrite::Rewriter;
use super::scope::{Kind, Scope};
use super::vocabulary::{KNOWN_OF_MODULES, is_own_method, takes_each_item};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Expr, ExprMethodCall, Macro};

/// The gradients that a body asks for.
pub struct Gradients {
    /// The first, as the user wrote it.
    first: Option<(String, Extent)>,
    /// Whether a backward pass may run, in the body or in what it calls.
    may_come: bool,
    /// Whether something else is wrong with them.
    pub is_refused: bool,
}

impl Gradients {
    pub fn new(body: &Expr) -> Gradients {
        Gradients {
            first: None,
            may_come: mentions_backward(body.to_token_stream()),
            is_refused: false,
        }
    }

    /// `m.layer1.output.grad`: it comes with any backward pass.
    pub fn ask(&mut self, gradient: String, at: Extent) {
        self.first.get_or_insert((gradient, at));
    }

    /// The first gradient, if none can come.
    pub fn in_vain(&mut self) -> Option<(String, Extent)> {
        self.first.take().filter(|_| !self.may_come && !self.is_refused)
    }
}

impl Rewriter {
    /// Notes an expression that hands what a backward pass needs to code that cannot be seen here.
    pub fn note_call(&mut self, expr: &Expr) {
        let scope = &self.scope;
        self.gradients.may_come |= match expr {
            Expr::Call(call) => call.args.iter().any(|arg| match bare(arg) {
                Expr::Lit(_) => false,
                arg => !is_constructor(&call.func) || scope.gives_away(arg),
            }),
            Expr::Struct(new) => new.fields.iter().any(|field| scope.gives_away(&field.expr)),
            Expr::MethodCall(call) => scope.may_run_backward(call),
            _ => false,
        };
    }

    /// `loss.descend();`: no operation on values does anything without its result.
    pub fn note_statement(&mut self, expr: &Expr) {
        if let Expr::MethodCall(call) = expr
            && let Some(Kind::Value(_)) = self.scope.kind(&call.receiver)
            && !is_own_method(&call.method)
        {
            self.gradients.may_come = true;
        }
    }

    /// Notes a macro whose rules are not known here.
    pub fn note_macro(&mut self, mac: &Macro) {
        self.gradients.may_come |= self.scope.mentions_known(mac.tokens.clone());
    }
}

impl Scope {
    fn may_run_backward(&self, call: &ExprMethodCall) -> bool {
        if self.module(&call.receiver).is_some() && self.receiver(call).is_none() {
            return !KNOWN_OF_MODULES.iter().any(|name| call.method == name);
        }
        match self.kind(&call.receiver) {
            Some(Kind::Value(_) | Kind::Place(_)) => false,
            Some(Kind::Attached) => !KNOWN_OF_MODULES.iter().any(|name| call.method == name),
            Some(Kind::Module(_) | Kind::Backward) => true,
            Some(Kind::Tuple(_)) | None => {
                let is_function = |arg| matches!(bare(arg), Expr::Path(_));
                let is_given_items = takes_each_item(&call.method);
                call.args
                    .iter()
                    .any(|arg| self.gives_away(arg) || is_given_items && is_function(arg))
            }
        }
    }

    /// Whether an argument is, or directly holds, something of the trace.
    fn gives_away(&self, arg: &Expr) -> bool {
        fn is_known(kind: Kind) -> bool {
            match kind {
                Kind::Tuple(kinds) => kinds.into_iter().flatten().any(is_known),
                _ => true,
            }
        }
        match bare(arg) {
            Expr::Reference(reference) => self.gives_away(&reference.expr),
            Expr::Array(array) => array.elems.iter().any(|elem| self.gives_away(elem)),
            Expr::Macro(expr) => self.mentions_known(expr.mac.tokens.clone()),
            arg => self.kind(arg).is_some_and(is_known),
        }
    }

    /// Whether tokens name a variable of which something is known.
    fn mentions_known(&self, tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(name) => self.get(&name).is_some(),
            TokenTree::Group(group) => self.mentions_known(group.stream()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
}

/// `Some`, `Kept`, `Mode::Fast`: by its name no function.
fn is_constructor(function: &Expr) -> bool {
    match bare(function) {
        Expr::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident.to_string().starts_with(char::is_uppercase)),
        _ => false,
    }
}

fn mentions_backward(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(name) => name.to_string().to_lowercase().contains("backward"),
        TokenTree::Group(group) => mentions_backward(group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
