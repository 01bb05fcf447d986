//! `=`, `+=` and their kin, on sites and gradients, on parts of them and on parts of values.

use super::emit::{self, Extent};
use super::expr::{bare, is_full, variable};
use super::rewrite::Rewriter;
use proc_macro2::{Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit_mut::VisitMut;
use syn::{BinOp, Expr, ExprAssign, ExprBinary, ExprIndex};

/// What stands left of an assignment.
enum Target<'a> {
    /// A site or a gradient, or all of one.
    Place(&'a mut Expr),
    /// A part of a site or of a gradient.
    PartOfPlace(&'a mut ExprIndex),
    /// A part of a value that a variable holds.
    PartOfVariable(&'a mut ExprIndex),
    /// A part of a value that is in something else.
    Part(&'a mut ExprIndex),
}

/// What is done to it.
pub enum Written<'a> {
    /// `= value`
    New(&'a mut Expr),
    /// `+= value`, with the operator `+`
    Changed(TokenStream, &'a mut Expr),
}

impl Rewriter {
    /// `left = right`. None if it is plain Rust.
    pub fn assign(&mut self, expr: &mut ExprAssign) -> Option<TokenStream> {
        let last = Extent::of(expr).last;
        if self.is_several(&expr.left) {
            let written = Written::New(&mut expr.right);
            return Some(self.write_several(&mut expr.left, written, expr.eq_token.span, last));
        }
        match self.target(&mut expr.left) {
            Some(target) => {
                Some(self.written(target, Written::New(&mut expr.right), expr.eq_token.span, last))
            }
            None => {
                self.place_of_plain(&mut expr.left);
                self.visit_expr_mut(&mut expr.right);
                None
            }
        }
    }

    /// `left op= right`. None if it is plain Rust.
    pub fn assign_op(&mut self, expr: &mut ExprBinary) -> Option<TokenStream> {
        let last = Extent::of(expr).last;
        let op = operator(&expr.op).map(|op| (Extent::of(&op).first, op));
        if let Some((at, op)) = op.clone()
            && self.is_several(&expr.left)
        {
            let written = Written::Changed(op, &mut expr.right);
            return Some(self.write_several(&mut expr.left, written, at, last));
        }
        let target = op.as_ref().and_then(|_| self.target(&mut expr.left));
        match (op, target) {
            (Some((at, op)), Some(target)) => {
                Some(self.written(target, Written::Changed(op, &mut expr.right), at, last))
            }
            _ => {
                match is_assignment(&expr.op) {
                    true => self.place_of_plain(&mut expr.left),
                    false => self.visit_expr_mut(&mut expr.left),
                }
                self.visit_expr_mut(&mut expr.right);
                None
            }
        }
    }

    fn target<'a>(&self, left: &'a mut Expr) -> Option<Target<'a>> {
        if self.is_chain(left) {
            return Some(Target::Place(left));
        }
        match left {
            Expr::Paren(expr) => self.target(&mut expr.expr),
            Expr::Group(expr) => self.target(&mut expr.expr),
            // All of a slice cannot be assigned to, so `x[..] = ` is of a value.
            Expr::Index(part) if self.scope.is_ours(&part.expr, &part.index) || is_full(&part.index) => {
                Some(if is_full(&part.index) && self.is_chain(&part.expr) {
                    Target::Place(&mut part.expr)
                } else if self.scope.place(&part.expr).is_some() {
                    Target::PartOfPlace(part)
                } else if variable(&part.expr).is_some() {
                    Target::PartOfVariable(part)
                } else {
                    Target::Part(part)
                })
            }
            _ => None,
        }
    }

    /// The call that writes. The value is known before anything is written.
    fn written(&mut self, target: Target, written: Written, op: Span, last: Span) -> TokenStream {
        self.check(&target, &written);
        match target {
            Target::Place(site) => self.write_place(site, written, op, last),
            Target::PartOfPlace(part) => self.write_part_of_place(part, written, op, last),
            Target::PartOfVariable(part) => self.write_part_of_variable(part, written, op, last),
            Target::Part(part) => self.write_part(part, written, op, last),
        }
    }

    /// `PLACE.set(value)`
    fn write_place(&mut self, site: &mut Expr, written: Written, op: Span, last: Span) -> TokenStream {
        let is_gradient = self.is_gradient(site);
        self.writes_whole |= !is_gradient;
        let extent = Extent::of(site);
        let place = self.place_tokens(site);
        if let Written::New(_) = written {
            let value = self.value(written, TokenStream::new());
            return emit::method(receiver(site, place), "set", op, value, last);
        }
        let name = emit::variable("site", extent);
        let value = self.value(written, emit::read(&name, extent));
        let set = emit::method(bound(&name, extent, is_gradient), "set", op, value, last);
        emit::bind(&name, place, set)
    }

    /// `PLACE.set_at(index, value)`
    fn write_part_of_place(
        &mut self,
        part: &mut ExprIndex,
        written: Written,
        op: Span,
        last: Span,
    ) -> TokenStream {
        let (extent, part_last) = (Extent::of(&part.expr), Extent::of(part).last);
        let index_extent = Extent::of(&part.index);
        let is_gradient = self.is_gradient(&part.expr);
        let place = self.place_tokens(&mut part.expr);
        let index = self.index_tuple(&mut part.index);
        if let Written::New(_) = written {
            let value = self.value(written, TokenStream::new());
            return emit::method(
                receiver(&part.expr, place),
                "set_at",
                op,
                quote!(#index, #value),
                last,
            );
        }
        let (name, index_name) = (
            emit::variable("site", extent),
            emit::variable("index", index_extent),
        );
        let at = emit::cloned(&index_name, index_extent);
        let old = emit::method(
            emit::read(&name, extent),
            "at",
            extent.last,
            at.clone(),
            part_last,
        );
        let value = self.value(written, old);
        let set = emit::method(
            bound(&name, extent, is_gradient),
            "set_at",
            op,
            quote!(#at, #value),
            last,
        );
        emit::bind(&name, place, emit::bind(&index_name, index, set))
    }

    /// `v.set_at(index, value)`. The value may read `v`.
    fn write_part_of_variable(
        &mut self,
        part: &mut ExprIndex,
        written: Written,
        op: Span,
        last: Span,
    ) -> TokenStream {
        let (extent, part_last) = (Extent::of(&part.expr), Extent::of(part).last);
        let index_extent = Extent::of(&part.index);
        let variable = &part.expr;
        let index = self.index_tuple(&mut part.index);
        if let Written::New(_) = written {
            let value = self.value(written, TokenStream::new());
            return emit::method(variable, "set_at", op, quote!(#index, #value), last);
        }
        let index_name = emit::variable("index", index_extent);
        let at = emit::cloned(&index_name, index_extent);
        let old = emit::method(variable, "at", extent.last, at.clone(), part_last);
        let value = self.value(written, old);
        let set = emit::method(variable, "set_at", op, quote!(#at, #value), last);
        emit::bind(&index_name, index, set)
    }

    /// `BASE.set_at(index, value)`. The value may read what the base is in, so it comes first.
    fn write_part(&mut self, part: &mut ExprIndex, written: Written, op: Span, last: Span) -> TokenStream {
        let (extent, part_last) = (Extent::of(&part.expr), Extent::of(part).last);
        let index_extent = Extent::of(&part.index);
        self.place_of_plain(&mut part.expr);
        let base = &part.expr;
        let index = self.index_tuple(&mut part.index);
        let (place, index_name) = (
            emit::variable("place", extent),
            emit::variable("index", index_extent),
        );
        if let Written::New(value) = &written {
            let new = emit::variable("value", Extent::of(value));
            let value = self.value(written, TokenStream::new());
            return emit::bind(
                &new,
                value,
                emit::method(base, "set_at", op, quote!(#index, #new), last),
            );
        }
        let at = emit::cloned(&index_name, index_extent);
        let old = emit::method(&place, "at", extent.last, at.clone(), part_last);
        let value = self.value(written, old);
        let set = emit::method(&place, "set_at", op, quote!(#at, #value), last);
        let borrowed = quote_spanned!(extent.first=> &mut #base);
        emit::bind(&place, borrowed, emit::bind(&index_name, index, set))
    }

    fn is_gradient(&self, place: &Expr) -> bool {
        self.scope
            .place(place)
            .is_some_and(|place| place.gradient.is_some())
    }

    /// What is written, where `old` is what was there.
    fn value(&mut self, written: Written, old: TokenStream) -> TokenStream {
        match written {
            Written::New(value) => {
                self.visit_expr_mut(value);
                value.to_token_stream()
            }
            Written::Changed(op, value) => {
                self.visit_expr_mut(value);
                let value = operand(value);
                quote!(#old #op #value)
            }
        }
    }

    fn check(&mut self, target: &Target, written: &Written) {
        let (Written::New(value) | Written::Changed(_, value)) = written;
        match target {
            Target::Place(site) => self.check_written(site, value),
            Target::PartOfPlace(part) | Target::PartOfVariable(part) | Target::Part(part) => {
                self.check_index(&part.expr, &part.index);
                self.check_written(&part.expr, value);
            }
        }
    }
}

/// The place as the receiver of a call: `*s` binds weaker than that.
fn receiver(expr: &Expr, place: TokenStream) -> TokenStream {
    match bare(expr) {
        Expr::Path(_) | Expr::Unary(_) => emit::call(&TokenStream::new(), place, Extent::of(expr)),
        _ => place,
    }
}

/// The variable that a place is bound to, as the receiver of a call. Some gradients refuse to be written.
fn bound(name: &Ident, place: Extent, is_gradient: bool) -> TokenStream {
    match is_gradient {
        true => emit::receiver(name, place),
        false => name.to_token_stream(),
    }
}

/// Whether an operator changes what stands left of it.
pub fn is_assignment(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::RemAssign(_)
            | BinOp::BitAndAssign(_)
            | BinOp::BitOrAssign(_)
            | BinOp::BitXorAssign(_)
            | BinOp::ShlAssign(_)
            | BinOp::ShrAssign(_)
    )
}

/// `+` for `+=`, at the place of the user's operator.
fn operator(op: &BinOp) -> Option<TokenStream> {
    let mut puncts: Vec<Punct> = op
        .to_token_stream()
        .into_iter()
        .filter_map(|token| match token {
            TokenTree::Punct(punct) => Some(punct),
            _ => None,
        })
        .collect();
    puncts.pop().filter(|_| is_assignment(op))?;
    let last = puncts.pop()?;
    let mut end = Punct::new(last.as_char(), Spacing::Alone);
    end.set_span(last.span());
    Some(puncts.into_iter().chain([end]).map(TokenTree::Punct).collect())
}

/// The right side as an operand: in parentheses unless it is one already.
pub fn operand(right: &Expr) -> TokenStream {
    match bare(right) {
        Expr::Lit(_) | Expr::Path(_) | Expr::Call(_) | Expr::MethodCall(_) | Expr::Field(_) => {
            right.to_token_stream()
        }
        _ => emit::call(&TokenStream::new(), right.to_token_stream(), Extent::of(right)),
    }
}
