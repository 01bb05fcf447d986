//! What a trace is expanded to.

use super::backward::Gradients;
use super::emit::{self, Extent};
use super::parse::{Closure, Partial, Trace};
use super::path::{Path, Root, is_nameable};
use super::question;
use super::rewrite::Rewriter;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use std::rc::Rc;
use syn::visit_mut::VisitMut;
use syn::{Expr, ExprClosure, ExprReturn, Item, ReturnType, Stmt, Type};

/// `{ CHECKS; MODEL.trace(INPUT, |m: Sites| BODY) }`, or `MODEL.trace_body(PhantomData::<Model>, |t| BODY)`
pub fn trace(trace: Trace) -> TokenStream {
    let warning = saves_nothing(&trace.closure.body).then(|| saves_nothing_warning(trace.end));
    let run = trace.input.as_ref().map_or(Run::Body, Run::On);
    written(rewrite(trace.closure, &trace.target, run, true), warning)
}

/// `{ CHECKS; MODEL.plan(INPUT, |m: Sites| BODY) }`, or `MODEL.plan_body(PhantomData::<Model>, |t| BODY)`
pub fn plan(plan: Trace) -> TokenStream {
    instead(plan, "plan")
}

/// The same with `submit` and `submit_body`.
pub fn submit(submit: Trace) -> TokenStream {
    instead(submit, "submit")
}

fn instead(trace: Trace, method: &'static str) -> TokenStream {
    let warning = saves_nothing(&trace.closure.body).then(|| saves_nothing_warning(trace.end));
    let run = Run::Instead(method, trace.input.as_ref());
    written(rewrite(trace.closure, &trace.target, run, true), warning)
}

fn written(Rewritten { run, before }: Rewritten, warning: Option<TokenStream>) -> TokenStream {
    if before.is_empty() && warning.is_none() {
        return run;
    }
    quote!({ #(#before)* #warning #run })
}

/// `{ CHECKS; MODEL.edit(|m: Sites| BODY) }`
pub fn edit(edit: Trace) -> TokenStream {
    if let Some(input) = &edit.input {
        let error = syn::Error::new_spanned(
            input,
            "an edit has no input, it waits for those of later traces: `edit!(model, |m: Model| { .. })`",
        );
        let error = error.to_compile_error();
        return quote!({ #error });
    }
    let Rewritten { run, before } = rewrite(edit.closure, &edit.target, Run::Edit, false);
    quote!({ #(#before)* #run })
}

/// The error, and in an editor the part that does parse, so that names in it can be completed.
///
/// rustc sees the error alone: what depends on a statement that does not parse would only be more errors.
pub fn half_typed(partial: Partial) -> TokenStream {
    let error = partial.error.to_compile_error();
    let known = is_in_editor().then(|| known(partial));
    quote!({ #known #error })
}

/// What is known of a call that does not parse.
pub fn known(partial: Partial) -> TokenStream {
    let mut before = partial.before.into_iter();
    match (before.next(), partial.closure) {
        (Some(target), Some(closure)) => {
            let input = before.next();
            let run = input.as_ref().map_or(Run::Body, Run::On);
            let Rewritten { run, before: checks } = rewrite(closure, &target, run, false);
            quote!({ #(#checks)* #run };)
        }
        (target, _) => {
            let known = target.into_iter().chain(before);
            quote!(#(#known;)*)
        }
    }
}

/// Whether rust-analyzer expands: it runs macros in a process of its own, which has this variable.
fn is_in_editor() -> bool {
    std::env::var_os("RUST_ANALYZER_INTERNALS_DO_NOT_USE").is_some()
}

/// What is done with a body.
enum Run<'a> {
    /// It is traced on an input,
    On(&'a Expr),
    /// or on those that it adds itself.
    Body,
    /// It is planned or submitted, as the method is called, on an input or on those that it adds.
    Instead(&'static str, Option<&'a Expr>),
    /// It becomes part of later traces.
    Edit,
}

/// A trace whose body is plain Rust.
struct Rewritten {
    run: TokenStream,
    /// Items that stand before it.
    before: Vec<TokenStream>,
}

fn rewrite(closure: Closure, target: &Expr, run: Run<'_>, is_whole: bool) -> Rewritten {
    let Closure {
        capture,
        param,
        output,
        mut body,
    } = closure;
    let sites = sites(&param.model);
    let mut rewriter = Rewriter::new(Gradients::new(&body));
    if let Some(name) = &param.name {
        let root = Root {
            sites: sites.clone(),
            is_nameable: is_nameable(&param.model),
        };
        let path = Path {
            root: Rc::new(root),
            name: name.to_string(),
            named: 0,
            steps: Vec::new(),
            is_plain: true,
        };
        rewriter.scope.root(name, path);
    }
    let leaves = matches!(run, Run::On(_) | Run::Body)
        && matches!(output, ReturnType::Default)
        && question::leaves_by_question(&body);
    rewriter.questions = leaves.then(Vec::new);
    if is_whole {
        rewriter.returned(&mut body);
        rewriter.check_backward();
    } else {
        rewriter.visit_expr_mut(&mut body);
    }
    let mut before = rewriter.items();
    let mut inline = std::mem::take(&mut rewriter.checks.inline);
    let root = param.name.clone();
    let mutability = param.mutability;
    let name = param.name.map_or_else(|| quote!(_), Ident::into_token_stream);
    if let Some(at) = rewriter.steps {
        before.push(quote!(
            #[allow(unused_imports)]
            use ::nnsight::__private::Steps as _;
        ));
        // An edit waits for traces of all kinds: in one that does not generate, every step is the only one.
        if let (Some(mut root), false) = (root, matches!(run, Run::Edit)) {
            root.set_span(at);
            let generates = quote_spanned!(at=> ::nnsight::__private::generates);
            let all = Extent { first: at, last: at };
            let check = emit::call(&generates, quote_spanned!(at=> &#root), all);
            inline.push(quote_spanned!(at=> #check;));
        }
    }
    let body = if inline.is_empty() {
        body.into_token_stream()
    } else {
        quote!({ #(#inline)* #body })
    };
    let (body, output) = match &rewriter.questions {
        Some(questions) => question::stopping(body, questions),
        None => (body, output.into_token_stream()),
    };
    let (target, model) = (receiver(target), &param.model);
    let run = match run {
        Run::Edit => quote!(#target.edit(#capture |#mutability #name: #sites| #output #body)),
        Run::On(input) => quote!(#target.trace(#input, #capture |#mutability #name: #sites| #output #body)),
        Run::Instead(method, Some(input)) => {
            let method = Ident::new(method, Span::call_site());
            quote!(#target.#method(#input, #capture |#mutability #name: #sites| #output #body))
        }
        // What the target gives its body, the target's type says: the model's sites, or what makes them.
        Run::Body => quote!(#target.trace_body(
            ::core::marker::PhantomData::<#model>,
            #capture |#mutability #name| #output #body
        )),
        Run::Instead(method, None) => {
            let method = quote::format_ident!("{method}_body");
            quote!(#target.#method(
                ::core::marker::PhantomData::<#model>,
                #capture |#mutability #name| #output #body
            ))
        }
    };
    let run = match &rewriter.questions {
        Some(questions) => question::stopped(run, questions),
        None => run,
    };
    Rewritten { run, before }
}

/// The handles of a model. Every token is at the model's name, so that an error in it is one error wherever
/// the type is used.
fn sites(model: &Type) -> TokenStream {
    quote_spanned!(Extent::of(model).first=> <#model as ::nnsight::Inspectable>::Sites)
}

fn receiver(target: &Expr) -> TokenStream {
    match target {
        Expr::Path(_)
        | Expr::Field(_)
        | Expr::MethodCall(_)
        | Expr::Call(_)
        | Expr::Paren(_)
        | Expr::Index(_) => target.to_token_stream(),
        _ => quote!((#target)),
    }
}

/// Whether a body gives `()` by its text.
fn saves_nothing(body: &Expr) -> bool {
    struct Exits(bool);
    impl VisitMut for Exits {
        fn visit_expr_return_mut(&mut self, _: &mut ExprReturn) {
            self.0 = true;
        }
        fn visit_expr_closure_mut(&mut self, _: &mut ExprClosure) {}
        fn visit_item_mut(&mut self, _: &mut Item) {}
    }
    let mut exits = Exits(false);
    exits.visit_expr_mut(&mut body.clone());
    !exits.0 && is_unit(body)
}

fn is_unit(expr: &Expr) -> bool {
    match expr {
        Expr::Block(block) => match block.block.stmts.last() {
            None | Some(Stmt::Local(_) | Stmt::Item(_) | Stmt::Expr(_, Some(_))) => true,
            Some(Stmt::Expr(expr, None)) => is_unit(expr),
            Some(Stmt::Macro(_)) => false,
        },
        Expr::Assign(_) | Expr::ForLoop(_) | Expr::While(_) => true,
        _ => false,
    }
}

/// A warning on stable Rust: the use of something deprecated, where the result of the body is missing.
fn saves_nothing_warning(end: Span) -> TokenStream {
    let name = Ident::new("trace_without_result", Span::mixed_site().located_at(end));
    quote!(
        #[deprecated(note = "this trace saves nothing: return what you want to keep, as `value.save()`")]
        const fn #name() {}
        #name();
    )
}
