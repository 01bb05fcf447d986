//! Which of two sites comes first in the forward pass, as far as the text of the forwards shows.

use crate::graph::SiteId;
use crate::site::End;
use crate::tree::{ModuleId, ModuleMeta, Role, Tree};
use std::cmp::Ordering;

/// The order of two sites, or `None` where the text does not show it.
///
/// Sites at later calls are left to the run: a call index counts calls of the whole run, and the text
/// does not say in which call of the parent they fall.
pub(crate) fn compare(tree: &Tree, a: SiteId, b: SiteId) -> Option<Ordering> {
    if (a.call, a.invoke) != (b.call, b.invoke) && tree.attachment(a.module).is_some() {
        // Calls of an attached module are counted in the text of the trace, not in the run.
        return None;
    }
    if a.module == b.module {
        return (a.call == b.call)
            .then(|| a.end.cmp(&b.end))
            .or(Some(a.call.cmp(&b.call)));
    }
    if a.call != 0 || b.call != 0 {
        return None;
    }
    if is_below(tree, b.module, a.module) {
        return Some(if a.end == End::Input {
            Ordering::Less
        } else {
            Ordering::Greater
        });
    }
    if is_below(tree, a.module, b.module) {
        return Some(if b.end == End::Input {
            Ordering::Greater
        } else {
            Ordering::Less
        });
    }
    let (a, b) = siblings(tree, a.module, b.module)?;
    Some(place(tree, a)?.cmp(&place(tree, b)?))
}

fn is_below(tree: &Tree, inner: ModuleId, outer: ModuleId) -> bool {
    tree.get(outer)
        .is_some_and(|meta| outer < inner && inner.0 < meta.end)
}

/// The ancestors (or selves) of two modules that share a parent.
fn siblings(tree: &Tree, mut a: ModuleId, mut b: ModuleId) -> Option<(ModuleId, ModuleId)> {
    // Numbers are given depth first, so the greater one is never the other's ancestor.
    loop {
        let (parent_a, parent_b) = (tree.get(a)?.parent, tree.get(b)?.parent);
        if parent_a == parent_b {
            return Some((a, b));
        }
        if a > b { a = parent_a } else { b = parent_b }
    }
}

/// Where a module stands among its siblings' calls.
fn place(tree: &Tree, module: ModuleId) -> Option<usize> {
    let meta = tree.get(module)?;
    let parent = tree.get(meta.parent)?;
    match parent.role {
        Role::List => walks_in_order(tree, parent).then_some(meta.position as usize),
        Role::Module | Role::Absent => parent.order.iter().position(|name| *name == meta.name),
    }
}

/// Whether a list's owner calls its elements from front to back.
fn walks_in_order(tree: &Tree, list: &ModuleMeta) -> bool {
    tree.get(list.parent)
        .is_some_and(|owner| owner.order.contains(&list.name.as_str()))
}

/// Whether nothing but the ends of its ancestors follows a module's call: stopping there saves nothing.
pub(crate) fn is_last(tree: &Tree, mut module: ModuleId) -> bool {
    while module != ModuleId::ROOT {
        let Some(meta) = tree.get(module) else {
            return false;
        };
        let Some(parent) = tree.get(meta.parent) else {
            return false;
        };
        let last = parent.children.len() - 1;
        let known = match parent.role {
            Role::List => walks_in_order(tree, parent) && meta.position as usize == last,
            _ => {
                parent.order.len() == parent.children.len()
                    && parent.order.last() == Some(&meta.name.as_str())
            }
        };
        if !known {
            return false;
        }
        module = meta.parent;
    }
    true
}
