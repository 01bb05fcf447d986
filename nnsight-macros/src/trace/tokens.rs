//! Before syn: `x[.., 3]` is no Rust, since an index is one expression, so the inside of an index with a comma
//! gets parentheses: `x[(.., 3)]`. Arrays, attributes, types and unknown macros stay as they are.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

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
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let wrapped = (0..tokens.len()).map(|i| match &tokens[i] {
        TokenTree::Group(group) => TokenTree::Group(wrap_group(group, &tokens[..i])),
        other => other.clone(),
    });
    wrapped.collect()
}

fn wrap_group(group: &Group, before: &[TokenTree]) -> Group {
    if is_opaque(before) {
        return group.clone();
    }
    let mut inside = wrap_indices(group.stream());
    let is_index = group.delimiter() == Delimiter::Bracket && ends_expression(before);
    if is_index && inside.clone().into_iter().any(|token| is_punct(&token, ',')) {
        let mut tuple = Group::new(Delimiter::Parenthesis, inside);
        tuple.set_span(group.span());
        inside = TokenTree::Group(tuple).into();
    }
    let mut wrapped = Group::new(group.delimiter(), inside);
    wrapped.set_span(group.span());
    wrapped
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
