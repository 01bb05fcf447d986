//! The calls that the body is rewritten to. Each covers exactly the tokens it stands for, so that an error in
//! it points at what the user wrote.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

/// First and last token of a piece of the user's code. On stable Rust spans cannot be joined, but an
/// expression that starts with a token at `first` and ends with one at `last` covers both.
#[derive(Clone, Copy)]
pub struct Extent {
    pub first: Span,
    pub last: Span,
}

impl Extent {
    pub fn of(code: &impl ToTokens) -> Extent {
        let tokens: Vec<TokenTree> = code.to_token_stream().into_iter().collect();
        let first = tokens.first().map_or_else(Span::call_site, |token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                Extent::of(&group.stream()).first
            }
            TokenTree::Group(group) => group.span_open(),
            token => token.span(),
        });
        let last = tokens.last().map_or(first, |token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                Extent::of(&group.stream()).last
            }
            TokenTree::Group(group) => group.span_close(),
            token => token.span(),
        });
        Extent { first, last }
    }
}

/// `FUNCTION(ARGS)` over an extent of the user's code.
pub fn call(function: &TokenStream, args: TokenStream, at: Extent) -> TokenStream {
    let mut parens = Group::new(Delimiter::Parenthesis, args);
    parens.set_span(at.last);
    quote!(#function #parens)
}

/// The value at a site.
pub fn read(site: impl ToTokens, at: Extent) -> TokenStream {
    call(
        &quote_spanned!(at.first=> ::nnsight::__private::Read::read),
        site.into_token_stream(),
        at,
    )
}

/// `receiver.method(args)`, with the method's name at the user's `[` or `=`.
pub fn method(
    receiver: impl ToTokens,
    name: &str,
    name_at: Span,
    args: TokenStream,
    last: Span,
) -> TokenStream {
    let name = Ident::new(name, name_at);
    let dot = quote_spanned!(name_at=> .);
    let call = call(&name.into_token_stream(), args, Extent { first: name_at, last });
    quote!(#receiver #dot #call)
}

/// `match VALUE { name => BODY }`: evaluates `value` once, keeps its temporaries alive, and leaves `return`, `?`
/// and `break` in the body what they are. `name` is seen by what the macro writes only.
pub fn bind(name: &Ident, value: impl ToTokens, body: TokenStream) -> TokenStream {
    // The span of the macro's call keeps clippy from remarks on a match that nobody wrote.
    quote_spanned!(Span::mixed_site()=> match #value { #name => #body })
}

/// A variable of the macro's own, shown at the code it stands for.
pub fn variable(name: &str, at: Extent) -> Ident {
    Ident::new(name, Span::mixed_site().located_at(at.first))
}

/// A variable of the macro's own as a receiver that may refuse the call. An error about the variable alone
/// would point at the whole call of the macro.
pub fn receiver(variable: &Ident, at: Extent) -> TokenStream {
    let identity = quote_spanned!(at.first=> ::core::convert::identity);
    call(&identity, variable.to_token_stream(), at)
}

/// A copy of an index that is used twice, shown at the index.
pub fn cloned(index: &Ident, at: Extent) -> TokenStream {
    let clone = quote_spanned!(at.first=> ::core::clone::Clone::clone);
    call(&clone, quote!(&#index), at)
}
