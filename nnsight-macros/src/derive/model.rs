//! What a module is, as far as its struct says: its boundary and its children. Every mistake in it is
//! reported here.

use super::attr::{FieldAttr, ModuleAttr};
use super::field::{is_accessor, is_plain};
use crate::ctxt::Ctxt;
use crate::named::{Named, Part, Values};
use crate::signature::{Boundary, Signature};
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DeriveInput, Expr, Field, Fields, Generics, Ident, Type, Visibility, parse_quote,
};

/// A struct with `derive(Inspectable)`.
pub struct Module<'a> {
    pub vis: &'a Visibility,
    pub ident: &'a Ident,
    pub generics: &'a Generics,
    /// The struct of its sites.
    pub sites: Ident,
    /// What goes in and out; a container without a forward has no boundary.
    pub boundary: Option<Signature>,
    /// The names of its inputs, where it gives them; the boundary then names the type that holds them.
    inputs: Vec<(Ident, Boundary)>,
    pub same_size: Vec<(Type, Type)>,
    /// Whether its forward is declared to have no effect beyond its tensors.
    pub pure: bool,
    pub rows: Option<Type>,
    pub children: Vec<Child<'a>>,
    /// The fields that are left out.
    pub others: Vec<(&'a Ident, &'a Type)>,
}

/// A field that holds a module.
pub struct Child<'a> {
    pub field: &'a Ident,
    /// What a trace calls it.
    pub name: Ident,
    pub ty: &'a Type,
    pub docs: Vec<&'a Attribute>,
    /// Its shapes, if it is one of Burn's modules.
    pub declared: Option<Signature>,
    /// Its length, if it is a list.
    pub len: Option<Expr>,
}

impl<'a> Module<'a> {
    /// Reads the struct. What is wrong is reported and left out.
    pub fn of(input: &'a DeriveInput, cx: &mut Ctxt) -> Self {
        for lifetime in input.generics.lifetimes() {
            cx.error(lifetime, "a module owns what it holds: it has no lifetimes");
        }
        let attr = ModuleAttr::parse(&input.attrs, cx);
        let mut module = Module {
            vis: &input.vis,
            ident: &input.ident,
            generics: &input.generics,
            sites: format_ident!(
                "{}Sites",
                input.ident,
                span = Span::call_site().located_at(input.ident.span())
            ),
            boundary: attr.signature.or_else(|| attr.unread.then(|| unread(input))),
            inputs: Vec::new(),
            same_size: attr.same_size,
            pure: attr.pure,
            rows: attr.rows,
            children: children(input, cx),
            others: Vec::new(),
        };
        if let Data::Struct(data) = &input.data {
            let fields = data.fields.iter();
            let fields = fields.filter_map(|field| Some((field.ident.as_ref()?, &field.ty)));
            module.others = fields
                .filter(|(name, _)| module.children.iter().all(|child| child.field != *name))
                .collect();
        }
        module.take_named_inputs(cx);
        module
    }

    /// The type that holds the names of the inputs, if they have names.
    pub fn named_inputs(&self) -> Option<Named<'_>> {
        (!self.inputs.is_empty()).then(|| Named {
            vis: self.vis,
            generics: self.generics,
            owner: self.inputs_name(),
            values: Values::Tuple,
            parts: self
                .inputs
                .iter()
                .map(|(name, boundary)| Part {
                    name,
                    docs: Vec::new(),
                    boundary,
                })
                .collect(),
        })
    }

    /// What a trace calls the site or sites of what goes in.
    pub fn input_name(&self) -> Ident {
        let several = self
            .boundary
            .as_ref()
            .is_some_and(|signature| signature.input.is_several());
        let name = if several || !self.inputs.is_empty() {
            "inputs"
        } else {
            "input"
        };
        Ident::new(name, Span::call_site())
    }

    fn inputs_name(&self) -> Ident {
        format_ident!("{}Inputs", self.ident)
    }

    /// Puts a type of its own in the place of `(query: .., key: ..)`.
    fn take_named_inputs(&mut self, cx: &mut Ctxt) {
        let inputs_name = self.inputs_name();
        let (_, ty_generics, _) = self.generics.split_for_impl();
        let Some(signature) = &mut self.boundary else {
            return;
        };
        refuse_names(
            &signature.output,
            "what comes out has no names: a struct that derives `Carrier` can give it some",
            cx,
        );
        if let Boundary::Named(_, inputs) = &mut signature.input {
            for (_, boundary) in inputs.iter() {
                refuse_names(
                    boundary,
                    "names within names: a struct that derives `Carrier` can hold them",
                    cx,
                );
            }
            self.inputs = std::mem::take(inputs);
            signature.input = Boundary::Type(parse_quote!(#inputs_name #ty_generics));
        }
    }
}

/// The fields that hold modules.
fn children<'a>(input: &'a DeriveInput, cx: &mut Ctxt) -> Vec<Child<'a>> {
    let fields = match &input.data {
        Data::Struct(data) => &data.fields,
        Data::Enum(data) => {
            let what = "an enum cannot be inspected: its children would differ from value to value; \
                        inspect a struct that holds it, with `#[inspect(skip)]` at that field";
            cx.error(data.enum_token, what);
            return Vec::new();
        }
        Data::Union(data) => {
            cx.error(data.union_token, "a union cannot be inspected");
            return Vec::new();
        }
    };
    if let Fields::Unnamed(fields) = fields {
        let what = "the fields want names: a trace calls them by those, as in `m.layer1.output`";
        cx.error(fields, what);
        return Vec::new();
    }
    let mut children: Vec<Child> = Vec::new();
    for field in fields {
        let Some(child) = child(field, cx) else { continue };
        let taken = fields
            .iter()
            .any(|field| field.ident.as_ref() == Some(&child.name));
        let twice = children.iter().any(|other| other.name == child.name);
        if twice || (taken && child.name != *child.field) {
            cx.error(
                &child.name,
                format_args!("there is another field called `{}`", child.name),
            );
        } else {
            children.push(child);
        }
    }
    children
}

/// The boundary of a module whose shapes could not be read: what its forward takes and gives, so that the one
/// mistake is the only message.
fn unread(input: &DeriveInput) -> Signature {
    let ident = &input.ident;
    let (_, ty_generics, _) = input.generics.split_for_impl();
    let end = |end: Type| Boundary::Type(parse_quote!(::nnsight::__private::Unread<#end>));
    Signature {
        input: end(parse_quote!(<#ident #ty_generics as ::nnsight::Forward>::Args)),
        output: end(parse_quote!(<#ident #ty_generics as ::nnsight::Forward>::Result)),
    }
}

fn child<'a>(field: &'a Field, cx: &mut Ctxt) -> Option<Child<'a>> {
    let ident = field.ident.as_ref()?;
    let attr = FieldAttr::parse(&field.attrs, cx);
    let says_nothing = attr.signature.is_none() && attr.len.is_none() && attr.rename.is_none();
    if attr.skip || (says_nothing && is_plain(field)) {
        return None;
    }
    for boundary in attr
        .signature
        .iter()
        .flat_map(|signature| [&signature.input, &signature.output])
    {
        refuse_names(
            boundary,
            "at a field the inputs have no names: `((Batch, Seq), (Batch, Key))`",
            cx,
        );
    }
    let name = attr.rename.unwrap_or_else(|| ident.clone());
    let plain_name = name.unraw().to_string();
    if is_accessor(&plain_name) {
        cx.error(
            &name,
            format_args!(
                "`.{plain_name}` has a meaning of its own in a trace: \
                 give the child another name there with `#[inspect(rename = \"..\")]`"
            ),
        );
        return None;
    }
    Some(Child {
        field: ident,
        name,
        ty: &field.ty,
        docs: field
            .attrs
            .iter()
            .filter(|attr| attr.path().is_ident("doc"))
            .collect(),
        declared: attr.signature,
        len: attr.len,
    })
}

fn refuse_names(boundary: &Boundary, why: &str, cx: &mut Ctxt) {
    match boundary {
        Boundary::Named(_, parts) => {
            if let Some((name, _)) = parts.first() {
                cx.error(name, why);
            }
        }
        Boundary::Tuple(_, parts) => parts.iter().for_each(|part| refuse_names(part, why, cx)),
        Boundary::Port(_) | Boundary::Type(_) => {}
    }
}

impl Child<'_> {
    /// The child's type as the trait that knows its sites. All of it is at the place of the type: there rustc
    /// says what is wrong with it, and says it once.
    fn as_inspectable(&self, item: &Ident) -> TokenStream {
        let ty = self.ty;
        // Whether a declaration fits is a matter of calling the module; its sites are there all the same.
        let declares = Ident::new(if item == "call_at" { "Fits" } else { "Declared" }, ty.span());
        match &self.declared {
            None => quote_spanned!(ty.span()=> <#ty as ::nnsight::Inspectable>),
            Some(Signature { input, output }) => {
                let (input, output) = (input.ty(), output.ty());
                quote_spanned!(ty.span()=> <#ty as ::nnsight::__private::#declares<#input, #output>>)
            }
        }
    }

    /// An item of that trait.
    pub fn item(&self, item: &str) -> TokenStream {
        let item = Ident::new(item, self.ty.span());
        let inspectable = self.as_inspectable(&item);
        quote_spanned!(self.ty.span()=> #inspectable::#item)
    }

    /// The child's name at the place of its type, for where the two are used together.
    pub fn name_at_type(&self) -> Ident {
        let mut name = self.name.clone();
        name.set_span(self.ty.span());
        name
    }

    /// The constant that holds the length of the list.
    pub fn len_name(&self) -> Ident {
        format_ident!("__{}_LEN", self.field.unraw().to_string().to_uppercase())
    }
}
