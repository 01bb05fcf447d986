//! Handles to modules of the trace that is being written: its model, for each invoke, and items of lists; all that lies
//! below one.

use crate::error::{Error, WrittenAt};
use crate::graph::node::{NodeKind, SiteId};
use crate::shapes::meta::TensorMeta;
use crate::tree::handle::{End, Handle};
use crate::tree::module::SiteTree;
use crate::tree::{ModuleId, Tree};
use crate::write::builder::{Bound, ValueRef};
use crate::write::open::{open_tree, with};
use crate::write::outside::within;
use std::panic::Location;
use std::sync::Arc;

/// The model as an invoke of the trace that is being written sees it; 0 sees the whole batch.
pub(crate) fn sites_of<T: SiteTree>(invoke: u16) -> T {
    let trace = with(|builder| builder.trace).unwrap_or(0);
    with_tree(Handle::root(trace, invoke), T::SITES)
}

/// The same handle in the model of its trace; outside of that, `here` itself.
pub(crate) fn with_tree<T: SiteTree>(at: Handle, here: T) -> T {
    match open_tree(at) {
        Some(tree) => T::at(at, &tree),
        None => here,
    }
}

/// Adds an invoke to the trace that is being written, and gives the model as it sees it.
pub(crate) fn add_invoke<T: SiteTree>(bound: Bound) -> T {
    sites_of(with(|builder| builder.add_invoke(bound)).unwrap_or(0))
}

/// The whole batch of the trace that is being written, beside its invokes.
pub(crate) fn whole_batch<T: SiteTree>() -> T {
    with(|builder| builder.has_more_rows = true);
    sites_of(0)
}

/// The sites of an attached module, as `from` sees the batch; a module of another model fails the trace.
pub(crate) fn attached<T: SiteTree>(from: Handle, id: u64, at: WrittenAt) -> T {
    let found = with(|builder| {
        let here = at.0.unwrap_or(Location::caller());
        if !builder.owns(from, &|tree| tree.path(from.module).to_owned(), here) {
            return None;
        }
        let tree = Arc::clone(&builder.tree);
        match tree.attached_by(id) {
            Some(module) => Some((tree, module)),
            None => {
                builder.fail(Error::NotAttached { at });
                None
            }
        }
    });
    match found.flatten() {
        Some((tree, module)) => {
            let at = Handle {
                module,
                call: 0,
                ..from
            };
            T::at(at, &tree)
        }
        None => T::SITES,
    }
}

/// A module of a list; a position outside fails the trace.
#[track_caller]
pub(crate) fn item<T: SiteTree>(list: Handle, len: usize, index: i64) -> T {
    let position = if index < 0 { index + len as i64 } else { index };
    let found = usize::try_from(position).ok().filter(|&position| position < len);
    let tree = open_tree(list);
    match (&tree, found) {
        (Some(tree), Some(position)) => T::at(list.child(tree, position), tree),
        (tree, _) => {
            no_item(list, tree.as_deref(), len, index, Location::caller());
            T::SITES
        }
    }
}

/// The trace that is being written cannot run: a list has no such module, or belongs to no trace that is open.
#[cold]
fn no_item(list: Handle, tree: Option<&Tree>, len: usize, index: i64, here: &'static Location<'static>) {
    let at = WrittenAt(Some(here));
    let name = |tree: &Tree| tree.path(list.module).to_owned();
    with(|builder| match tree {
        Some(tree) => {
            let list = name(tree);
            builder.fail(Error::NoSuchModule { list, index, len, at });
        }
        None => {
            builder.owns(list, &name, here);
        }
    });
}

/// Appends reads and saves of all sites of a module and of those below it.
#[track_caller]
pub(crate) fn save_below(top: Handle) -> Vec<(SiteId, ValueRef)> {
    let at = Location::caller();
    let saved = within(at, |builder| {
        if !builder.owns(top, &|tree| tree.path(top.module).to_owned(), at) {
            return Vec::new();
        }
        let tree = Arc::clone(&builder.tree);
        let end = tree.get(top.module).map_or(0, |module| module.end);
        let mut saved = Vec::new();
        for module in (top.module.0..end).map(ModuleId) {
            for side in [End::Input, End::Output] {
                let ports = tree.get(module).map_or(&[][..], |module| module.ports(side));
                for (port, declared) in ports.iter().enumerate() {
                    let site = SiteId {
                        module,
                        end: side,
                        port: port as u8,
                        call: top.call,
                        invoke: top.invoke,
                    };
                    let meta = TensorMeta {
                        kind: declared.kind,
                        dims: builder.dims_of(declared.axes, builder.view_at(site)),
                    };
                    let read = builder.push(NodeKind::Get(site), &[], meta, at);
                    let kept = builder.push(NodeKind::TrySave, &[read], meta, at);
                    saved.push((site, kept));
                }
            }
        }
        saved
    });
    saved.unwrap_or_default()
}
