//! The walk over the body: what is read, and the blocks in which variables live. Assignments are in `assign`,
//! indices in `index`, method calls and macros in `call`. Everything else stays what it is.

use super::backward::Gradients;
use super::check::Checks;
use super::emit::{self, Extent};
use super::expr::bare;
use super::function;
use super::scope::{Kind, Scope};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
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
    /// Whether something is left to types.
    pub finds: bool,
    /// Whether types must say what a comparison is of.
    pub compares: bool,
    /// Variables that hold copies of sites and are changed, and nothing else: where, and what they are called.
    pub copies: Vec<Ident>,
    /// Where the body asks with `?`, if that leaves the function around the trace.
    pub questions: Option<Vec<Span>>,
    /// What rustc is to warn of.
    pub warnings: Vec<TokenStream>,
}

impl Rewriter {
    /// A walk that has seen nothing yet.
    pub fn new(gradients: Gradients) -> Self {
        Rewriter {
            scope: Scope::new(),
            checks: Checks::default(),
            gradients,
            writes_whole: false,
            steps: None,
            finds: false,
            compares: false,
            copies: Vec::new(),
            questions: None,
            warnings: Vec::new(),
        }
    }

    /// The items that stand before what was walked.
    pub fn items(&mut self) -> Vec<TokenStream> {
        let mut items = std::mem::take(&mut self.checks.items);
        if self.writes_whole {
            // A module with several outputs has a tuple of sites, which has no `set` of its own.
            items.push(quote!(
                #[allow(unused_imports)]
                use ::nnsight::__private::Write as _;
            ));
        }
        if self.finds {
            items.push(quote!(
                #[allow(unused_imports)]
                use ::nnsight::__private::{
                    FindPlain as _, FindSite as _, IndexOnce as _, IndexOurs as _, IndexPlain as _,
                    IndexTwice as _,
                };
            ));
        }
        if self.compares {
            items.push(quote!(
                #[allow(unused_imports)]
                use ::nnsight::__private::{ComparePlain as _, CompareValues as _};
            ));
        }
        items.append(&mut self.warnings);
        items
    }
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
                if let Some(tokens) = self.compare(binary).or_else(|| self.assign_op(binary)) {
                    *expr = Expr::Verbatim(tokens);
                }
            }
            Expr::Reference(reference) if self.scope.is_guess(&reference.expr) => {
                self.place(&mut reference.expr)
            }
            Expr::Reference(reference) if self.is_chain(&reference.expr) => self.place(&mut reference.expr),
            Expr::Reference(reference) if matches!(bare(&reference.expr), Expr::Index(_)) => {
                self.place_of_plain(&mut reference.expr);
            }
            Expr::Index(index) => {
                if let Some(tokens) = self.index(index) {
                    *expr = Expr::Verbatim(tokens);
                }
            }
            Expr::Field(_) if self.scope.is_guess(expr) => *expr = Expr::Verbatim(self.found_end(expr)),
            Expr::MethodCall(_) | Expr::Field(_) | Expr::Unary(_) if self.is_chain(expr) => {
                let extent = Extent::of(expr);
                let site = self.place_tokens(expr);
                *expr = Expr::Verbatim(emit::read(site, extent));
            }
            Expr::Field(field) if self.scope.module(&field.base).is_some() => self.module(&mut field.base),
            Expr::MethodCall(call) => self.method_call(call),
            Expr::Macro(expr) => self.macro_call(&mut expr.mac),
            Expr::Try(question) => {
                if let Some(tokens) = self.question(question) {
                    *expr = Expr::Verbatim(tokens);
                }
            }
            Expr::Return(returned) => self.leave(returned),
            Expr::Async(_) => self.inside(|this| visit_mut::visit_expr_mut(this, expr)),
            _ => visit_mut::visit_expr_mut(self, expr),
        }
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        self.scope.enter();
        self.note_copies(&block.stmts);
        visit_mut::visit_block_mut(self, block);
        self.scope.leave();
    }

    fn visit_local_mut(&mut self, local: &mut Local) {
        let kind = local.init.as_ref().and_then(|init| self.scope.kind(&init.expr));
        self.warn_of_copy(local);
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

    fn visit_item_mut(&mut self, item: &mut Item) {
        // Items see none of the trace's variables. A function's own sites are written as those of the trace are.
        if let Item::Fn(function) = item {
            function::rewrite(function);
        }
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
        self.condition(&mut expr.cond);
        self.visit_block_mut(&mut expr.then_branch);
        self.scope.leave();
        if let Some((_, otherwise)) = &mut expr.else_branch {
            self.visit_expr_mut(otherwise);
        }
    }

    fn visit_expr_while_mut(&mut self, expr: &mut ExprWhile) {
        self.scope.enter();
        self.condition(&mut expr.cond);
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
        self.inside(|this| this.visit_expr_mut(&mut closure.body));
        self.scope.leave();
    }
}
