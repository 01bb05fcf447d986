//! The user's code as they wrote it, for messages.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// `m.h[-1].output.grad`, with spaces where a person would put them.
pub fn text(code: &impl ToTokens) -> String {
    of_tokens(code.to_token_stream())
}

fn of_tokens(tokens: TokenStream) -> String {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut text = String::new();
    for (i, token) in tokens.iter().enumerate() {
        if has_space_before(token, &tokens[..i]) {
            text.push(' ');
        }
        match token {
            TokenTree::Group(group) => text.push_str(&of_group(group)),
            token => text.push_str(&token.to_string()),
        }
    }
    text
}

fn of_group(group: &Group) -> String {
    let inside = group.stream();
    match group.delimiter() {
        Delimiter::Parenthesis => format!("({})", of_tokens(inside)),
        Delimiter::Brace => format!("{{ {} }}", of_tokens(inside)),
        Delimiter::Bracket => format!("[{}]", of_tokens(index(inside))),
        Delimiter::None => of_tokens(inside),
    }
}

/// What the user wrote as an index: several entries got parentheses from [`super::tokens`].
fn index(inside: TokenStream) -> TokenStream {
    let mut tokens = inside.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::Parenthesis => {
            group.stream()
        }
        _ => inside,
    }
}

fn has_space_before(token: &TokenTree, before: &[TokenTree]) -> bool {
    let Some((previous, head)) = before.split_last() else {
        return false;
    };
    match (previous, token) {
        (_, TokenTree::Punct(punct)) if [',', ';', '?'].contains(&punct.as_char()) => false,
        (TokenTree::Punct(comma), _) if [',', ';'].contains(&comma.as_char()) => true,
        (_, TokenTree::Punct(punct)) if ['.', ':'].contains(&punct.as_char()) => false,
        (TokenTree::Punct(punct), _) if punct.spacing() == Spacing::Joint || punct.as_char() == '.' => false,
        // `a - b`, `a == b` and `a: b`, but `-b` and `a::b`
        (TokenTree::Punct(last), _) => head.last().is_some_and(|first| match first {
            TokenTree::Punct(first) if first.spacing() == Spacing::Joint => last.as_char() != ':',
            first => ends_expression(first),
        }),
        (previous, TokenTree::Group(group)) if group.delimiter() != Delimiter::Brace => {
            !ends_expression(previous)
        }
        _ => true,
    }
}

fn ends_expression(token: &TokenTree) -> bool {
    !matches!(token, TokenTree::Punct(punct) if punct.as_char() != '?')
}
