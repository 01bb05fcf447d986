//! `?` in the body of a trace leaves the function around it, as in any other block.
//!
//! The body is a closure, out of which only what the trace returns gets. So each `?` of the body gives the closure what
//! it stopped at, the model is not run, and the same `?` stands once more behind the trace. A body that ends with an
//! `Ok(..)` of its own is a function of its own: its `?`s leave the body, and the trace returns its `Result`.

use super::emit;
use super::rewrite::Rewriter;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{Block, Expr, ExprAsync, ExprClosure, ExprReturn, ExprTry, Item, Macro, Stmt};

impl Rewriter {
    /// `EXPR?`. None where it leaves something inside of the body.
    pub fn question(&mut self, expr: &mut ExprTry) -> Option<TokenStream> {
        self.visit_expr_mut(&mut expr.expr);
        let at = expr.question_token.span;
        let questions = self.questions.as_mut()?;
        let residual = Ident::new("residual", Span::mixed_site());
        let stop = stop(questions.len(), &residual);
        questions.push(at);
        // What is asked has a name at the `?`, so that an error in it is one.
        let asked = Ident::new("asked", Span::mixed_site().located_at(at));
        let question = quote_spanned!(asked.span()=> ::nnsight::__private::question(#asked));
        let value = emit::bind(
            &asked,
            &*expr.expr,
            quote_spanned!(Span::mixed_site()=> match #question {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(#residual) => return ::core::result::Result::Err(#stop),
            }),
        );
        Some(value)
    }

    /// `return EXPR`, which leaves the body.
    pub fn leave(&mut self, expr: &mut ExprReturn) {
        if let Some(value) = &mut expr.expr {
            self.visit_expr_mut(value);
        }
        if self.questions.is_some() {
            let value = expr
                .expr
                .as_ref()
                .map_or_else(|| quote!(()), |value| value.to_token_stream());
            expr.expr = Some(Box::new(Expr::Verbatim(
                quote!(::core::result::Result::Ok(#value)),
            )));
        }
    }

    /// Walks what has a `?` and a `return` of its own.
    pub fn inside(&mut self, walk: impl FnOnce(&mut Self)) {
        let questions = self.questions.take();
        walk(self);
        self.questions = questions;
    }
}

/// The body as a closure's that may stop at each `?`, and the type that it gives.
pub fn stopping(body: TokenStream, questions: &[Span]) -> (TokenStream, TokenStream) {
    let never = quote!(::core::convert::Infallible);
    let stops = questions
        .iter()
        .fold(never, |later, _| quote!(::nnsight::__private::Stop<_, #later>));
    (
        quote!({ ::core::result::Result::Ok(#body) }),
        quote!(-> ::core::result::Result<_, #stops>),
    )
}

/// The trace, and each `?` of its body behind it.
pub fn stopped(run: TokenStream, questions: &[Span]) -> TokenStream {
    let arms = questions.iter().enumerate().map(|(i, at)| {
        // All of it is where the user asked: rustc shows an error in it there.
        let residual = Ident::new("__nnsight_residual", *at);
        let stop = stop(i, &residual);
        let question = quote_spanned!(*at=> ?);
        quote!(::core::result::Result::Ok(::core::result::Result::Err(#stop)) => match #residual #question {},)
    });
    quote_spanned!(Span::mixed_site()=> match #run {
        ::core::result::Result::Ok(::core::result::Result::Ok(kept)) => ::core::result::Result::Ok(kept),
        #(#arms)*
        ::core::result::Result::Err(error) => ::core::result::Result::Err(error),
    })
}

/// What the `?` of this number stops at: each has a type of its own.
fn stop(number: usize, residual: &Ident) -> TokenStream {
    let here = quote!(::nnsight::__private::Stop::Here(#residual));
    (0..number).fold(here, |later, _| quote!(::nnsight::__private::Stop::Later(#later)))
}

/// Whether a body asks with `?`, and does not give a `Result` by its text.
pub fn leaves_by_question(body: &Expr) -> bool {
    let mut asks = Asks(false);
    asks.visit_expr(body);
    asks.0 && !gives_result(body)
}

struct Asks(bool);

impl<'ast> Visit<'ast> for Asks {
    fn visit_expr_try(&mut self, _: &'ast ExprTry) {
        self.0 = true;
    }
    fn visit_macro(&mut self, mac: &'ast Macro) {
        self.0 |= asks(mac.tokens.clone());
    }
    fn visit_expr_closure(&mut self, _: &'ast ExprClosure) {}
    fn visit_expr_async(&mut self, _: &'ast ExprAsync) {}
    fn visit_item(&mut self, _: &'ast Item) {}
}

fn asks(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Punct(punct) => punct.as_char() == '?',
        TokenTree::Group(group) => asks(group.stream()),
        _ => false,
    })
}

/// `Ok(..)` or `Err(..)`, in all or some of its branches.
fn gives_result(expr: &Expr) -> bool {
    match expr {
        Expr::Block(block) => ends_in_result(&block.block),
        Expr::Unsafe(block) => ends_in_result(&block.block),
        Expr::Paren(expr) => gives_result(&expr.expr),
        Expr::Group(expr) => gives_result(&expr.expr),
        Expr::If(branches) => {
            let otherwise = branches.else_branch.as_ref();
            ends_in_result(&branches.then_branch) || otherwise.is_some_and(|(_, expr)| gives_result(expr))
        }
        Expr::Match(branches) => branches.arms.iter().any(|arm| gives_result(&arm.body)),
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => {
                let last = path.path.segments.last();
                last.is_some_and(|last| last.ident == "Ok" || last.ident == "Err")
            }
            _ => false,
        },
        _ => false,
    }
}

fn ends_in_result(block: &Block) -> bool {
    match block.stmts.last() {
        Some(Stmt::Expr(Expr::Return(returned), _)) => returned.expr.as_deref().is_some_and(gives_result),
        Some(Stmt::Expr(expr, None)) => gives_result(expr),
        _ => false,
    }
}
