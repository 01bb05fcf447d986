//! What stands in `#[inspect(..)]` about shapes: `(Batch, Features) -> (Batch, Classes)`.
//!
//! ```text
//! signature = boundary "->" boundary
//! boundary  = "(" axis,* ")" [":" kind]                 one tensor; one axis wants a comma, `(Batch,)`
//!           | "(" boundary, boundary,* ")"              several; at least one stands in parentheses
//!           | "(" name ":" boundary, .. ")"             several, by name
//!           | type                                      a struct that derives `Carrier`
//! kind      = "Float" | "Int" | "Bool"
//! ```

mod tokens;

use proc_macro2::Span;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Ident, Lit, Token, Type, parenthesized, token};

/// The greatest number of axes of a shape, and of tensors of a boundary.
const MOST: usize = 6;

/// What goes in and what comes out.
#[derive(Clone)]
pub struct Signature {
    pub input: Boundary,
    pub output: Boundary,
}

/// One end of a module.
#[derive(Clone)]
pub enum Boundary {
    /// A tensor.
    Port(Port),
    /// Several boundaries, by position.
    Tuple(Span, Vec<Boundary>),
    /// Several boundaries, by name.
    Named(Span, Vec<(Ident, Boundary)>),
    /// A type that is a boundary itself.
    Type(Box<Type>),
}

/// A tensor: its axes, and its kind where it is not float.
#[derive(Clone)]
pub struct Port {
    pub span: Span,
    pub axes: Vec<Type>,
    pub kind: Option<Ident>,
}

impl Boundary {
    /// Whether it is written as a list of several boundaries.
    pub fn is_several(&self) -> bool {
        matches!(self, Boundary::Tuple(..) | Boundary::Named(..))
    }
}

/// What stands between the parentheses of a boundary, before it is known what they mean.
enum Part {
    Axis(Box<Type>),
    Boundary(Boundary),
    Named(Ident, Boundary),
}

impl Parse for Signature {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let from = input.parse()?;
        if !input.peek(Token![->]) {
            return Err(input.error("expected `->` and what comes out, as in `(Batch, A) -> (Batch, B)`"));
        }
        input.parse::<Token![->]>()?;
        Ok(Signature {
            input: from,
            output: input.parse()?,
        })
    }
}

impl Parse for Boundary {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        if !input.peek(token::Paren) {
            let ty = parse_type(
                input,
                "expected shapes, as in `(Batch, Features) -> (Batch, Hidden)`",
            )?;
            return Ok(Boundary::Type(Box::new(ty)));
        }
        let content;
        let paren = parenthesized!(content in input);
        let span = paren.span.join();
        let parts = content.parse_terminated(Part::parse, Token![,])?;
        let trailing = parts.trailing_punct();
        let boundary = combine(span, parts.into_iter().collect(), trailing)?;
        match parse_kind(input)? {
            None => Ok(boundary),
            Some(kind) => with_kind(boundary, kind),
        }
    }
}

impl Part {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        if input.peek(token::Paren) {
            return Ok(Part::Boundary(input.parse()?));
        }
        if input.peek(Ident::peek_any) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
            let name: Ident = input.call(Ident::parse_any)?;
            input.parse::<Token![:]>()?;
            if is_kind(input.fork().call(Ident::parse_any).ok().as_ref()) {
                let kind: Ident = input.call(Ident::parse_any)?;
                return Err(syn::Error::new(
                    kind.span(),
                    format_args!("the kind stands behind the parentheses: `({name}, ..): {kind}`"),
                ));
            }
            return Ok(Part::Named(name, input.parse()?));
        }
        if let Ok(number) = input.fork().parse::<Lit>() {
            return Err(syn::Error::new(
                number.span(),
                "an axis has a name: declare it with `axes! { Features = 5; }` and write `Features` here",
            ));
        }
        parse_type(input, "expected the name of an axis").map(|axis| Part::Axis(Box::new(axis)))
    }
}

/// What the parts of one pair of parentheses mean together.
fn combine(span: Span, parts: Vec<Part>, trailing: bool) -> syn::Result<Boundary> {
    if parts.len() > MOST {
        return Err(syn::Error::new(
            span,
            format_args!("at most {MOST} fit here, and these are {}", parts.len()),
        ));
    }
    if parts.iter().any(|part| matches!(part, Part::Named(..))) {
        return combine_named(span, parts);
    }
    if parts.iter().all(|part| matches!(part, Part::Axis(_))) {
        let axes: Vec<Type> = parts
            .into_iter()
            .filter_map(|part| {
                if let Part::Axis(axis) = part {
                    Some(*axis)
                } else {
                    None
                }
            })
            .collect();
        if let ([axis], false) = (&axes[..], trailing) {
            let axis = axis.to_token_stream();
            return Err(syn::Error::new(
                span,
                format_args!("one axis wants a comma: `({axis},)`"),
            ));
        }
        return Ok(Boundary::Port(Port {
            span,
            axes,
            kind: None,
        }));
    }
    let mut boundaries: Vec<Boundary> = parts
        .into_iter()
        .map(|part| match part {
            Part::Axis(ty) => Boundary::Type(ty),
            Part::Boundary(boundary) | Part::Named(_, boundary) => boundary,
        })
        .collect();
    match (boundaries.len(), trailing) {
        (1, false) => Ok(boundaries.remove(0)),
        (1, true) => Err(syn::Error::new(
            span,
            "a single tensor needs no parentheses around its own",
        )),
        _ => Ok(Boundary::Tuple(span, boundaries)),
    }
}

fn combine_named(span: Span, parts: Vec<Part>) -> syn::Result<Boundary> {
    let mut named: Vec<(Ident, Boundary)> = Vec::new();
    for part in parts {
        let wrong = match part {
            Part::Named(name, _) if named.iter().any(|(other, _)| *other == name) => {
                return Err(syn::Error::new(
                    name.span(),
                    format_args!("the name `{name}` is given twice"),
                ));
            }
            Part::Named(name, boundary) => {
                named.push((name, boundary));
                continue;
            }
            Part::Axis(ty) => ty.span(),
            Part::Boundary(boundary) => boundary.span(),
        };
        return Err(syn::Error::new(
            wrong,
            "name all of them, as in `(query: (Batch, Seq), key: (Batch, Key))`, or none",
        ));
    }
    Ok(Boundary::Named(span, named))
}

fn parse_kind(input: ParseStream) -> syn::Result<Option<Ident>> {
    if !input.peek(Token![:]) || input.peek(Token![::]) {
        return Ok(None);
    }
    input.parse::<Token![:]>()?;
    let kind: Ident = input.call(Ident::parse_any)?;
    if !is_kind(Some(&kind)) {
        return Err(syn::Error::new(kind.span(), "a kind is `Float`, `Int` or `Bool`"));
    }
    Ok(Some(kind))
}

fn is_kind(ident: Option<&Ident>) -> bool {
    ident.is_some_and(|ident| ident == "Float" || ident == "Int" || ident == "Bool")
}

fn with_kind(boundary: Boundary, kind: Ident) -> syn::Result<Boundary> {
    match boundary {
        Boundary::Port(port) if port.kind.is_none() => Ok(Boundary::Port(Port {
            kind: Some(kind),
            ..port
        })),
        _ => Err(syn::Error::new(
            kind.span(),
            "a kind belongs to one tensor: `((Batch, A): Int, (Batch, B))`",
        )),
    }
}

fn parse_type(input: ParseStream, wanted: &str) -> syn::Result<Type> {
    if input.peek(Ident::peek_any) || input.peek(Token![::]) || input.peek(Token![<]) {
        return input.call(Type::without_plus);
    }
    Err(input.error(wanted))
}
