//! Which of two sites comes first in the forward pass, as far as the texts of the forwards show.

use crate::graph::node::SiteId;
use crate::tree::handle::End;
use crate::tree::{ModuleId, Role, Tree};
use std::cmp::Ordering;

/// The order of two sites, or `None` where the texts do not show it.
///
/// Sites at later calls are left to the run: a call index counts calls of the whole run, and the text
/// does not say in which call of the parent they fall.
pub(crate) fn compare(tree: &Tree, a: SiteId, b: SiteId) -> Option<Ordering> {
    if (a.call, a.invoke) != (b.call, b.invoke) && tree.attachment(a.module).is_some() {
        // Calls of an attached module are counted in the text of the trace, not in the run.
        return None;
    }
    if a.module == b.module && a.call == b.call {
        return Some(a.end.cmp(&b.end));
    }
    if a.module == b.module {
        // A later call of a module that can call itself may be over before an earlier one.
        return (!calls_itself(tree, a.module)).then(|| a.call.cmp(&b.call));
    }
    if a.call != 0 || b.call != 0 {
        return None;
    }
    let (mut one, mut other) = (a.module, b.module);
    let (mut in_one, mut in_other) = (None, None);
    // Up to the innermost module in whose one call both are. Whoever calls a module has a smaller number.
    while one != other {
        let (at, place) = if one > other {
            (&mut one, &mut in_one)
        } else {
            (&mut other, &mut in_other)
        };
        let (caller, called_at) = tree.get(*at)?.called_by?;
        (*at, *place) = (caller, Some(called_at));
    }
    let is_before = match (in_one, in_other) {
        (None, _) => a.end == End::Input,
        (_, None) => b.end == End::Output,
        (Some(one), Some(other)) => one.is_before(other)?,
    };
    Some(if is_before {
        Ordering::Less
    } else {
        Ordering::Greater
    })
}

/// Whether a module's forward may call the module itself.
fn calls_itself(tree: &Tree, module: ModuleId) -> bool {
    let reached = tree.get(module).map_or(&[][..], |meta| meta.order.reached);
    reached.iter().any(|path| path.is_empty())
}

/// Whether nothing but the ends of its ancestors follows a module's call: stopping there saves nothing.
pub(crate) fn is_last(tree: &Tree, mut module: ModuleId) -> bool {
    while module != ModuleId::ROOT {
        let Some((caller, place)) = tree.get(module).and_then(|meta| meta.called_by) else {
            return false;
        };
        let Some(text) = tree.get(caller).map(|meta| meta.order) else {
            return false;
        };
        let is_last_turn = match tree.get(module).and_then(|meta| tree.get(meta.parent)) {
            Some(list) if list.role == Role::List => place.turn == Some(list.children.len() as u32 - 1),
            _ => true,
        };
        let all_known = text.perhaps.is_empty() && text.reached.is_empty();
        if !all_known || place.call + 1 != text.once.len() || !is_last_turn {
            return false;
        }
        module = caller;
    }
    true
}
