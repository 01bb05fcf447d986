//! Before syn: `x[.., 3]` is no Rust, since an index is one expression, so the inside of an index with a comma
//! gets parentheses: `x[(.., 3)]`. Arrays, attributes, types and unknown macros stay as they are.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use std::ops::Range;

/// Macros whose arguments are expressions: inside of them the rules of the body hold.
const EXPRESSION_MACROS: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "dbg",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "eprint",
    "eprintln",
    "format",
    "format_args",
    "panic",
    "print",
    "println",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// Keywords that can stand before `[` where an array begins. `self` and `await` end an expression.
const KEYWORDS: &[&str] = &[
    "as", "async", "box", "break", "const", "continue", "do", "dyn", "else", "enum", "extern", "fn", "for",
    "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "static",
    "struct", "trait", "type", "unsafe", "use", "where", "while", "yield",
];

/// Whether the macro of this name takes expressions.
pub fn takes_expressions(name: &Ident) -> bool {
    EXPRESSION_MACROS.iter().any(|known| name == known)
}

/// The same tokens, with each index that has a comma in parentheses.
pub fn wrap_indices(tokens: TokenStream) -> TokenStream {
    wrap(tokens, &|_, _| true)
}

/// The same for tokens that may be of no expression: only where the index has a range, or is of a variable that is known.
pub fn wrap_where(tokens: TokenStream, is_known: &dyn Fn(&Ident) -> bool) -> TokenStream {
    wrap(tokens, &|before, index| {
        let tokens: Vec<TokenTree> = index.clone().into_iter().collect();
        let has_range = tokens
            .windows(2)
            .any(|two| two.iter().all(|token| is_punct(token, '.')));
        has_range || head(before).is_some_and(is_known)
    })
}

/// Whether what stands in brackets after some tokens is an index.
type IsIndex<'a> = &'a dyn Fn(&[TokenTree], &TokenStream) -> bool;

fn wrap(tokens: TokenStream, is_index: IsIndex) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let wrapped = (0..tokens.len()).map(|i| match &tokens[i] {
        TokenTree::Group(group) => TokenTree::Group(wrap_group(group, &tokens[..i], is_index)),
        other => other.clone(),
    });
    wrapped.collect()
}

fn wrap_group(group: &Group, before: &[TokenTree], is_index: IsIndex) -> Group {
    if is_opaque(before) {
        return group.clone();
    }
    let mut inside = wrap(group.stream(), is_index);
    let may_index = group.delimiter() == Delimiter::Bracket && ends_expression(before);
    let has_comma = || inside.clone().into_iter().any(|token| is_punct(&token, ','));
    if may_index && has_comma() && is_index(before, &inside) {
        let mut tuple = Group::new(Delimiter::Parenthesis, inside);
        tuple.set_span(group.span());
        inside = TokenTree::Group(tuple).into();
    }
    let mut wrapped = Group::new(group.delimiter(), inside);
    wrapped.set_span(group.span());
    wrapped
}

/// Whether a token is an index of several axes, as [`wrap_indices`] writes it.
pub fn is_wrapped(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else {
        return false;
    };
    let inside: Vec<TokenTree> = group.stream().into_iter().collect();
    let is_tuple = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis);
    group.delimiter() == Delimiter::Bracket && matches!(inside.as_slice(), [one] if is_tuple(one))
}

/// The first name of the expression that ends with these tokens: `m` of `m.h[0].f()?`.
fn head(before: &[TokenTree]) -> Option<&Ident> {
    match before {
        [.., dot, range, TokenTree::Ident(name)] if is_punct(dot, '.') && is_punct(range, '.') => Some(name),
        [before @ .., dot, TokenTree::Ident(_) | TokenTree::Literal(_)] if is_punct(dot, '.') => head(before),
        [before @ .., TokenTree::Group(_)] => head(before),
        [before @ .., question] if is_punct(question, '?') => head(before),
        [.., TokenTree::Ident(name)] => Some(name),
        _ => None,
    }
}

/// Where the expression of names, fields, calls and indices that begins with a token ends.
pub fn chain(tokens: &[TokenTree], first: usize) -> Range<usize> {
    let mut end = match &tokens[first] {
        TokenTree::Ident(name) if !is_keyword(name) => first + 1,
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => first + 1,
        _ => return first..first,
    };
    let separated = |at: usize, by: char| tokens.get(at).is_some_and(|token| is_punct(token, by));
    loop {
        end += match &tokens[end..] {
            [TokenTree::Group(group), ..] if group.delimiter() != Delimiter::Brace => 1,
            [_, TokenTree::Ident(_) | TokenTree::Literal(_), ..] if separated(end, '.') => 2,
            [_, _, TokenTree::Ident(_), ..] if separated(end, ':') && separated(end + 1, ':') => 3,
            [_, ..] if separated(end, '?') => 1,
            _ => return first..end,
        };
    }
}

/// Whether a group after these tokens is an attribute, or what an unknown macro is given.
fn is_opaque(before: &[TokenTree]) -> bool {
    match before {
        [.., hash] if is_punct(hash, '#') => true,
        [.., hash, bang] if is_punct(hash, '#') && is_punct(bang, '!') => true,
        [.., TokenTree::Ident(name), bang] if is_punct(bang, '!') => {
            !is_keyword(name) && !takes_expressions(name)
        }
        _ => false,
    }
}

/// Whether `[` after these tokens indexes what they say.
fn ends_expression(before: &[TokenTree]) -> bool {
    match before {
        [.., quote, TokenTree::Ident(_)] if is_punct(quote, '\'') => false,
        [.., TokenTree::Ident(name)] => !is_keyword(name),
        [.., TokenTree::Literal(_)] => true,
        [.., TokenTree::Punct(punct)] => punct.as_char() == '?',
        [head @ .., TokenTree::Group(group)] => match group.delimiter() {
            Delimiter::Parenthesis | Delimiter::None => true,
            Delimiter::Bracket => !is_attribute(head),
            Delimiter::Brace => false,
        },
        [] => false,
    }
}

fn is_attribute(before: &[TokenTree]) -> bool {
    match before {
        [.., hash] if is_punct(hash, '#') => true,
        [.., hash, bang] => is_punct(hash, '#') && is_punct(bang, '!'),
        _ => false,
    }
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn is_keyword(name: &Ident) -> bool {
    KEYWORDS.iter().any(|keyword| name == keyword)
}
