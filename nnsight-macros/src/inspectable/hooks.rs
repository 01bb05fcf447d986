//! Hooks: each `EXPR.forward(args)` of a method goes through the core.
//!
//! `self.layer1.forward(x)` becomes
//! `call(&self.layer1, Some(Field::new(self, "layer1")), x, |x| self.layer1.forward(x))`. Of anything but a field types
//! say whether it is a module: what is none is called as it is. The arguments stay outside of the closure, so `?` and `return` in them work as before. A call written as
//! `Linear::forward(&self.layer1, x)` and what stands in macros are left alone.

use super::forward::one_or_tuple;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use std::collections::HashSet;
use syn::ext::IdentExt;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprMethodCall, FnArg, Ident, ImplItemFn, Item, Member, Pat, Stmt, Type};

/// Puts the hooks into a method.
pub fn rewrite(method: &mut ImplItemFn) {
    let receiver = method.sig.receiver();
    let mut hooks = Hooks {
        owned_self: receiver.is_some_and(|receiver| receiver.reference.is_none()),
        mutable: mutable_references(method),
        needs_receiver: false,
    };
    hooks.visit_block_mut(&mut method.block);
    if hooks.needs_receiver {
        let import = quote!(
            #[allow(unused_imports)]
            use ::nnsight::__private::{
                HookModule as _, HookOnce as _, HookPlain as _, HookThrice as _, HookTwice as _,
            };
        );
        method.block.stmts.insert(0, Stmt::Item(Item::Verbatim(import)));
    }
}

struct Hooks {
    /// Whether the method takes `self` and not a reference to it.
    owned_self: bool,
    /// Arguments of the method that are mutable references.
    mutable: HashSet<Ident>,
    /// Whether a receiver was found whose type is not in the text.
    needs_receiver: bool,
}

impl VisitMut for Hooks {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::MethodCall(call) = expr
            && call.method == "forward"
            && let Some(hooked) = self.hook(call)
        {
            *expr = Expr::Verbatim(hooked);
        }
    }

    /// Items within a method have methods of their own.
    fn visit_item_mut(&mut self, _: &mut Item) {}
}

impl Hooks {
    fn hook(&mut self, call: &ExprMethodCall) -> Option<TokenStream> {
        let ExprMethodCall {
            attrs,
            receiver,
            method,
            turbofish,
            args,
            ..
        } = call;
        let span = method.span();
        let names: Vec<_> = (0..args.len()).map(|i| local(&format!("__{i}"))).collect();
        let pattern = one_or_tuple(&names);
        let args: Vec<_> = args.iter().map(|arg| self.reborrow(arg)).collect();
        let args = one_or_tuple(&args);

        let (module, field) = match strip(receiver) {
            Expr::Path(path) if path.path.is_ident("self") => {
                let module = if self.owned_self {
                    quote!(&self)
                } else {
                    quote!(self)
                };
                (module, quote!(::core::option::Option::None))
            }
            // A constant: no part of a model.
            Expr::Path(path) if path.path.segments.len() > 1 => return None,
            Expr::Path(path) => {
                self.needs_receiver = true;
                return Some(quote_spanned! {span=>
                    (&&&&&::nnsight::__private::Hooked(&#path)).__nnsight_forward(
                        #args,
                        |#pattern| #(#attrs)* #receiver.#method #turbofish (#(#names),*),
                    )
                });
            }
            Expr::Field(place) if is_place(&place.base) => (quote!(&#place), self.field(place)),
            _ => {
                self.needs_receiver = true;
                let (module, carried) = (local("__module"), local("__args"));
                return Some(quote_spanned! {span=>
                    (match (&#receiver, #args) {
                        (#module, #carried) => (&&&&&::nnsight::__private::Hooked(#module)).__nnsight_forward(
                            #carried,
                            |#pattern| #(#attrs)* #module.#method #turbofish (#(#names),*),
                        ),
                    })
                });
            }
        };
        Some(quote_spanned! {span=>
            ::nnsight::__private::call(
                #module,
                #field,
                #args,
                |#pattern| #(#attrs)* #receiver.#method #turbofish (#(#names),*),
            )
        })
    }

    /// Which field of which module it is, where the text shows it: `self.a` or `self.a.b`.
    fn field(&self, place: &syn::ExprField) -> TokenStream {
        let Member::Named(name) = &place.member else {
            return quote!(::core::option::Option::None);
        };
        let parent = match strip(&place.base) {
            Expr::Path(path) if path.path.is_ident("self") && self.owned_self => quote!(&self),
            Expr::Path(path) if path.path.is_ident("self") => quote!(self),
            base if roots_in_self(base) => quote!(&#base),
            _ => return quote!(::core::option::Option::None),
        };
        let name = name.unraw().to_string();
        quote!(::core::option::Option::Some(::nnsight::__private::Field::new(#parent, #name)))
    }

    /// A mutable reference that is passed on is lent, as in a call that names its type.
    fn reborrow(&self, arg: &Expr) -> TokenStream {
        match arg {
            Expr::Path(path)
                if path
                    .path
                    .get_ident()
                    .is_some_and(|ident| self.mutable.contains(ident)) =>
            {
                quote!(&mut *#path)
            }
            arg => arg.to_token_stream(),
        }
    }
}

/// A name that no name of the user's can be.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

fn strip(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(paren) => strip(&paren.expr),
        Expr::Group(group) => strip(&group.expr),
        expr => expr,
    }
}

/// Whether naming the expression twice names the same thing and does nothing: `x`, `x.a`, `self.a.b`.
fn is_place(expr: &Expr) -> bool {
    match strip(expr) {
        Expr::Path(_) => true,
        Expr::Field(field) => is_place(&field.base),
        _ => false,
    }
}

fn roots_in_self(expr: &Expr) -> bool {
    match strip(expr) {
        Expr::Path(path) => path.path.is_ident("self"),
        Expr::Field(field) => roots_in_self(&field.base),
        _ => false,
    }
}

/// Arguments declared as `name: &mut T`, unless the method gives the name to something else later.
fn mutable_references(method: &ImplItemFn) -> HashSet<Ident> {
    struct Rebound<'a>(&'a mut HashSet<Ident>);
    impl VisitMut for Rebound<'_> {
        fn visit_pat_ident_mut(&mut self, pat: &mut syn::PatIdent) {
            self.0.remove(&pat.ident);
        }
    }
    let mut names: HashSet<Ident> = method
        .sig
        .inputs
        .iter()
        .filter_map(|arg| match arg {
            FnArg::Typed(arg) => match (&*arg.pat, &*arg.ty) {
                (Pat::Ident(pat), Type::Reference(ty)) if ty.mutability.is_some() => Some(pat.ident.clone()),
                _ => None,
            },
            FnArg::Receiver(_) => None,
        })
        .collect();
    if !names.is_empty() {
        Rebound(&mut names).visit_block_mut(&mut method.block.clone());
    }
    names
}
