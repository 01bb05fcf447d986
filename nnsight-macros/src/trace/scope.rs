//! What is known of each variable, by the rules of Rust's blocks and shadowing. In doubt nothing is known,
//! and the code of the user stays what it is.

use super::path::{Fresh, Path, Root, is_nameable};
use super::text::text;
use proc_macro2::Ident;
use quote::quote;
use std::cell::Cell;
use std::rc::Rc;
use syn::visit_mut::{self, VisitMut};
use syn::{GenericArgument, Pat, PatIdent, PathArguments, Type};

/// What is known of a variable or an expression.
#[derive(Clone)]
pub enum Kind {
    /// A module, or a list of modules.
    Module(Path),
    /// An attached module, or what lies in it: the text does not say its type.
    Attached,
    /// A reference to a site, or to a gradient.
    Place(Place),
    Value(Value),
    /// The backward pass of a loss.
    Backward,
    Tuple(Vec<Option<Kind>>),
}

/// A value.
#[derive(Clone, Default)]
pub struct Value {
    /// A site of the same shape.
    pub shape: Option<Path>,
    /// Sites that it cannot be known without.
    pub needs: Vec<Path>,
    /// A gradient that it cannot be known without, as the user wrote it.
    pub gradient: Option<Rc<str>>,
    /// Whether it may be something of the user's own: a field called `output` of something of which nothing is known.
    pub is_guess: bool,
}

/// What can be read and written: a site, or a gradient.
#[derive(Clone, Default)]
pub struct Place {
    /// A site of the same shape: itself, or what the gradient is of. None where only the run knows which.
    pub path: Option<Path>,
    /// The gradient, as the user wrote it.
    pub gradient: Option<Rc<str>>,
}

/// The variables that can be seen, innermost block last.
pub struct Scope {
    names: Vec<(Ident, Option<Kind>)>,
    blocks: Vec<usize>,
    fresh: Cell<u32>,
}

impl Scope {
    pub fn new() -> Self {
        Scope {
            names: Vec::new(),
            blocks: Vec::new(),
            fresh: Cell::new(0),
        }
    }

    /// A block begins.
    pub fn enter(&mut self) {
        self.blocks.push(self.names.len());
    }

    /// A block ends, and its variables with it.
    pub fn leave(&mut self) {
        let names = self.blocks.pop().unwrap_or(0);
        self.names.truncate(names);
    }

    /// What is known of a variable.
    pub fn get(&self, name: &Ident) -> Option<&Kind> {
        self.names
            .iter()
            .rev()
            .find(|(known, _)| known == name)?
            .1
            .as_ref()
    }

    /// A number for an item that only the run knows.
    pub fn fresh(&self) -> Fresh {
        self.fresh.set(self.fresh.get() + 1);
        Fresh(self.fresh.get())
    }

    /// The root of the trace.
    pub fn root(&mut self, name: &Ident, path: Path) {
        self.names.push((name.clone(), Some(Kind::Module(path))));
    }

    /// The variables of a pattern that is given what is known.
    pub fn bind(&mut self, pattern: &Pat, kind: Option<Kind>) {
        match (pattern, kind) {
            (Pat::Ident(pat), kind) if pat.by_ref.is_none() && pat.subpat.is_none() => {
                let kind = kind.and_then(|kind| of_variable(pat, kind));
                self.names.push((pat.ident.clone(), kind));
            }
            (Pat::Type(pat), kind) => {
                let kind = kind.or_else(|| of_type(&pat.ty, &pat.pat));
                self.bind(&pat.pat, kind);
            }
            (Pat::Paren(pat), kind) => self.bind(&pat.pat, kind),
            (Pat::Reference(pat), kind @ Some(Kind::Module(_))) => self.bind(&pat.pat, kind),
            (Pat::Tuple(pat), Some(Kind::Tuple(kinds)))
                if pat.elems.len() == kinds.len() && !pat.elems.iter().any(|p| matches!(p, Pat::Rest(_))) =>
            {
                for (pat, kind) in pat.elems.iter().zip(kinds) {
                    self.bind(pat, kind);
                }
            }
            (other, _) => self.forget(other),
        }
    }

    /// The variables of a pattern, of which nothing is known: they hide others of the same name.
    fn forget(&mut self, pattern: &Pat) {
        struct Names<'a>(&'a mut Vec<(Ident, Option<Kind>)>);
        impl VisitMut for Names<'_> {
            fn visit_pat_ident_mut(&mut self, pat: &mut PatIdent) {
                self.0.push((pat.ident.clone(), None));
                visit_mut::visit_pat_ident_mut(self, pat);
            }
        }
        Names(&mut self.names).visit_pat_mut(&mut pattern.clone());
    }
}

/// What a variable keeps of what it is given: one that can change keeps only what its type says.
fn of_variable(pat: &PatIdent, kind: Kind) -> Option<Kind> {
    match (kind, pat.mutability) {
        (Kind::Value(value), Some(_)) => Some(Kind::Value(Value {
            shape: value.shape,
            ..Value::default()
        })),
        (Kind::Attached, _) => Some(Kind::Attached),
        (Kind::Backward, _) => Some(Kind::Backward),
        (_, Some(_)) => None,
        (Kind::Module(path), None) => Some(Kind::Module(path.held_by(&pat.ident))),
        (kind, None) => Some(kind),
    }
}

/// What a written type says: `b: Sites<Block>`, `h: Value<(Batch, Hidden)>`, `s: &Site<(Batch, Hidden)>`,
/// `b: Backward`.
fn of_type(ty: &Type, pat: &Pat) -> Option<Kind> {
    let (ty, is_ref) = match ty {
        Type::Reference(ty) => (&*ty.elem, true),
        ty => (ty, false),
    };
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    if last.ident == "Value" && !is_ref {
        return Some(Kind::Value(Value::default()));
    }
    if last.ident == "Backward" {
        return Some(Kind::Backward);
    }
    if last.ident == "Site" && is_ref {
        return Some(Kind::Place(Place::default()));
    }
    if (last.ident == "Grad" || last.ident == "ParameterGrad") && is_ref {
        return Some(Kind::Place(Place {
            path: None,
            gradient: Some(text(pat).into()),
        }));
    }
    let (PathArguments::AngleBracketed(args), Pat::Ident(name), "Sites") =
        (&last.arguments, pat, last.ident.to_string().as_str())
    else {
        return None;
    };
    let is_nameable = args
        .args
        .iter()
        .all(|arg| matches!(arg, GenericArgument::Type(ty) if is_nameable(ty)));
    Some(Kind::Module(Path {
        root: Rc::new(Root {
            sites: quote!(#ty),
            is_nameable,
        }),
        name: name.ident.to_string(),
        named: 0,
        steps: Vec::new(),
        is_plain: true,
    }))
}
