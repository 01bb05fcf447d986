//! Who calls a module, and when: what the texts of the forwards show of it, and no more.
//!
//! "Below in the tree" is not "called by": a forward may call `self.body.wte` before `self.body`, twice, or through a
//! reference that its text does not follow. So a module has a known caller only if the text of one ancestor calls it
//! exactly once, on the straight line through its forward, and no other ancestor's text can reach it. A chain of such
//! links orders two sites; where a link is missing, nothing is claimed.

use crate::shapes::axes::same_name;
use crate::tree::end::End;

/// A path of fields from a module, as `["body", "wte"]`; a position in a list is its number, as `["h", "0"]`.
pub type FieldPath = &'static [&'static str];

/// What the text of a forward shows of the calls in it.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// What it calls exactly once each, first call first. The path of a list stands for all of its items, from front
    /// to back.
    pub once: &'static [FieldPath],
    /// What it calls otherwise: not always, or several times. The path of a list stands for some of its items.
    pub perhaps: &'static [FieldPath],
    /// What it uses in a way that the text does not follow: that may call it, and all that lies below. The empty path
    /// is the module itself.
    pub reached: &'static [FieldPath],
}

impl Order {
    /// A node that calls nothing: a list, or a module with nothing below.
    pub const NONE: Order = Order {
        once: &[],
        perhaps: &[],
        reached: &[],
    };
    /// A module whose text is not known.
    pub const UNKNOWN: Order = Order {
        reached: &[&[]],
        ..Order::NONE
    };
}

/// The fields of a module, each with the name of its site; `""` for one that is left out.
pub type Fields = &'static [(&'static str, &'static str)];

/// A module or a list on the way from a model to one of its modules.
#[derive(Clone, Copy, Debug)]
pub struct Level<'a> {
    pub(crate) order: Order,
    pub(crate) fields: Fields,
    pub(crate) step: Step<'a>,
}

/// How it goes on from there.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step<'a> {
    /// Into a field.
    Field(&'a str),
    /// To an item of a list; which one may be unknown.
    Item(Option<u32>),
    /// Not at all.
    End,
}

/// Where a module is called: by which of its ancestors, and where in the text of that one's forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The ancestor, by its place among the levels.
    pub(crate) level: usize,
    pub(crate) place: Place,
}

/// A place in the text of a forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Which of the calls of [`Order::once`].
    pub(crate) call: usize,
    /// Which turn, where that call walks a list; it may be unknown.
    pub(crate) turn: Option<u32>,
}

impl Place {
    /// Whether this place is known to come before another in the same text.
    pub(crate) const fn is_before(self, other: Place) -> Option<bool> {
        if self.call != other.call {
            return Some(self.call < other.call);
        }
        match (self.turn, other.turn) {
            (Some(a), Some(b)) if a != b => Some(a < b),
            _ => None,
        }
    }
}

/// What a path in the text of an ancestor has to do with a module.
enum Relation {
    /// Nothing: another branch of the tree, or something below the module.
    Apart,
    /// It leads to what the module lies in.
    Above,
    /// It leads to the module itself.
    Exact,
    /// It leads to the list that the module is an item of.
    Item(Option<u32>),
    /// It goes through something that is not in the tree, and may lead to the module after all.
    Lost,
}

/// The one call of the module at level `at`, if the texts above show that there is one.
pub(crate) const fn caller(levels: &[Level], at: usize) -> Option<Caller> {
    let mut found = None;
    let mut level = 0;
    while level < at {
        let order = levels[level].order;
        let mut i = 0;
        while i < order.reached.len() {
            if !matches!(relation(order.reached[i], levels, level, at), Relation::Apart) {
                return None;
            }
            i += 1;
        }
        i = 0;
        while i < order.perhaps.len() {
            if !matches!(
                relation(order.perhaps[i], levels, level, at),
                Relation::Apart | Relation::Above
            ) {
                return None;
            }
            i += 1;
        }
        i = 0;
        while i < order.once.len() {
            let turn = match relation(order.once[i], levels, level, at) {
                Relation::Apart | Relation::Above => None,
                Relation::Exact => Some(Some(0)),
                Relation::Item(item) => Some(item),
                Relation::Lost => return None,
            };
            if let Some(turn) = turn {
                if found.is_some() {
                    return None;
                }
                let place = Place { call: i, turn };
                found = Some(Caller { level, place });
            }
            i += 1;
        }
        level += 1;
    }
    found
}

/// What `path`, in the text of the module at level `from`, has to do with the module at level `to`.
const fn relation(path: FieldPath, levels: &[Level], from: usize, to: usize) -> Relation {
    let mut i = 0;
    while i < path.len() {
        let here = levels[from + i];
        let matches = from + i < to
            && match here.step {
                Step::Field(name) => same_name(path[i], name),
                Step::Item(Some(item)) => match number(path[i]) {
                    Some(named) => named == item,
                    None => return Relation::Lost,
                },
                // It may be that item, or another.
                Step::Item(None) => return Relation::Lost,
                Step::End => false,
            };
        if !matches {
            let known =
                here.fields.is_empty() || matches!(here.step, Step::Item(_)) || has(here.fields, path[i]);
            return if known { Relation::Apart } else { Relation::Lost };
        }
        i += 1;
    }
    match to - from - i {
        0 => Relation::Exact,
        1 => match levels[to - 1].step {
            Step::Item(item) => Relation::Item(item),
            Step::Field(_) | Step::End => Relation::Above,
        },
        _ => Relation::Above,
    }
}

const fn has(fields: Fields, name: &str) -> bool {
    let mut i = 0;
    while i < fields.len() {
        if same_name(fields[i].0, name) {
            return true;
        }
        i += 1;
    }
    false
}

const fn number(text: &str) -> Option<u32> {
    let (digits, mut number, mut i) = (text.as_bytes(), 0u32, 0);
    while i < digits.len() {
        if !digits[i].is_ascii_digit() || number > 100_000_000 {
            return None;
        }
        number = number * 10 + (digits[i] - b'0') as u32;
        i += 1;
    }
    if digits.is_empty() { None } else { Some(number) }
}

/// Whether a site is known to come before another, by the ways to their modules; the first `shared` levels are the same
/// modules.
pub(crate) const fn is_before(
    first: &[Level],
    first_end: End,
    second: &[Level],
    second_end: End,
    shared: usize,
) -> Option<bool> {
    let (mut a, mut b) = (first.len() - 1, second.len() - 1);
    let (mut in_a, mut in_b) = (None, None);
    // Up to the innermost module in whose one call both are.
    while a != b || a >= shared {
        if a >= b {
            let Some(caller) = caller(first, a) else {
                return None;
            };
            (a, in_a) = (caller.level, Some(caller.place));
        } else {
            let Some(caller) = caller(second, b) else {
                return None;
            };
            (b, in_b) = (caller.level, Some(caller.place));
        }
    }
    match (in_a, in_b) {
        (None, None) => match (first_end, second_end) {
            (End::Input, End::Output) => Some(true),
            (End::Output, End::Input) => Some(false),
            _ => None,
        },
        // The second lies within the module of the first, and the other way round.
        (None, Some(_)) => Some(matches!(first_end, End::Input)),
        (Some(_), None) => Some(matches!(second_end, End::Output)),
        (Some(a), Some(b)) => a.is_before(b),
    }
}
