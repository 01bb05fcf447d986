//! `let mut h = m.layer1.output; h[.., 0] = 0.0;`, which in Python edits the model. Here `h` is a copy, and an edit of it
//! that nothing reads is a mistake.

use super::assign::is_assignment;
use super::expr::{bare, variable};
use super::rewrite::Rewriter;
use super::text::text;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::{Expr, ExprAssign, ExprBinary, Local, Pat, Stmt};

impl Rewriter {
    /// Remembers the variables of a block that are changed in part, and never read.
    pub fn note_copies(&mut self, stmts: &[Stmt]) {
        for (i, stmt) in stmts.iter().enumerate() {
            let Stmt::Local(Local {
                pat: Pat::Ident(pat), ..
            }) = stmt
            else {
                continue;
            };
            let mut changes = Changes {
                of: &pat.ident,
                first: None,
                count: 0,
            };
            let rest = &stmts[i + 1..];
            rest.iter().for_each(|stmt| changes.visit_stmt(stmt));
            let named = rest
                .iter()
                .map(|stmt| named(stmt.to_token_stream(), &pat.ident))
                .sum::<usize>();
            if let Some(at) = changes.first
                && named == changes.count
            {
                let mut name = pat.ident.clone();
                name.set_span(at);
                self.copies.push(name);
            }
        }
    }

    /// Warns where such a variable is the copy of a site.
    pub fn warn_of_copy(&mut self, local: &Local) {
        let (Pat::Ident(pat), Some(init)) = (&local.pat, &local.init) else {
            return;
        };
        let Some(found) = self.copies.iter().position(|name| *name == pat.ident) else {
            return;
        };
        let copy = self.copies.swap_remove(found);
        if variable(&init.expr).is_some() || self.scope.place(&init.expr).is_none() {
            return;
        }
        let site = text(&init.expr);
        let note = format!(
            "`{copy}` is a copy of {site}, and nothing reads what is written into it: \
             to edit the model write `{site}[..] = ..`"
        );
        let name = Ident::new("edit_of_a_copy", Span::mixed_site().located_at(copy.span()));
        self.warnings.push(quote!(
            const _: () = {
                #[deprecated(note = #note)]
                const fn #name() {}
                #name()
            };
        ));
    }
}

/// `h[..] = x` and `h[..] += x`.
struct Changes<'a> {
    of: &'a Ident,
    first: Option<Span>,
    count: usize,
}

impl Changes<'_> {
    fn change(&mut self, left: &Expr) {
        let Expr::Index(index) = bare(left) else { return };
        if let Some(name) = variable(&index.expr).filter(|name| *name == self.of) {
            self.first.get_or_insert(name.span());
            self.count += 1;
        }
    }
}

impl<'ast> Visit<'ast> for Changes<'_> {
    fn visit_expr_assign(&mut self, assign: &'ast ExprAssign) {
        self.change(&assign.left);
        visit::visit_expr_assign(self, assign);
    }
    fn visit_expr_binary(&mut self, binary: &'ast ExprBinary) {
        if is_assignment(&binary.op) {
            self.change(&binary.left);
        }
        visit::visit_expr_binary(self, binary);
    }
}

/// How often a name stands in tokens.
fn named(tokens: TokenStream, name: &Ident) -> usize {
    let count = |token| match token {
        TokenTree::Ident(ident) => usize::from(ident == *name),
        TokenTree::Group(group) => named(group.stream(), name),
        _ => 0,
    };
    tokens.into_iter().map(count).sum()
}
