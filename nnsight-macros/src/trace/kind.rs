//! What is known of an expression, as the user wrote it.

use super::literals;
use super::path::{Item, Path, end_named};
use super::scope::{Kind, Scope, Value};
use syn::{BinOp, Expr, ExprIndex, ExprMethodCall, Ident, Member, RangeLimits, UnOp};

/// Methods of sites that give sites: the value is read from what they give.
const TO_SITES: &[&str] = &["call_idx", "every_step", "grad", "next", "steps"];
/// Methods of sites that do something to them.
const ON_SITES: &[&str] = &["call", "get", "set", "set_at", "update"];
/// Methods of values that give something other than a value.
const NOT_VALUES: &[&str] = &[
    "backward",
    "chunk",
    "dims",
    "into_iter",
    "is_empty",
    "iter",
    "kind",
    "len",
    "name",
    "rank",
    "save",
    "shape",
    "size",
    "sort_with_indices",
    "split",
    "topk",
    "unbind",
];
/// Iterator adapters that give the same items.
const SAME_ITEMS: &[&str] = &["into_iter", "iter", "rev", "skip", "step_by", "take"];
/// Iterator methods whose closure takes an item first.
const EACH_ITEM: &[&str] = &[
    "all",
    "any",
    "filter_map",
    "find_map",
    "flat_map",
    "for_each",
    "map",
    "map_while",
    "position",
];

fn is_one_of(name: &Ident, names: &[&str]) -> bool {
    names.iter().any(|known| name == known)
}

/// Whether a method of a site is its own, not one of the value there.
pub fn is_own_method(name: &Ident) -> bool {
    is_one_of(name, TO_SITES) || is_one_of(name, ON_SITES)
}

/// Whether the closure that this method takes is given one item after the other.
pub fn takes_each_item(name: &Ident) -> bool {
    is_one_of(name, EACH_ITEM)
}

/// A site, as a place to read from or write to.
#[derive(Clone)]
pub struct Place {
    /// None where only the run knows which.
    pub path: Option<Path>,
}

/// The expression without parentheses.
pub fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(expr) => bare(&expr.expr),
        Expr::Group(expr) => bare(&expr.expr),
        expr => expr,
    }
}

/// The variable that an expression is.
pub fn variable(expr: &Expr) -> Option<&Ident> {
    match bare(expr) {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident(),
        _ => None,
    }
}

impl Scope {
    /// The site that an expression names: a field chain with `.input` or `.output`, or a variable `s` with
    /// `let s = &m.layer1.output`.
    pub fn site(&self, expr: &Expr) -> Option<Place> {
        match bare(expr) {
            Expr::Field(field) => {
                let base = self.site(&field.base);
                if let Some(place) = base {
                    let path = place.path.map(|path| match &field.member {
                        Member::Named(name) if name == "grad" => path.elsewhere(),
                        member => path.field(member.clone()),
                    });
                    return Some(Place { path });
                }
                match &field.member {
                    Member::Named(name) if end_named(name).is_some() && !is_self(&field.base) => {
                        let path = match self.kind(&field.base) {
                            Some(Kind::Module(path)) => Some(path.field(field.member.clone())),
                            _ => None,
                        };
                        Some(Place { path })
                    }
                    _ => None,
                }
            }
            Expr::MethodCall(call) if is_one_of(&call.method, TO_SITES) => {
                let place = self.site(&call.receiver)?;
                Some(Place {
                    path: place.path.map(Path::elsewhere),
                })
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => self.site(&unary.expr),
            expr => match self.get(variable(expr)?)? {
                Kind::Site(path) => Some(Place { path: path.clone() }),
                _ => None,
            },
        }
    }

    /// What an expression gives.
    pub fn kind(&self, expr: &Expr) -> Option<Kind> {
        let expr = bare(expr);
        if let Some(name) = variable(expr) {
            return self.get(name).cloned();
        }
        if let Some(place) = self.site(expr) {
            return Some(Kind::Value(value_at(place.path)));
        }
        match expr {
            Expr::Reference(reference) => match self.site(&reference.expr) {
                Some(place) => Some(Kind::Site(place.path)),
                None => self.kind(&reference.expr),
            },
            Expr::Unary(unary) => self.kind(&unary.expr),
            Expr::Field(field) => match self.kind(&field.base)? {
                Kind::Module(path) => Some(Kind::Module(path.field(field.member.clone()))),
                Kind::Value(value) => Some(Kind::Value(Value {
                    shape: value.shape.map(|path| path.field(field.member.clone())),
                    ..value
                })),
                _ => None,
            },
            Expr::Index(index) => self.kind_of_index(index),
            Expr::MethodCall(call) => self.kind_of_call(call),
            Expr::Binary(binary) if is_arithmetic(&binary.op) => {
                let needs = [&binary.left, &binary.right].map(|side| match self.kind(side) {
                    Some(Kind::Value(value)) => Some(value.needs),
                    _ => None,
                });
                let is_value = needs.iter().any(Option::is_some);
                let needs = needs.into_iter().flatten().flatten().collect();
                is_value.then_some(Kind::Value(Value { shape: None, needs }))
            }
            Expr::Tuple(tuple) => Some(Kind::Tuple(
                tuple.elems.iter().map(|elem| self.kind(elem)).collect(),
            )),
            _ => None,
        }
    }

    fn kind_of_index(&self, index: &ExprIndex) -> Option<Kind> {
        match self.kind(&index.expr) {
            Some(Kind::Module(path)) => Some(Kind::Module(path.item(self.item(&index.index)))),
            Some(Kind::Value(value)) => Some(Kind::Value(Value { shape: None, ..value })),
            Some(Kind::Site(path)) => Some(Kind::Value(Value {
                shape: None,
                ..value_at(path)
            })),
            Some(Kind::Tuple(_)) => None,
            None => is_index_of_value(&index.index).then(Kind::value),
        }
    }

    fn kind_of_call(&self, call: &ExprMethodCall) -> Option<Kind> {
        if let Some(place) = self.site(&call.receiver) {
            match call.method.to_string().as_str() {
                "get" => return Some(Kind::Value(value_at(place.path))),
                _ if is_own_method(&call.method) => return None,
                _ => {}
            }
        }
        // A variable that holds a site reads as the value there, as the site itself does.
        let receiver = match self.kind(&call.receiver)? {
            Kind::Site(path) => Kind::Value(value_at(path)),
            receiver => receiver,
        };
        match (receiver, call.method.to_string().as_str()) {
            (receiver, "clone") => Some(receiver),
            (Kind::Module(path), "call_idx" | "next") => Some(Kind::Module(path.elsewhere())),
            (Kind::Module(path), "invoke") if path.steps.is_empty() => Some(Kind::Module(path)),
            (Kind::Module(path), "at") => Some(Kind::Module(path.item(self.item(call.args.first()?)))),
            (Kind::Module(_), "call") => Some(Kind::value()),
            (Kind::Value(_), _) if !is_one_of(&call.method, NOT_VALUES) => Some(Kind::value()),
            _ => None,
        }
    }

    fn item(&self, index: &Expr) -> Item {
        literals::value(index).map_or_else(|| Item::Some(self.fresh()), Item::Literal)
    }

    /// What an iterator over an expression gives.
    pub fn element(&self, iterated: &Expr) -> Option<Kind> {
        match bare(iterated) {
            Expr::MethodCall(call) if is_one_of(&call.method, SAME_ITEMS) => self.element(&call.receiver),
            Expr::MethodCall(call) if call.method == "enumerate" => {
                Some(Kind::Tuple(vec![None, self.element(&call.receiver)]))
            }
            Expr::MethodCall(call) if call.method == "zip" => {
                let other = call.args.first().and_then(|other| self.element(other));
                Some(Kind::Tuple(vec![self.element(&call.receiver), other]))
            }
            Expr::Array(array) => {
                let is_value = |elem| matches!(self.kind(elem), Some(Kind::Value(_)));
                (!array.elems.is_empty() && array.elems.iter().all(is_value)).then(Kind::value)
            }
            Expr::Reference(reference) => self.element(&reference.expr),
            expr => match self.kind(expr)? {
                Kind::Module(path) => Some(Kind::Module(path.item(Item::Some(self.fresh())))),
                _ => None,
            },
        }
    }

    /// Whether `base[index]` is an index of a module, a site or a value, not of the user's own `Vec`.
    pub fn is_ours(&self, base: &Expr, index: &Expr) -> bool {
        self.site(base).is_some()
            || matches!(
                self.kind(base),
                Some(Kind::Module(_) | Kind::Site(_) | Kind::Value(_))
            )
            || is_index_of_value(index)
    }
}

impl Kind {
    fn value() -> Kind {
        Kind::Value(Value::default())
    }
}

fn value_at(path: Option<Path>) -> Value {
    let needs = path.iter().filter(|path| path.is_plain).cloned().collect();
    Value { shape: path, needs }
}

fn is_self(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Field(field) => is_self(&field.base),
        expr => variable(expr).is_some_and(|name| name == "self"),
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

/// Whether no `Vec` could have this index: it has a comma, a bare `..` or a negative literal.
fn is_index_of_value(index: &Expr) -> bool {
    match bare(index) {
        Expr::Tuple(_) => true,
        expr => is_full(expr) || literals::value(expr).is_some_and(|index| index < 0),
    }
}

/// `..`
pub fn is_full(expr: &Expr) -> bool {
    matches!(bare(expr), Expr::Range(range)
        if range.start.is_none() && range.end.is_none() && matches!(range.limits, RangeLimits::HalfOpen(_)))
}
