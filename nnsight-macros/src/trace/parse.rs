//! `trace!(MODEL, INPUT, |m: TinyNet| BODY)` or `trace!(TARGET, |m: TinyNet| BODY)`, taken apart.
//!
//! What someone is still typing does not parse. Then as much as possible is kept, so that an editor can
//! complete names in the part that does.

use super::tokens::wrap_indices;
use proc_macro2::{Delimiter, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::{Block, Error, Expr, Ident, Pat, Result, ReturnType, Stmt, Token, Type};

/// A call of `trace!`.
pub struct Trace {
    pub target: Expr,
    pub input: Option<Expr>,
    pub closure: Closure,
    /// Where a missing result would stand: the closing brace of the body.
    pub end: Span,
}

/// `|m: TinyNet| BODY`.
pub struct Closure {
    pub capture: Option<Token![move]>,
    pub param: Param,
    pub output: ReturnType,
    pub body: Expr,
}

/// `m: TinyNet`.
pub struct Param {
    pub mutability: Option<Token![mut]>,
    /// None for `_`.
    pub name: Option<Ident>,
    pub model: Type,
}

/// A call that does not parse.
pub struct Partial {
    pub error: Error,
    pub before: Vec<Expr>,
    pub closure: Option<Closure>,
}

/// Takes a call apart.
pub fn parse(input: TokenStream) -> std::result::Result<Trace, Box<Partial>> {
    let end = end_of(&input);
    let mut before = Vec::new();
    let mut closure = None;
    let parsed = (|input: ParseStream| call(input, &mut before, &mut closure)).parse2(wrap_indices(input));
    let mut before = before.into_iter();
    match (parsed, before.next(), closure) {
        (Ok(()), Some(target), Some(closure)) => Ok(Trace {
            target,
            input: before.next(),
            closure,
            end,
        }),
        (parsed, target, closure) => {
            let error = parsed.err().unwrap_or_else(|| Error::new(end, USAGE));
            Err(Box::new(Partial {
                error,
                before: target.into_iter().chain(before).collect(),
                closure,
            }))
        }
    }
}

const USAGE: &str = "a trace is written `trace!(model, input, |m: Model| { .. })`";

/// The span of the last token, or of the brace that closes it.
fn end_of(input: &TokenStream) -> Span {
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    match input.clone().into_iter().filter(|token| !is_comma(token)).last() {
        Some(TokenTree::Group(group)) => group.span_close(),
        Some(token) => token.span(),
        None => Span::call_site(),
    }
}

fn call(input: ParseStream, before: &mut Vec<Expr>, closure: &mut Option<Closure>) -> Result<()> {
    while !(input.peek(Token![|]) || input.peek(Token![||]) || input.peek(Token![move])) {
        if input.is_empty() || before.len() == 2 {
            return Err(input.error(USAGE));
        }
        before.push(input.parse()?);
        input
            .parse::<Token![,]>()
            .map_err(|error| Error::new(error.span(), USAGE))?;
    }
    if before.is_empty() {
        return Err(input.error(USAGE));
    }
    let capture = input.parse()?;
    let param = param(input)?;
    let output: ReturnType = input.parse()?;
    let body: TokenStream = input.parse()?;
    let parsed = body_and_comma.parse2(body.clone());
    let (body, error) = match parsed {
        Ok(body) => (body, None),
        Err(error) => (recover(body), Some(error)),
    };
    *closure = Some(Closure {
        capture,
        param,
        output,
        body,
    });
    error.map_or(Ok(()), Err)
}

fn body_and_comma(input: ParseStream) -> Result<Expr> {
    let body = input.parse()?;
    input.parse::<Option<Token![,]>>()?;
    Ok(body)
}

fn param(input: ParseStream) -> Result<Param> {
    if input.peek(Token![||]) {
        return Err(
            input.error("a trace is given the model's sites: write `|m: TinyNet|`, with the model's type")
        );
    }
    input.parse::<Token![|]>()?;
    let pattern = Pat::parse_single(input)?;
    let (mutability, name) = match &pattern {
        Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => {
            (pat.mutability, Some(pat.ident.clone()))
        }
        Pat::Wild(_) => (None, None),
        _ => {
            return Err(Error::new_spanned(
                &pattern,
                "the sites of the model want one name: `|m: TinyNet|`",
            ));
        }
    };
    if !input.peek(Token![:]) {
        let shown = name.as_ref().map_or_else(|| "_".to_owned(), Ident::to_string);
        let message = format!("write the model's type: `|{shown}: TinyNet|`");
        return Err(Error::new_spanned(&pattern, message));
    }
    input.parse::<Token![:]>()?;
    let model = input.parse()?;
    if input.peek(Token![,]) && !input.peek2(Token![|]) {
        return Err(input.error("a trace has one parameter: the sites of its model"));
    }
    input.parse::<Option<Token![,]>>()?;
    input.parse::<Token![|]>()?;
    Ok(Param {
        mutability,
        name,
        model,
    })
}

/// A block of the statements that do parse.
fn recover(body: TokenStream) -> Expr {
    let inside = match body.clone().into_iter().next() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => group.stream(),
        _ => body,
    };
    let mut stmts = Vec::new();
    let mut statement = TokenStream::new();
    for token in inside {
        let is_end = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ';');
        statement.extend([token]);
        if is_end {
            recover_statement(std::mem::take(&mut statement), &mut stmts);
        }
    }
    recover_statement(statement, &mut stmts);
    Expr::Block(syn::ExprBlock {
        attrs: Vec::new(),
        label: None,
        block: Block {
            brace_token: syn::token::Brace::default(),
            stmts,
        },
    })
}

/// Everything up to a `;`: statements that end with a block (`for`, `if`) have none of their own. Of what does not parse
/// the longest beginning that does is kept, and then what comes after it: `m.layer1.output.` is `m.layer1.output`.
fn recover_statement(tokens: TokenStream, stmts: &mut Vec<Stmt>) {
    if let Ok(parsed) = Block::parse_within.parse2(tokens.clone()) {
        return stmts.extend(parsed);
    }
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let first = |count: usize| tokens[..count].iter().cloned().collect::<TokenStream>();
    let after = |count: usize| tokens[count..].iter().cloned().collect::<TokenStream>();
    let is_block =
        |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    if let Some(block) = tokens.iter().position(is_block)
        && block + 1 < tokens.len()
    {
        recover_statement(first(block + 1), stmts);
        return recover_statement(after(block + 1), stmts);
    }
    for count in (1..tokens.len()).rev() {
        let (begun, end) = (first(count), Punct::new(';', Spacing::Alone));
        if let Ok(parsed) = Block::parse_within.parse2(quote!(#begun #end)) {
            stmts.extend(parsed);
            return recover_statement(after(count), stmts);
        }
    }
    // Nothing begins here: a stray `.`, a block whose inside does not parse.
    match tokens.as_slice() {
        [TokenTree::Group(group)] => stmts.push(Stmt::Expr(recover(group.stream()), None)),
        [_, ..] if tokens.len() > 1 => recover_statement(after(1), stmts),
        _ => {}
    }
}
