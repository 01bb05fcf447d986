//! `#[inspect(..)]` at a module and at its fields.

use crate::ctxt::Ctxt;
use crate::signature::Signature;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Expr, Ident, LitStr, Token, Type};

/// At the struct: `#[inspect(IN -> OUT, Key = Seq, pure)]`.
#[derive(Default)]
pub struct ModuleAttr {
    pub signature: Option<Signature>,
    /// Axes that have the size of another one.
    pub same_size: Vec<(Type, Type)>,
    /// Whether its forward has no effect beyond its tensors, whatever its fields and arguments are.
    pub pure: bool,
    /// `rows = Prompt`: the axis over which inputs are put together.
    pub rows: Option<Type>,
    /// Whether the shapes are there and could not be read.
    pub unread: bool,
}

/// At a field: `#[inspect(IN -> OUT, len = 12, rename = "name")]` or `#[inspect(skip)]`.
#[derive(Default)]
pub struct FieldAttr {
    pub signature: Option<Signature>,
    pub len: Option<Expr>,
    pub rename: Option<Ident>,
    /// Whether the field is left out: because it says so, or because what it says could not be read.
    pub skip: bool,
}

impl ModuleAttr {
    pub fn parse(attrs: &[Attribute], cx: &mut Ctxt) -> Self {
        let mut all = ModuleAttr::default();
        for attr in inspect(attrs) {
            let read = cx.ok(attr.parse_args_with(|input: ParseStream| {
                items(input, |input| {
                    if let Some(key) = option(input) {
                        return Err(syn::Error::new(
                            key.span(),
                            format_args!("`{key}` belongs to a field"),
                        ));
                    }
                    if lone_word(input).is_some_and(|word| word == "pure") {
                        input.parse::<Ident>()?;
                        all.pure = true;
                        return Ok(());
                    }
                    if is_equation(input) {
                        let axis: Type = input.parse()?;
                        input.parse::<Token![=]>()?;
                        if matches!(&axis, Type::Path(path) if path.path.is_ident("rows")) {
                            all.rows = Some(input.parse()?);
                            return Ok(());
                        }
                        all.same_size.push((axis, input.parse()?));
                        return Ok(());
                    }
                    once(&mut all.signature, input)
                })
            }));
            all.unread |= read.is_none() && all.signature.is_none();
        }
        all
    }
}

impl FieldAttr {
    pub fn parse(attrs: &[Attribute], cx: &mut Ctxt) -> Self {
        let mut all = FieldAttr::default();
        let mut unread = false;
        for attr in inspect(attrs) {
            let read = cx.ok(attr.parse_args_with(|input: ParseStream| {
                items(input, |input| {
                    if let Some(key) = option(input) {
                        return all.option(&key, input);
                    }
                    if let Some(word) = lone_word(input) {
                        return Err(syn::Error::new(
                            word.span(),
                            format_args!(
                                "there is no option `{word}`: expected `IN -> OUT`, `len = ..`, \
                                 `rename = \"..\"` or `skip`"
                            ),
                        ));
                    }
                    if is_equation(input) {
                        return Err(
                            input.error("expected `IN -> OUT`, `len = ..`, `rename = \"..\"` or `skip`")
                        );
                    }
                    once(&mut all.signature, input)
                })
            }));
            unread |= read.is_none();
        }
        if all.skip && (all.signature.is_some() || all.len.is_some() || all.rename.is_some()) {
            let attr = inspect(attrs).next().map(ToTokens::to_token_stream);
            cx.error(
                attr,
                "a field that is skipped has no sites: leave the rest of the attribute out",
            );
        }
        all.skip |= unread;
        all
    }

    /// `skip`, `len = ..` or `rename = ".."`.
    fn option(&mut self, key: &Ident, input: ParseStream) -> syn::Result<()> {
        let key = key.unraw();
        input.call(Ident::parse_any)?;
        if key == "skip" {
            self.skip = true;
            return Ok(());
        }
        input.parse::<Token![=]>()?;
        let twice = if key == "len" {
            self.len.replace(input.parse()?).is_some()
        } else {
            let name: LitStr = input.parse()?;
            let ident = name.parse::<Ident>().map_err(|_| {
                syn::Error::new(
                    name.span(),
                    format_args!("`{}` cannot be the name of a field", name.value()),
                )
            })?;
            self.rename.replace(ident).is_some()
        };
        if twice {
            return Err(syn::Error::new(
                key.span(),
                format_args!("`{key}` is given twice"),
            ));
        }
        Ok(())
    }
}

fn inspect(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("inspect"))
}

/// Items with commas between them.
fn items(input: ParseStream, mut item: impl FnMut(ParseStream) -> syn::Result<()>) -> syn::Result<()> {
    while !input.is_empty() {
        item(input)?;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

/// A word that stands by itself: no option, since those were looked for, and no boundary.
fn lone_word(input: ParseStream) -> Option<Ident> {
    let ahead = input.fork();
    let word: Ident = ahead.call(Ident::parse_any).ok()?;
    (ahead.is_empty() || ahead.peek(Token![,])).then_some(word)
}

/// The option of a field that comes next, if one does.
fn option(input: ParseStream) -> Option<Ident> {
    let ahead = input.fork();
    let key: Ident = ahead.call(Ident::parse_any).ok()?;
    let alone = ahead.is_empty() || ahead.peek(Token![,]);
    let option = match key.to_string().as_str() {
        "skip" => alone,
        "len" | "rename" => ahead.peek(Token![=]),
        _ => false,
    };
    option.then_some(key)
}

/// Whether `Key = Seq` comes next.
fn is_equation(input: ParseStream) -> bool {
    let ahead = input.fork();
    !input.peek(syn::token::Paren) && ahead.call(Type::without_plus).is_ok() && ahead.peek(Token![=])
}

fn once(signature: &mut Option<Signature>, input: ParseStream) -> syn::Result<()> {
    let twice = signature
        .is_some()
        .then(|| input.error("the shapes are given twice"));
    let parsed = input.parse()?;
    match twice {
        Some(error) => Err(error),
        None => {
            *signature = Some(parsed);
            Ok(())
        }
    }
}
