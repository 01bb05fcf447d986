//! The calls in `forward`, as far as its text shows them.
//!
//! It claims only what is certain: a module is called once if the text calls it exactly once, by its path from `self`, on the
//! straight line through `forward` (not in a branch, a loop or a closure, nor after a way out), and uses it in no other
//! way. A list of modules is, if such a line walks it from front to back and calls each item once. What the text uses in a
//! way that is not followed, as by a reference, may be called by that, and so may all that lies below.

use super::methods;
use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::visit_mut::{self, VisitMut};
use syn::{
    BinOp, Block, Expr, ExprForLoop, ExprLit, ExprMethodCall, Ident, ImplItemFn, Item, ItemImpl, Lit, Local,
    Macro, Member, Pat,
};

/// Fields that lead from `self` to something, as `["body", "wte"]`; a literal position in a list is its number.
type FieldPath = Vec<String>;

/// What the text of a forward shows of its calls.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// What it calls exactly once, first call first.
    pub once: Vec<FieldPath>,
    /// What it calls otherwise.
    pub perhaps: Vec<FieldPath>,
    /// What it uses in other ways; the empty path is `self`.
    pub reached: Vec<FieldPath>,
}

impl ToTokens for Order {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let paths = |paths: &[FieldPath]| {
            let paths = paths.iter().map(|path| quote!(&[#(#path),*]));
            quote!(&[#(#paths),*])
        };
        let (once, perhaps, reached) = (paths(&self.once), paths(&self.perhaps), paths(&self.reached));
        tokens.extend(quote! {
            ::nnsight::Order { once: #once, perhaps: #perhaps, reached: #reached }
        });
    }
}

/// What the text of `forward`, and of the methods that it calls, shows.
pub fn of_forward(block: &ItemImpl, forward: &ImplItemFn) -> Order {
    let mut walk = Walk {
        block: Some(block),
        visiting: vec![forward.sig.ident.clone()],
        straight: true,
        ..Walk::default()
    };
    walk.body(&forward.block);
    let mut order = Order::default();
    for Call { path, certain } in &walk.calls {
        let is_only = walk.calls.iter().filter(|call| call.path == *path).count() == 1;
        if *certain && is_only {
            order.once.push(path.clone());
        } else if !order.perhaps.contains(path) {
            order.perhaps.push(path.clone());
        }
    }
    for path in walk.reached {
        if !order.reached.contains(&path) {
            order.reached.push(path);
        }
    }
    order
}

/// A call of a module.
struct Call {
    path: FieldPath,
    /// Whether it happens exactly once.
    certain: bool,
}

/// A walk over a method in the order in which it is evaluated.
#[derive(Default)]
struct Walk<'a> {
    block: Option<&'a ItemImpl>,
    /// Methods that the walk is in: a recursion could reach anything.
    visiting: Vec<Ident>,
    /// Whether this is reached exactly once.
    straight: bool,
    /// Whether the method may be over by now.
    may_be_over: bool,
    calls: Vec<Call>,
    /// What is used for something else than a call that is understood.
    reached: Vec<FieldPath>,
    item: Option<ListItem>,
    /// Whether the innermost loop is one over something else than that item's list.
    in_other_loop: bool,
}

/// The variable of a loop over a list.
struct ListItem {
    name: Ident,
    /// Whether this is reached once in each turn of the loop.
    straight: bool,
    /// For each call of it, whether it happens in each turn.
    calls: Vec<bool>,
    /// Whether it is used for something else.
    touched: bool,
    /// Whether a turn may end early, or the loop.
    breaks: bool,
}

impl Walk<'_> {
    fn body(&mut self, block: &Block) {
        self.visit_block_mut(&mut block.clone());
    }

    /// Walks what may happen not at all, or more than once.
    fn perhaps(&mut self, walk: impl FnOnce(&mut Self)) {
        let straight = std::mem::replace(&mut self.straight, false);
        let in_turn = self
            .item
            .as_mut()
            .map(|item| std::mem::replace(&mut item.straight, false));
        walk(self);
        self.straight = straight;
        if let (Some(item), Some(in_turn)) = (&mut self.item, in_turn) {
            item.straight = in_turn;
        }
    }

    /// What a method of the same impl block touches; `None` if it is not there to be read.
    fn touch_method(&mut self, name: &Ident) {
        let method = self
            .block
            .and_then(|block| methods(block).find(|method| method.sig.ident == *name));
        let Some(method) = method.filter(|_| !self.visiting.contains(name)) else {
            self.reached.push(FieldPath::new());
            return;
        };
        let mut inner = Walk {
            block: self.block,
            visiting: self.visiting.clone(),
            ..Walk::default()
        };
        inner.visiting.push(name.clone());
        inner.body(&method.block);
        self.reached.extend(inner.reached);
        let calls = inner.calls.into_iter();
        self.calls.extend(calls.map(|call| Call {
            certain: false,
            ..call
        }));
    }

    /// Macros may do anything with what they are given.
    fn touch_tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (i, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.touch_tokens(group.stream()),
                TokenTree::Ident(ident) if ident == "self" => match (tokens.get(i + 1), tokens.get(i + 2)) {
                    (Some(TokenTree::Punct(dot)), Some(TokenTree::Ident(field))) if dot.as_char() == '.' => {
                        // It may be a method.
                        let is_method = matches!(tokens.get(i + 3), Some(TokenTree::Group(_)));
                        self.reached.push(match is_method {
                            true => FieldPath::new(),
                            false => vec![field.unraw().to_string()],
                        });
                    }
                    _ => self.reached.push(FieldPath::new()),
                },
                TokenTree::Punct(punct) => self.may_be_over |= punct.as_char() == '?',
                TokenTree::Ident(ident) => {
                    self.may_be_over |= ["return", "break", "continue"].contains(&&*ident.to_string());
                    if let Some(item) = &mut self.item {
                        item.touched |= *ident == item.name;
                    }
                }
                _ => {}
            }
        }
    }

    /// The loop over a list, if it is one: the body is walked with the list's item in sight.
    fn walk_list(&mut self, list: List, body: &mut Block) {
        let item = ListItem {
            name: list.item,
            straight: true,
            calls: Vec::new(),
            touched: false,
            breaks: false,
        };
        let outer = self.item.replace(item);
        let straight = std::mem::replace(&mut self.straight, false);
        let in_other_loop = std::mem::replace(&mut self.in_other_loop, false);
        self.visit_block_mut(body);
        (self.straight, self.in_other_loop) = (straight, in_other_loop);
        let Some(item) = std::mem::replace(&mut self.item, outer) else {
            return;
        };
        if item.touched {
            self.reached.push(list.path);
        } else if !item.calls.is_empty() {
            let each_once = item.calls == [true] && !item.breaks;
            let certain = list.from_front && each_once && straight && !self.may_be_over;
            self.calls.push(Call {
                path: list.path,
                certain,
            });
        }
    }

    /// A call of what a path leads to.
    fn call(&mut self, path: FieldPath) {
        let certain = self.straight && !self.may_be_over;
        self.calls.push(Call { path, certain });
    }

    /// Walks what has a way out of its own: a closure.
    fn apart(&mut self, walk: impl FnOnce(&mut Self)) {
        let may_be_over = self.may_be_over;
        self.perhaps(walk);
        self.may_be_over = may_be_over;
    }
}

impl VisitMut for Walk<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Path(path) => {
                if path.path.is_ident("self") {
                    self.reached.push(FieldPath::new());
                }
                if let Some(item) = &mut self.item {
                    item.touched |= path.path.is_ident(&item.name);
                }
            }
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_) | BinOp::Or(_)) => {
                self.visit_expr_mut(&mut binary.left);
                self.perhaps(|walk| walk.visit_expr_mut(&mut binary.right));
            }
            Expr::Assign(assign) => {
                self.visit_expr_mut(&mut assign.right);
                self.visit_expr_mut(&mut assign.left);
            }
            Expr::If(branch) => {
                self.visit_expr_mut(&mut branch.cond);
                self.perhaps(|walk| {
                    walk.visit_block_mut(&mut branch.then_branch);
                    if let Some((_, otherwise)) = &mut branch.else_branch {
                        walk.visit_expr_mut(otherwise);
                    }
                });
            }
            Expr::Match(choice) => {
                self.visit_expr_mut(&mut choice.expr);
                self.perhaps(|walk| choice.arms.iter_mut().for_each(|arm| walk.visit_arm_mut(arm)));
            }
            Expr::While(_) | Expr::Loop(_) => {
                let outer = std::mem::replace(&mut self.in_other_loop, true);
                self.perhaps(|walk| visit_mut::visit_expr_mut(walk, expr));
                self.in_other_loop = outer;
            }
            Expr::Closure(_) | Expr::Async(_) | Expr::Const(_) => {
                self.apart(|walk| visit_mut::visit_expr_mut(walk, expr));
            }
            Expr::Return(_) | Expr::Try(_) => {
                visit_mut::visit_expr_mut(self, expr);
                self.may_be_over = true;
            }
            Expr::Break(_) | Expr::Continue(_) => {
                visit_mut::visit_expr_mut(self, expr);
                let is_labelled = match expr {
                    Expr::Break(out) => out.label.is_some(),
                    Expr::Continue(out) => out.label.is_some(),
                    _ => false,
                };
                self.may_be_over |= is_labelled;
                if let Some(item) = &mut self.item {
                    item.breaks |= is_labelled || !self.in_other_loop;
                }
            }
            Expr::Field(_) | Expr::Index(_) => match path(expr) {
                Some(path) => self.reached.push(path),
                None => visit_mut::visit_expr_mut(self, expr),
            },
            _ => visit_mut::visit_expr_mut(self, expr),
        }
    }

    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        let forward = call.method == "forward";
        if forward && let Some(path) = path(&call.receiver).filter(|path| !path.is_empty()) {
            call.args.iter_mut().for_each(|arg| self.visit_expr_mut(arg));
            self.call(path);
            return;
        }
        match strip_mut(&mut call.receiver) {
            // An item of a list that only the run knows.
            Expr::Index(item) if forward && path(&item.expr).is_some_and(|path| !path.is_empty()) => {
                self.visit_expr_mut(&mut item.index);
                let list = path(&item.expr);
                call.args.iter_mut().for_each(|arg| self.visit_expr_mut(arg));
                self.calls.extend(list.map(|path| Call { path, certain: false }));
            }
            Expr::Path(path) if path.path.is_ident("self") => {
                let method = call.method.clone();
                call.args.iter_mut().for_each(|arg| self.visit_expr_mut(arg));
                self.touch_method(&method);
            }
            Expr::Path(path)
                if forward
                    && self
                        .item
                        .as_ref()
                        .is_some_and(|item| path.path.is_ident(&item.name)) =>
            {
                call.args.iter_mut().for_each(|arg| self.visit_expr_mut(arg));
                if let Some(item) = &mut self.item {
                    item.calls.push(item.straight);
                }
            }
            _ => visit_mut::visit_expr_method_call_mut(self, call),
        }
    }

    fn visit_expr_for_loop_mut(&mut self, each: &mut ExprForLoop) {
        match walked_list(&each.expr, &each.pat) {
            // A loop within a loop over a list would hide the outer item.
            Some(list) if self.item.is_none() => {
                // What the turns are limited by, if they are.
                if let Expr::MethodCall(call) = &mut *each.expr {
                    call.args.iter_mut().for_each(|arg| self.visit_expr_mut(arg));
                }
                self.walk_list(list, &mut each.body);
            }
            _ => {
                self.visit_expr_mut(&mut each.expr);
                let outer = std::mem::replace(&mut self.in_other_loop, true);
                self.perhaps(|walk| {
                    walk.visit_pat_mut(&mut each.pat);
                    walk.visit_block_mut(&mut each.body);
                });
                self.in_other_loop = outer;
            }
        }
    }

    fn visit_local_mut(&mut self, local: &mut Local) {
        if let Some(init) = &mut local.init {
            self.visit_expr_mut(&mut init.expr);
            if let Some((_, diverge)) = &mut init.diverge {
                self.perhaps(|walk| walk.visit_expr_mut(diverge));
            }
        }
        self.visit_pat_mut(&mut local.pat);
    }

    /// The item's name given to something else.
    fn visit_pat_ident_mut(&mut self, pat: &mut syn::PatIdent) {
        if let Some(item) = &mut self.item {
            item.touched |= pat.ident == item.name;
        }
        visit_mut::visit_pat_ident_mut(self, pat);
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        self.touch_tokens(call.tokens.clone());
        // What other macros write may return.
        let name = call.path.segments.last().map(|last| last.ident.to_string());
        self.may_be_over |= !name.is_some_and(|name| STANDARD.contains(&&*name));
    }

    /// Items within a method cannot see its `self`.
    fn visit_item_mut(&mut self, _: &mut Item) {}
}

/// Macros of the standard library: none of them returns from the function around it.
const STANDARD: [&str; 21] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "dbg",
    "print",
    "println",
    "eprint",
    "eprintln",
    "format",
    "write",
    "writeln",
    "matches",
    "panic",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "concat",
];

fn strip_mut(expr: &mut Expr) -> &mut Expr {
    match expr {
        Expr::Paren(paren) => strip_mut(&mut paren.expr),
        Expr::Group(group) => strip_mut(&mut group.expr),
        expr => expr,
    }
}

/// `["a", "b", "0"]` of `self.a.b[0]`; empty for `self`.
fn path(expr: &Expr) -> Option<FieldPath> {
    match expr {
        Expr::Path(path) => path.path.is_ident("self").then(FieldPath::new),
        Expr::Paren(paren) => path(&paren.expr),
        Expr::Group(group) => path(&group.expr),
        Expr::Field(field) => {
            let mut base = path(&field.base)?;
            base.push(match &field.member {
                Member::Named(name) => name.unraw().to_string(),
                Member::Unnamed(index) => index.index.to_string(),
            });
            Some(base)
        }
        Expr::Index(item) => {
            let mut base = path(&item.expr).filter(|base| !base.is_empty())?;
            let Expr::Lit(ExprLit {
                lit: Lit::Int(index), ..
            }) = &*item.index
            else {
                return None;
            };
            base.push(index.base10_digits().to_owned());
            Some(base)
        }
        _ => None,
    }
}

/// A loop over a list of modules.
struct List {
    path: FieldPath,
    item: Ident,
    /// Whether it takes every item, from front to back.
    from_front: bool,
}

/// `for block in &self.h`, `in self.h.iter()`, `for (i, block) in self.h.iter().enumerate()`; and in another order or not
/// all of them, `in self.h.iter().rev()`.
fn walked_list(expr: &Expr, pat: &Pat) -> Option<List> {
    let (expr, pat) = match (expr, pat) {
        (Expr::MethodCall(call), Pat::Tuple(tuple)) if call.method == "enumerate" => (
            &*call.receiver,
            tuple.elems.iter().nth(1).filter(|_| tuple.elems.len() == 2)?,
        ),
        whole => whole,
    };
    const OTHERWISE: [&str; 4] = ["rev", "skip", "take", "step_by"];
    let (expr, from_front) = match expr {
        Expr::MethodCall(call) if OTHERWISE.iter().any(|name| call.method == name) => {
            (&*call.receiver, false)
        }
        expr => (expr, true),
    };
    let list = match expr {
        Expr::Reference(reference) => &*reference.expr,
        Expr::MethodCall(call) if call.method == "iter" => &*call.receiver,
        _ => return None,
    };
    match pat {
        Pat::Ident(pat) if pat.subpat.is_none() => Some(List {
            path: path(list).filter(|path| !path.is_empty())?,
            item: pat.ident.clone(),
            from_front,
        }),
        _ => None,
    }
}
