//! Numbers in indices: what they are, and of which type.

use super::expr::bare;
use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Expr, Lit, LitInt, UnOp};

/// `3` or `-3`.
pub fn value(expr: &Expr) -> Option<i64> {
    match bare(expr) {
        Expr::Lit(lit) => match &lit.lit {
            Lit::Int(int) => int.base10_parse().ok(),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => value(&unary.expr)?.checked_neg(),
        _ => None,
    }
}

/// A number at a place.
pub fn tokens(number: i64, span: Span) -> TokenStream {
    let mut digits = Literal::u64_unsuffixed(number.unsigned_abs());
    digits.set_span(span);
    if number < 0 {
        quote_spanned!(span=> -#digits)
    } else {
        digits.into_token_stream()
    }
}

/// `3` becomes `3i64`, and `0..4` becomes `0i64..4i64`; `0..n` is left to the type of `n`.
pub fn suffix(entry: &mut Expr) {
    match entry {
        Expr::Paren(expr) => suffix(&mut expr.expr),
        Expr::Group(expr) => suffix(&mut expr.expr),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => suffix(&mut unary.expr),
        Expr::Lit(lit) => {
            if let Lit::Int(int) = &lit.lit
                && int.suffix().is_empty()
                && int.base10_parse::<i64>().is_ok()
            {
                lit.lit = Lit::Int(LitInt::new(&format!("{}i64", int.base10_digits()), int.span()));
            }
        }
        Expr::Range(range) => {
            let bounds = [&mut range.start, &mut range.end];
            if bounds
                .iter()
                .all(|bound| bound.as_deref().is_none_or(|bound| value(bound).is_some()))
            {
                bounds.into_iter().flatten().for_each(|bound| suffix(bound));
            }
        }
        _ => {}
    }
}
