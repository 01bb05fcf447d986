//! What is known of an expression, as the user wrote it.

use super::expr::{bare, is_end, is_self, variable};
use super::literals;
use super::path::Item;
use super::scope::{Kind, Place, Scope, Value};
use super::vocabulary::{NOT_VALUES, SAME_ITEMS, TO_SEVERAL, is_one_of, is_own_method};
use syn::{BinOp, Block, Expr, ExprIf, ExprIndex, ExprMethodCall, Stmt};

impl Scope {
    /// What an expression gives.
    pub fn kind(&self, expr: &Expr) -> Option<Kind> {
        let expr = bare(expr);
        if let Some(name) = variable(expr) {
            return self.get(name).cloned();
        }
        if self.is_guess(expr) {
            return Some(Kind::Value(Value {
                is_guess: true,
                ..Value::default()
            }));
        }
        if let Some(place) = self.place(expr) {
            return Some(Kind::Value(place.value()));
        }
        match expr {
            Expr::If(ExprIf {
                then_branch,
                else_branch: Some((_, otherwise)),
                ..
            }) => self.either([self.kind_of_block(then_branch), self.kind(otherwise)]),
            Expr::Match(of) => self.either(of.arms.iter().map(|arm| self.kind(&arm.body))),
            Expr::Block(block) => self.kind_of_block(&block.block),
            Expr::Reference(reference) if self.is_guess(&reference.expr) => None,
            Expr::Reference(reference) => match self.place(&reference.expr) {
                Some(place) => Some(Kind::Place(place)),
                None => self.kind(&reference.expr),
            },
            Expr::Unary(unary) => self.kind(&unary.expr),
            Expr::Field(field) => match (self.module(expr), self.kind(&field.base)) {
                (Some(path), _) => Some(Kind::Module(path)),
                (None, Some(Kind::Attached)) => Some(Kind::Attached),
                (None, Some(Kind::Value(value))) => Some(Kind::Value(Value {
                    shape: value.shape.map(|path| path.field(field.member.clone())),
                    ..value
                })),
                _ => None,
            },
            Expr::Index(index) => self.kind_of_index(index),
            Expr::MethodCall(call) => self.kind_of_call(call),
            Expr::Binary(binary) if is_arithmetic(&binary.op) => {
                let sides = [&binary.left, &binary.right].map(|side| match self.kind(side) {
                    Some(Kind::Value(value)) => Some(value),
                    _ => None,
                });
                let is_value = sides.iter().any(Option::is_some);
                let computed = sides.into_iter().flatten().fold(Value::default(), Value::with);
                is_value.then_some(Kind::Value(computed))
            }
            Expr::Tuple(tuple) => Some(Kind::Tuple(
                tuple.elems.iter().map(|elem| self.kind(elem)).collect(),
            )),
            _ => None,
        }
    }

    /// What a block of one expression gives. Of variables of its own nothing is known here.
    fn kind_of_block(&self, block: &Block) -> Option<Kind> {
        match block.stmts.as_slice() {
            [Stmt::Expr(last, None)] => self.kind(last),
            _ => None,
        }
    }

    /// What one of several branches gives: a value or a place, if all do.
    fn either(&self, branches: impl IntoIterator<Item = Option<Kind>>) -> Option<Kind> {
        let mut branches = branches.into_iter();
        let first = branches.next()??;
        branches.try_fold(first, |all, branch| match (all, branch?) {
            (Kind::Place(_), Kind::Place(_)) => Some(Kind::Place(Place::default())),
            (Kind::Value(a), Kind::Value(b)) => Some(Kind::Value(a.with(b))),
            _ => None,
        })
    }

    /// Whether an expression ends in `.output` after something of which nothing is known.
    pub fn is_guess(&self, expr: &Expr) -> bool {
        match bare(expr) {
            Expr::Field(field) => {
                is_end(&field.member)
                    && !is_self(&field.base)
                    && self.module(&field.base).is_none()
                    && self.place(&field.base).is_none()
                    && self.kind(&field.base).is_none()
            }
            _ => false,
        }
    }

    /// Whether types must say what an expression is.
    pub fn is_unknown(&self, expr: &Expr) -> bool {
        match self.kind(expr) {
            Some(Kind::Value(value)) => value.is_guess,
            Some(_) => false,
            None => self.place(expr).is_none(),
        }
    }

    /// Whether types must say that an expression gives a value: what a function of the user's makes of something of
    /// ours.
    pub fn may_be_value(&self, expr: &Expr) -> bool {
        let is_ours = |expr| match self.kind(expr) {
            Some(Kind::Value(value)) => !value.is_guess,
            Some(Kind::Module(_) | Kind::Attached | Kind::Place(_)) => true,
            _ => self.may_be_value(expr),
        };
        match bare(expr) {
            Expr::Call(call) => call.args.iter().any(is_ours),
            Expr::MethodCall(call) => self.may_be_value(&call.receiver),
            Expr::Unary(unary) => self.may_be_value(&unary.expr),
            Expr::Index(index) => self.may_be_value(&index.expr),
            Expr::Binary(binary) if is_arithmetic(&binary.op) => {
                self.may_be_value(&binary.left) || self.may_be_value(&binary.right)
            }
            _ => false,
        }
    }

    /// The value that an expression gives; a reference to a place reads as the value there.
    pub fn value(&self, expr: &Expr) -> Option<Value> {
        self.kind(expr)?.into_value()
    }

    fn kind_of_index(&self, index: &ExprIndex) -> Option<Kind> {
        match self.kind(&index.expr) {
            Some(Kind::Module(path)) => Some(Kind::Module(path.item(self.item(&index.index)))),
            Some(Kind::Value(value)) => Some(Kind::Value(Value { shape: None, ..value })),
            Some(Kind::Place(place)) => Some(Kind::Value(Value {
                shape: None,
                ..place.value()
            })),
            Some(Kind::Attached) => Some(Kind::Attached),
            Some(Kind::Backward | Kind::Tuple(_)) => None,
            None => None,
        }
    }

    fn kind_of_call(&self, call: &ExprMethodCall) -> Option<Kind> {
        if let Some(place) = self.receiver(call) {
            match call.method.to_string().as_str() {
                "get" => return Some(Kind::Value(place.value())),
                _ if is_own_method(&call.method) => return None,
                _ => {}
            }
        }
        if self.gives_attached(call) {
            return Some(Kind::Attached);
        }
        // A variable that holds a place reads as the value there, as the place itself does.
        let receiver = match self.module_receiver(call) {
            Some(path) => Kind::Module(path),
            None => match self.kind(&call.receiver)? {
                Kind::Place(place) => Kind::Value(place.value()),
                receiver => receiver,
            },
        };
        match (receiver, call.method.to_string().as_str()) {
            (Kind::Module(_) | Kind::Attached, "call" | "value") => Some(self.computed(None, call)),
            (Kind::Module(_), _) => self.module_of_call(call).map(Kind::Module),
            (Kind::Value(_), "backward") => Some(Kind::Backward),
            (receiver, "clone") => Some(receiver),
            (Kind::Value(value), _) if !is_one_of(&call.method, NOT_VALUES) => {
                Some(self.computed(Some(value), call))
            }
            _ => None,
        }
    }

    /// Whether a method gives an attached module, or what lies in one.
    fn gives_attached(&self, call: &ExprMethodCall) -> bool {
        match call.method.to_string().as_str() {
            "attached" => self.module(&call.receiver).is_some(),
            "at" | "call_idx" | "clone" | "next" => {
                matches!(self.kind(&call.receiver), Some(Kind::Attached))
            }
            _ => false,
        }
    }

    /// What a call computes from values. Only gradients are followed through it.
    fn computed(&self, receiver: Option<Value>, call: &ExprMethodCall) -> Kind {
        let values = receiver
            .into_iter()
            .chain(call.args.iter().filter_map(|arg| self.value(arg)));
        let computed = values.fold(Value::default(), Value::with);
        Kind::Value(Value {
            needs: Vec::new(),
            ..computed
        })
    }

    /// Which item of a list an index names.
    pub fn item(&self, index: &Expr) -> Item {
        literals::value(index).map_or_else(|| Item::Some(self.fresh()), Item::Literal)
    }

    /// What an iterator over an expression gives.
    pub fn element(&self, iterated: &Expr) -> Option<Kind> {
        match bare(iterated) {
            Expr::MethodCall(call) if is_one_of(&call.method, SAME_ITEMS) => self.element(&call.receiver),
            Expr::MethodCall(call) if is_one_of(&call.method, TO_SEVERAL) => {
                match self.module(&call.receiver) {
                    Some(path) => Some(Kind::Module(path.elsewhere())),
                    None => self
                        .kind(&call.receiver)
                        .filter(|kind| matches!(kind, Kind::Attached)),
                }
            }
            Expr::MethodCall(call) if call.method == "enumerate" => {
                Some(Kind::Tuple(vec![None, self.element(&call.receiver)]))
            }
            Expr::MethodCall(call) if call.method == "zip" => {
                let other = call.args.first().and_then(|other| self.element(other));
                Some(Kind::Tuple(vec![self.element(&call.receiver), other]))
            }
            Expr::Array(array) => self.either(array.elems.iter().map(|elem| self.kind(elem))),
            Expr::Index(range) if matches!(bare(&range.index), Expr::Range(_)) => {
                let list = self.module(&range.expr)?;
                Some(Kind::Module(list.item(Item::Some(self.fresh()))))
            }
            Expr::Reference(reference) => self.element(&reference.expr),
            expr => match self.module(expr) {
                Some(list) => Some(Kind::Module(list.item(Item::Some(self.fresh())))),
                None => self.kind(expr).filter(|kind| matches!(kind, Kind::Attached)),
            },
        }
    }

    /// Whether `base[index]` is an index of a module, a place or a value, not of the user's own `Vec`.
    pub fn is_ours(&self, base: &Expr, index: &Expr) -> bool {
        self.place(base).is_some()
            || matches!(
                self.kind(base),
                Some(
                    Kind::Module(_)
                        | Kind::Attached
                        | Kind::Place(_)
                        | Kind::Value(Value { is_guess: false, .. })
                )
            )
            || is_index_of_value(index)
    }
}

impl Kind {
    /// What it reads as where a value is wanted.
    pub fn into_value(self) -> Option<Value> {
        match self {
            Kind::Value(value) => Some(value),
            Kind::Place(place) => Some(place.value()),
            _ => None,
        }
    }
}

impl Place {
    /// The value here.
    pub fn value(self) -> Value {
        Value {
            needs: self.path.iter().filter(|path| path.is_plain).cloned().collect(),
            shape: self.path,
            gradient: self.gradient,
            is_guess: false,
        }
    }
}

impl Value {
    /// What is computed from two values.
    fn with(mut self, other: Value) -> Value {
        self.needs.extend(other.needs);
        Value {
            shape: None,
            needs: self.needs,
            gradient: self.gradient.or(other.gradient),
            is_guess: self.is_guess || other.is_guess,
        }
    }
}

fn is_arithmetic(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::Add(_)
            | BinOp::Sub(_)
            | BinOp::Mul(_)
            | BinOp::Div(_)
            | BinOp::Rem(_)
            | BinOp::BitAnd(_)
            | BinOp::BitOr(_)
            | BinOp::BitXor(_)
    )
}

/// Whether no `Vec` could have this index: it has a comma or a negative literal. `&tokens[..]` is plain Rust.
fn is_index_of_value(index: &Expr) -> bool {
    match bare(index) {
        Expr::Tuple(_) => true,
        expr => literals::value(expr).is_some_and(|index| index < 0),
    }
}
