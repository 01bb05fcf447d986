//! What the text of an expression says by itself.

use super::path::end_named;
use syn::{Expr, Ident, Member, RangeLimits};

/// The expression without parentheses.
pub fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(expr) => bare(&expr.expr),
        Expr::Group(expr) => bare(&expr.expr),
        expr => expr,
    }
}

/// The variable that an expression is.
pub fn variable(expr: &Expr) -> Option<&Ident> {
    match bare(expr) {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident(),
        _ => None,
    }
}

/// `..`
pub fn is_full(expr: &Expr) -> bool {
    matches!(bare(expr), Expr::Range(range)
        if range.start.is_none() && range.end.is_none() && matches!(range.limits, RangeLimits::HalfOpen(_)))
}

pub fn is_end(member: &Member) -> bool {
    matches!(member, Member::Named(name) if end_named(name).is_some())
}

pub fn is_self(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Field(field) => is_self(&field.base),
        expr => variable(expr).is_some_and(|name| name == "self"),
    }
}
