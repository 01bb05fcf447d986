//! Paths: `m.transformer.h[-1].mlp.output` as data, as text for messages, and as a constant expression.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use std::rc::Rc;
use syn::{Ident, Member, Type};

/// What a path starts from: the sites of a model, by their type.
pub struct Root {
    /// The type that implements `SiteTree`.
    pub sites: TokenStream,
    /// Whether an item can name that type: items cannot name generics, nor `Self`, of what is around them.
    pub is_nameable: bool,
}

/// A number that no other item of a list in this trace has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fresh(pub u32);

/// A step of a path.
#[derive(Clone, PartialEq, Eq)]
pub enum Step {
    Field(Member),
    Item(Item),
}

/// Which item of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Item {
    Literal(i64),
    /// One that only the run knows; the same number is the same item.
    Some(Fresh),
}

/// Which end of a module a site is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    Input,
    Output,
}

/// A path from a root: to a module, a list or a site.
#[derive(Clone)]
pub struct Path {
    pub root: Rc<Root>,
    /// How the user names the root, or what a variable of the user's holds.
    pub name: String,
    /// The number of steps that the name stands for.
    pub named: usize,
    pub steps: Vec<Step>,
    /// Whether it says nothing of other calls of a module, nor of gradients: only such sites have a known
    /// place in the forward pass.
    pub is_plain: bool,
}

impl Path {
    pub fn field(&self, member: Member) -> Path {
        self.with(Step::Field(member))
    }

    pub fn item(&self, item: Item) -> Path {
        self.with(Step::Item(item))
    }

    fn with(&self, step: Step) -> Path {
        let mut path = self.clone();
        path.steps.push(step);
        path
    }

    /// The same path at a call, or of a gradient.
    pub fn elsewhere(mut self) -> Path {
        self.is_plain = false;
        self
    }

    /// What a variable holds: messages call it by the variable where they could not name it otherwise.
    pub fn held_by(self, variable: &Ident) -> Path {
        if self.steps.is_empty()
            || self
                .steps
                .iter()
                .any(|step| matches!(step, Step::Item(Item::Some(_))))
        {
            return Path {
                name: variable.to_string(),
                named: self.steps.len(),
                ..self
            };
        }
        self
    }

    /// The module's steps and the end, for the path of a site.
    pub fn split(&self) -> Option<(&[Step], End)> {
        self.steps
            .iter()
            .enumerate()
            .find_map(|(i, step)| Some((&self.steps[..i], end(step)?)))
    }

    /// The constant that stands for `steps`. The fields keep the spans of what the user wrote: a misspelt one
    /// is one error, since rustc reports an error once where text and place are the same.
    pub fn constant(&self, steps: &[Step], span: Span) -> TokenStream {
        let sites = &self.root.sites;
        let root = quote_spanned!(span=> <#sites as ::nnsight::SiteTree>::SITES);
        steps.iter().fold(root, |path, step| match step {
            Step::Field(member) => quote_spanned!(span=> #path.#member),
            Step::Item(_) => quote_spanned!(span=> ::nnsight::__private::check::item(&#path)),
        })
    }

    /// The path as the user would write it.
    pub fn text(&self, steps: &[Step]) -> String {
        steps
            .iter()
            .skip(self.named)
            .fold(self.name.clone(), |text, step| match step {
                Step::Field(member) => format!("{text}.{}", member_name(member)),
                Step::Item(Item::Literal(index)) => format!("{text}[{index}]"),
                Step::Item(Item::Some(_)) => format!("{text}[_]"),
            })
    }
}

fn end(step: &Step) -> Option<End> {
    match step {
        Step::Field(Member::Named(name)) => end_named(name),
        _ => None,
    }
}

/// The end of a module that a field of this name is.
pub fn end_named(name: &Ident) -> Option<End> {
    if name == "input" || name == "inputs" {
        Some(End::Input)
    } else if name == "output" || name == "outputs" {
        Some(End::Output)
    } else {
        None
    }
}

/// A field's name, or its number.
pub fn member_name(member: &Member) -> String {
    match member {
        Member::Named(name) => name.to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}

/// Whether an item inside a function can name this type wherever the function can: a plain path.
pub fn is_nameable(ty: &Type) -> bool {
    match ty {
        Type::Path(ty) => {
            ty.qself.is_none()
                && ty
                    .path
                    .segments
                    .iter()
                    .all(|segment| segment.arguments.is_none() && segment.ident != "Self")
        }
        Type::Group(ty) => is_nameable(&ty.elem),
        Type::Paren(ty) => is_nameable(&ty.elem),
        _ => false,
    }
}
