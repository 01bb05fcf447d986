//! The order in which `forward` calls its children, as far as its text shows.
//!
//! It claims only what is certain: a child is in the list if the text calls it exactly once, on the straight
//! line through `forward` (not in a branch, a loop or a closure), and names it nowhere else. A list of
//! modules is in it if such a line walks it from front to back and calls each item once.

use super::methods;
use proc_macro2::{TokenStream, TokenTree};
use std::collections::HashSet;
use syn::ext::IdentExt;
use syn::visit_mut::{self, VisitMut};
use syn::{
    BinOp, Block, Expr, ExprField, ExprForLoop, ExprMethodCall, Ident, ImplItemFn, Item, ItemImpl, Local,
    Macro, Member, Pat,
};

/// The names of the children, first call first.
pub fn of_forward(block: &ItemImpl, forward: &ImplItemFn) -> Vec<String> {
    let mut walk = Walk {
        block: Some(block),
        visiting: vec![forward.sig.ident.clone()],
        straight: true,
        ..Walk::default()
    };
    walk.body(&forward.block);
    if walk.touched_all {
        return Vec::new();
    }
    let once = |name: &String| walk.calls.iter().filter(|call| call.child == *name).count() == 1;
    walk.calls
        .iter()
        .filter(|call| call.certain && once(&call.child) && !walk.touched.contains(&call.child))
        .map(|call| call.child.clone())
        .collect()
}

/// A call of a child.
struct Call {
    child: String,
    /// Whether it happens exactly once.
    certain: bool,
}

/// A walk over a method in the order in which it is evaluated.
#[derive(Default)]
struct Walk<'a> {
    block: Option<&'a ItemImpl>,
    /// Methods that the walk is in: a recursion could touch anything.
    visiting: Vec<Ident>,
    /// Whether this is reached exactly once.
    straight: bool,
    calls: Vec<Call>,
    /// Fields that are used for something else than a call that is understood.
    touched: HashSet<String>,
    /// Whether `self` as a whole goes somewhere.
    touched_all: bool,
    item: Option<ListItem>,
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
            self.touched_all = true;
            return;
        };
        let mut inner = Walk {
            block: self.block,
            visiting: self.visiting.clone(),
            ..Walk::default()
        };
        inner.visiting.push(name.clone());
        inner.body(&method.block);
        self.touched_all |= inner.touched_all;
        self.touched.extend(inner.touched);
        self.touched
            .extend(inner.calls.into_iter().map(|call| call.child));
    }

    /// Macros may do anything with what they are given.
    fn touch_tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (i, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.touch_tokens(group.stream()),
                TokenTree::Ident(ident) if ident == "self" => match (tokens.get(i + 1), tokens.get(i + 2)) {
                    (Some(TokenTree::Punct(dot)), Some(TokenTree::Ident(field))) if dot.as_char() == '.' => {
                        self.touched.insert(field.unraw().to_string());
                        // It may be a method.
                        self.touched_all |= matches!(tokens.get(i + 3), Some(TokenTree::Group(_)));
                    }
                    _ => self.touched_all = true,
                },
                TokenTree::Ident(ident) => {
                    if let Some(item) = &mut self.item {
                        item.touched |= *ident == item.name;
                    }
                }
                _ => {}
            }
        }
    }

    /// The loop over a list, if it is one: the body is walked with the list's item in sight.
    fn walk_list(&mut self, list: String, name: Ident, body: &mut Block) {
        let item = ListItem {
            name,
            straight: true,
            calls: Vec::new(),
            touched: false,
        };
        let outer = self.item.replace(item);
        let straight = std::mem::replace(&mut self.straight, false);
        self.visit_block_mut(body);
        self.straight = straight;
        let item = std::mem::replace(&mut self.item, outer);
        match item {
            Some(item) if item.calls == [true] && !item.touched => {
                self.calls.push(Call {
                    child: list,
                    certain: straight,
                });
            }
            _ => {
                self.touched.insert(list);
            }
        }
    }
}

impl VisitMut for Walk<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Path(path) => {
                self.touched_all |= path.path.is_ident("self");
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
            Expr::While(_) | Expr::Loop(_) | Expr::Closure(_) | Expr::Async(_) | Expr::Const(_) => {
                self.perhaps(|walk| visit_mut::visit_expr_mut(walk, expr));
            }
            _ => visit_mut::visit_expr_mut(self, expr),
        }
    }

    fn visit_expr_field_mut(&mut self, field: &mut ExprField) {
        match child(field) {
            Some(name) => {
                self.touched.insert(name);
            }
            None => visit_mut::visit_expr_field_mut(self, field),
        }
    }

    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        let forward = call.method == "forward";
        match &*call.receiver {
            Expr::Field(field) if forward && child(field).is_some() => {
                call.args.iter_mut().for_each(|arg| self.visit_expr_mut(arg));
                self.calls.extend(child(field).map(|child| Call {
                    child,
                    certain: self.straight,
                }));
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
            Some((list, name)) if self.item.is_none() => self.walk_list(list, name, &mut each.body),
            _ => {
                self.visit_expr_mut(&mut each.expr);
                self.perhaps(|walk| {
                    walk.visit_pat_mut(&mut each.pat);
                    walk.visit_block_mut(&mut each.body);
                });
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
    }

    /// Items within a method cannot see its `self`.
    fn visit_item_mut(&mut self, _: &mut Item) {}
}

/// `name` of `self.name`.
fn child(field: &ExprField) -> Option<String> {
    match (&*field.base, &field.member) {
        (Expr::Path(base), Member::Named(name)) if base.path.is_ident("self") => {
            Some(name.unraw().to_string())
        }
        _ => None,
    }
}

/// The list and the variable of a loop from front to back: `for block in &self.h`, `in self.h.iter()`, or
/// `for (i, block) in self.h.iter().enumerate()`.
fn walked_list(expr: &Expr, pat: &Pat) -> Option<(String, Ident)> {
    let (expr, pat) = match (expr, pat) {
        (Expr::MethodCall(call), Pat::Tuple(tuple)) if call.method == "enumerate" => (
            &*call.receiver,
            tuple.elems.iter().nth(1).filter(|_| tuple.elems.len() == 2)?,
        ),
        whole => whole,
    };
    let list = match expr {
        Expr::Reference(reference) => &*reference.expr,
        Expr::MethodCall(call) if call.method == "iter" => &*call.receiver,
        _ => return None,
    };
    match (list, pat) {
        (Expr::Field(field), Pat::Ident(pat)) if pat.subpat.is_none() => {
            Some((child(field)?, pat.ident.clone()))
        }
        _ => None,
    }
}
