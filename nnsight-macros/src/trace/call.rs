//! Method calls, and macros whose arguments are expressions.

use super::emit::{self, Extent};
use super::kind::{is_own_method, takes_each_item};
use super::rewrite::Rewriter;
use super::scope::Kind;
use super::tokens::takes_expressions;
use super::{order, scope};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::visit_mut::VisitMut;
use syn::{Expr, ExprMethodCall, Macro, Token};

impl Rewriter {
    /// `receiver.method(args)`: a site's own methods are called on it, all others on the value there.
    pub fn method_call(&mut self, call: &mut ExprMethodCall) {
        let site = self.scope.site(&call.receiver);
        let is_own = is_own_method(&call.method);
        if is_own || call.method == "at" {
            self.check_call(call);
        }
        let closure_takes = match &site {
            Some(place) if call.method == "update" => Some(Kind::Value(scope::Value {
                shape: place.path.clone(),
                needs: Vec::new(),
            })),
            None if takes_each_item(&call.method) => self.scope.element(&call.receiver),
            _ => None,
        };
        match site {
            Some(_) if is_own => self.place(&mut call.receiver),
            Some(_) => {
                let extent = Extent::of(&call.receiver);
                let place = self.place_tokens(&mut call.receiver);
                *call.receiver = Expr::Verbatim(emit::read(place, extent));
            }
            None => self.visit_expr_mut(&mut call.receiver),
        }
        for arg in &mut call.args {
            match (arg, &closure_takes) {
                (Expr::Closure(closure), Some(kind)) if closure.inputs.len() == 1 => {
                    self.closure(closure, Some(kind.clone()));
                }
                (arg, _) => self.visit_expr_mut(arg),
            }
        }
    }

    /// The checks of `site.set(value)`, `site.set_at(index, value)`, `value.at(index)` and `list.at(index)`.
    fn check_call(&mut self, call: &ExprMethodCall) {
        let written = self.scope.site(&call.receiver).and_then(|place| place.path);
        let args: Vec<&Expr> = call.args.iter().collect();
        match (call.method.to_string().as_str(), args.as_slice(), written) {
            ("set", [value], Some(path)) | ("set_at", [_, value], Some(path)) => {
                let needs = self.needs(value);
                order::check(&mut self.checks, &path, &needs, Extent::of(value));
            }
            _ => {}
        }
        if let ("set_at", [index, _]) | ("at", [index]) = (call.method.to_string().as_str(), args.as_slice())
        {
            self.check_index(&call.receiver, index);
        }
    }

    /// `println!("{}", m.layer1.output.shape()[0])`: the arguments are part of the body.
    pub fn macro_call(&mut self, mac: &mut Macro) {
        let is_known = mac
            .path
            .segments
            .last()
            .is_some_and(|segment| takes_expressions(&segment.ident));
        if !is_known {
            return;
        }
        let repeated = |input: ParseStream| {
            Ok((
                input.parse::<Expr>()?,
                input.parse::<Token![;]>()?,
                input.parse::<Expr>()?,
            ))
        };
        if let Ok(mut args) = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(mac.tokens.clone()) {
            for arg in &mut args {
                match arg {
                    // `format!("{h}", h = expr)` names its argument.
                    Expr::Assign(named) if is_plain_name(&named.left) => {
                        self.visit_expr_mut(&mut named.right)
                    }
                    arg => self.visit_expr_mut(arg),
                }
            }
            mac.tokens = args.into_token_stream();
        } else if let Ok((mut item, semi, mut len)) = repeated.parse2(mac.tokens.clone()) {
            self.visit_expr_mut(&mut item);
            self.visit_expr_mut(&mut len);
            mac.tokens = quote::quote!(#item #semi #len);
        }
    }
}

fn is_plain_name(expr: &Expr) -> bool {
    super::kind::variable(expr).is_some()
}
