//! Method calls.

use super::emit::{self, Extent};
use super::rewrite::Rewriter;
use super::scope::{Kind, Value};
use super::vocabulary::{is_own_method, takes_each_item};
use syn::visit_mut::VisitMut;
use syn::{Expr, ExprMethodCall};

impl Rewriter {
    /// `receiver.method(args)`: a place's own methods are called on it, all others on the value there.
    pub fn method_call(&mut self, call: &mut ExprMethodCall) {
        if self.scope.module_receiver(call).is_some() {
            return self.call_of_module(call);
        }
        self.note_steps(call);
        if self.site_of_cache(call) {
            return;
        }
        let place = self.scope.place(&call.receiver);
        let is_own = is_own_method(&call.method);
        let closure_takes = match &place {
            Some(place) if call.method == "update" => Some(Kind::Value(Value {
                needs: Vec::new(),
                ..place.clone().value()
            })),
            None if takes_each_item(&call.method) => self.scope.element(&call.receiver),
            _ => None,
        };
        if call.method == "backward" && call.args.is_empty() {
            self.check_loss(&call.receiver);
        } else if is_own || call.method == "at" {
            self.check_call(call, closure_takes.as_ref());
        }
        match place {
            Some(_) if is_own => self.place(&mut call.receiver),
            // A site has the methods of its value, and anything else its own.
            Some(_) if self.scope.is_guess(&call.receiver) => {
                match self.is_found(&call.receiver, &call.method) {
                    true => self.place(&mut call.receiver),
                    false => self.place_of_plain(&mut call.receiver),
                }
            }
            Some(_) => {
                let extent = Extent::of(&call.receiver);
                let place = self.place_tokens(&mut call.receiver);
                *call.receiver = Expr::Verbatim(emit::read(place, extent));
            }
            None if !self.is_found(&call.receiver, &call.method) => self.place_of_plain(&mut call.receiver),
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

    /// `cache.get(|m| m.h[3].output)`: what the closure gives is a site, not the value there. Of the module that is
    /// cached the text does not say the type.
    fn site_of_cache(&mut self, call: &mut ExprMethodCall) -> bool {
        if call.method != "get" || call.args.len() != 1 {
            return false;
        }
        let Some(Expr::Closure(closure)) = call.args.first_mut() else {
            return false;
        };
        if closure.inputs.len() != 1 {
            return false;
        }
        self.scope.enter();
        self.scope.bind(&closure.inputs[0], Some(Kind::Attached));
        let is_site = self.is_chain(&closure.body);
        if is_site {
            self.place(&mut closure.body);
        }
        self.scope.leave();
        if is_site {
            self.place_of_plain(&mut call.receiver);
        }
        is_site
    }

    /// `m.h.at(-1)`, `m.head.call_idx(1)`: a method of a module or of a list of them.
    pub fn call_of_module(&mut self, call: &mut ExprMethodCall) {
        self.note_steps(call);
        if call.method == "at"
            && let (Some(list), Some(index)) = (self.scope.module(&call.receiver), call.args.first())
        {
            self.checks.layer(&list, index);
        }
        self.module(&mut call.receiver);
        for arg in &mut call.args {
            self.visit_expr_mut(arg);
        }
    }

    /// The checks of `site.set(value)`, `site.set_at(index, value)`, `site.update(|h| value)`, `value.at(index)`
    /// and `list.at(index)`.
    fn check_call(&mut self, call: &ExprMethodCall, closure_takes: Option<&Kind>) {
        let args: Vec<&Expr> = call.args.iter().collect();
        match (call.method.to_string().as_str(), args.as_slice()) {
            ("set", [value]) | ("set_at", [_, value]) => self.check_written(&call.receiver, value),
            ("update", [Expr::Closure(closure)]) => {
                self.scope.enter();
                for param in closure.inputs.iter().take(1) {
                    self.scope.bind(param, closure_takes.cloned());
                }
                self.check_written(&call.receiver, &closure.body);
                self.scope.leave();
            }
            _ => {}
        }
        if let ("set_at", [index, _]) | ("at", [index]) = (call.method.to_string().as_str(), args.as_slice())
        {
            self.check_index(&call.receiver, index);
        }
    }
}
