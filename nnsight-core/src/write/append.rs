//! What values and sites append to the trace that is being written.

use crate::error::{Error, Result, WrittenAt};
use crate::graph::names::{axes_name, site_name};
use crate::graph::node::{Constant, NodeKind, SiteId};
use crate::ops::Op;
use crate::ops::error::OpError;
use crate::shapes::axes::{AxisMeta, Extent};
use crate::shapes::dims::Dims;
use crate::shapes::meta::TensorMeta;
use crate::shapes::scalar::Scalar;
use crate::shapes::shape::{Kind, KindTag, Shape};
use crate::shapes::take;
use crate::shapes::take::Take;
use crate::tensor::erased::Erased;
use crate::tensor::real::RealTensor;
use crate::tree::handle::{End, Handle};
use crate::tree::module::SiteTree;
use crate::tree::{ModuleId, ModuleMeta, Role, Tree};
use crate::write::builder::{Bound, Builder, ValueRef, View, with};
use crate::write::outside::within;
use crate::write::owner::open_tree;
use std::panic::Location;
use std::sync::Arc;

/// Appends an operation, or anything else whose sizes follow from its inputs.
#[track_caller]
pub(crate) fn apply(kind: NodeKind, inputs: &[ValueRef]) -> ValueRef {
    let at = Location::caller();
    within(at, |builder| apply_in(builder, kind, inputs, at)).unwrap_or(ValueRef::NONE)
}

/// Appends an operation, or anything else whose sizes follow from its inputs, to a trace.
pub(crate) fn apply_in(
    builder: &mut Builder,
    kind: NodeKind,
    inputs: &[ValueRef],
    at: &'static Location<'static>,
) -> ValueRef {
    let nothing = TensorMeta {
        kind: KindTag::Float,
        dims: Dims::new([]),
    };
    let meta = match &kind {
        NodeKind::Op(op) => {
            let metas = inputs
                .iter()
                .map(|&input| builder.meta(input))
                .collect::<Option<Vec<_>>>();
            // An input of another trace is reported where the node is pushed.
            metas.map_or(nothing, |metas| {
                op.infer(&metas).unwrap_or_else(|source| {
                    let error = misfit(builder, op, source, inputs, at);
                    builder.fail(error);
                    nothing
                })
            })
        }
        _ => inputs
            .first()
            .and_then(|&input| builder.meta(input))
            .unwrap_or(nothing),
    };
    builder.push(kind, inputs, meta, at)
}

/// The error of an operation that cannot work. A position outside of a site's axis names both.
fn misfit(
    builder: &Builder,
    op: &Op,
    source: OpError,
    inputs: &[ValueRef],
    at: &'static Location<'static>,
) -> Error {
    let at = WrittenAt(Some(at));
    let read = inputs
        .first()
        .map(|input| &builder.nodes()[input.node.index()].kind);
    let (&OpError::OutOfBounds { dim, index, size }, Some(&NodeKind::Get(site))) = (&source, read) else {
        return Error::op(op, source, at);
    };
    let module = builder.tree.get(site.module);
    let port = module.and_then(|module| module.ports(site.end).get(site.port as usize));
    Error::OutOfBounds {
        what: site_name(&builder.tree, site),
        index,
        dim,
        axis: port
            .and_then(|port| port.axes.get(dim))
            .map_or("", |axis| axis.name),
        size,
        at,
    }
}

/// Appends a node whose kind and sizes are known.
#[track_caller]
fn declare<S: Shape, K: Kind>(kind: NodeKind, inputs: &[ValueRef]) -> ValueRef {
    let at = Location::caller();
    within(at, |builder| declare_in::<S, K>(builder, kind, inputs, at)).unwrap_or(ValueRef::NONE)
}

fn declare_in<S: Shape, K: Kind>(
    builder: &mut Builder,
    kind: NodeKind,
    inputs: &[ValueRef],
    at: &'static Location<'static>,
) -> ValueRef {
    let view = match (&kind, inputs.first()) {
        (NodeKind::Get(site), _) => (builder.view_at(*site), false),
        (_, Some(input)) => builder.find_view(*input),
        _ => (View::default(), false),
    };
    let meta = TensorMeta {
        kind: K::TAG,
        dims: builder.dims_of(S::AXES, view.0),
    };
    let value = builder.push(kind, inputs, meta, at);
    builder.remember_view(value, view);
    value
}

/// Appends a read of a site.
#[track_caller]
pub(crate) fn read<S: Shape, K: Kind>(from: Handle, site: SiteId) -> ValueRef {
    let at = Location::caller();
    within(at, |builder| {
        let fits = builder.owns(from, &|tree| site_name(tree, site), at)
            && builder.port(site, WrittenAt(Some(at))).is_some();
        match fits {
            true => declare_in::<S, K>(builder, NodeKind::Get(site), &[], at),
            false => ValueRef::NONE,
        }
    })
    .unwrap_or(ValueRef::NONE)
}

/// What is written into a site.
pub(crate) enum Written {
    /// A value.
    Value(ValueRef),
    /// A value over the last axes, the same along the others.
    Last(ValueRef),
    /// A number, everywhere.
    Number(Scalar),
}

/// Appends a write into a site or a part of it.
#[track_caller]
pub(crate) fn write(from: Handle, site: SiteId, takes: Vec<Take>, written: Written) {
    let at = Location::caller();
    within(at, |builder| {
        if builder.owns(from, &|tree| site_name(tree, site), at) {
            write_site(builder, site, takes, written, at);
        }
    });
}

/// Appends a write into a site of a trace.
pub(crate) fn write_site(
    builder: &mut Builder,
    site: SiteId,
    takes: Vec<Take>,
    written: Written,
    at: &'static Location<'static>,
) {
    let Some((axes, kind)) = builder.port(site, WrittenAt(Some(at))) else {
        return;
    };
    let place = Place {
        name: &|builder| site_name(&builder.tree, site),
        axes,
        meta: TensorMeta {
            kind,
            dims: builder.dims_of(axes, builder.view_at(site)),
        },
    };
    let is_shared = builder.tree.attachment(site.module).is_none() && !builder.has_rows(axes);
    if site.invoke > 0 && is_shared {
        return builder.fail(Error::SharedSite {
            site: site_name(&builder.tree, site),
            at: WrittenAt(Some(at)),
        });
    }
    write_into(builder, place, takes, written, at, |takes, number| match number {
        Some(number) => NodeKind::Fill { site, takes, number },
        None => NodeKind::Set { site, takes },
    });
}

/// What can be written: a site, or a gradient.
pub(crate) struct Place<'a> {
    /// What errors call it.
    pub(crate) name: &'a dyn Fn(&Builder) -> String,
    pub(crate) axes: &'static [AxisMeta],
    pub(crate) meta: TensorMeta,
}

/// Appends a write, if what is written fits.
pub(crate) fn write_into(
    builder: &mut Builder,
    place: Place<'_>,
    takes: Vec<Take>,
    written: Written,
    at: &'static Location<'static>,
    node: impl FnOnce(Vec<Take>, Option<Scalar>) -> NodeKind,
) {
    let here = WrittenAt(Some(at));
    let wanted = match take::apply(&takes, &place.meta.dims) {
        Ok(indexed) if takes.is_empty() => indexed.kept,
        Ok(indexed) => indexed.left,
        Err(out) => {
            let what = (place.name)(builder);
            return builder.fail(Error::OutOfBounds {
                what,
                index: out.index,
                dim: out.dim,
                axis: place.axes.get(out.dim).map_or("", |axis| axis.name),
                size: out.size,
                at: here,
            });
        }
    };
    let value = match written {
        Written::Number(number) => {
            if let Err(source) = number.check(place.meta.kind) {
                let operation = format!("writing {}", (place.name)(builder));
                let at = here;
                builder.fail(Error::Op {
                    operation,
                    source,
                    at,
                });
            }
            builder.push(node(takes, Some(number)), &[], place.meta, at);
            return;
        }
        Written::Value(value) => value,
        Written::Last(value) => match last_to(builder, value, &wanted, at) {
            Some(value) => value,
            None => value,
        },
    };
    if let Some(found) = builder.meta(value).map(|meta| meta.dims)
        && wanted.unify(&found).is_none()
    {
        let site = (place.name)(builder);
        builder.fail(Error::WrongSizes {
            site,
            wanted,
            found,
            at: here,
        });
    }
    builder.push(node(takes, None), &[value], place.meta, at);
}

/// Appends the value over the last of axes of such sizes, if it fits them.
fn last_to(
    builder: &mut Builder,
    value: ValueRef,
    wanted: &Dims,
    at: &'static Location<'static>,
) -> Option<ValueRef> {
    let found = builder.meta(value)?.dims;
    let before = wanted.rank().checked_sub(found.rank())?;
    let last = Dims::new(wanted.sizes().iter().skip(before).copied());
    last.unify(&found)?;
    let expand = Op::Expand {
        places: (before..wanted.rank()).collect(),
        sizes: wanted.sizes().to_vec(),
    };
    Some(apply_in(builder, NodeKind::Op(expand), &[value], at))
}

/// Appends a real tensor as a constant.
#[track_caller]
pub(crate) fn constant(tensor: Erased) -> ValueRef {
    let at = Location::caller();
    within(at, |builder| {
        let meta = TensorMeta {
            kind: tensor.kind(),
            dims: tensor.dims(),
        };
        let number = builder.graph.constants.len() as u32;
        builder.graph.constants.push(Constant::Tensor(tensor));
        builder.push(NodeKind::Constant(number), &[], meta, at)
    })
    .unwrap_or(ValueRef::NONE)
}

/// A real tensor as a constant of shape `S`: the axes of constant size are checked.
#[track_caller]
pub(crate) fn constant_of<S: Shape>(tensor: Erased) -> ValueRef {
    let at = WrittenAt(Some(Location::caller()));
    let found = tensor.dims();
    with(|builder| {
        let wanted = builder.dims_of(S::AXES, View::default());
        if wanted.unify(&found).is_none() {
            let site = format!("a value over {}", axes_name(S::AXES));
            builder.fail(Error::WrongSizes {
                site,
                wanted,
                found,
                at,
            });
        }
    });
    constant(tensor)
}

/// Appends a closure over real tensors, which gives one of shape `T`.
#[track_caller]
pub(crate) fn map<T: Shape, L: Kind>(
    values: &[ValueRef],
    f: impl FnOnce(Vec<Erased>) -> Result<T::Tensor<L>> + Send + 'static,
) -> ValueRef {
    let number = within(Location::caller(), |builder| {
        let run = move |tensors: Vec<Erased>| Ok(f(tensors)?.erase());
        builder.maps.push(Some(Box::new(run)));
        builder.maps.len() as u32 - 1
    });
    match number {
        Some(number) => declare::<T, L>(NodeKind::Map(number), values),
        None => ValueRef::NONE,
    }
}

/// Appends the node that runs a module. Its sizes are those of the first tensor that the module gives.
pub(crate) fn call_in(
    builder: &mut Builder,
    kind: NodeKind,
    module: ModuleId,
    inputs: &[ValueRef],
    at: &'static Location<'static>,
) -> ValueRef {
    let tree = Arc::clone(&builder.tree);
    let found = tree.get(module).filter(|module| module.role != Role::Absent);
    if found.is_none() {
        builder.fail(Error::Absent {
            path: tree.path(module).to_owned(),
            at: WrittenAt(Some(at)),
        });
    }
    let view = inputs
        .first()
        .map_or((View::default(), false), |input| builder.find_view(*input));
    let taken = found.map(|found| taken_by(builder, found, inputs, WrittenAt(Some(at))));
    let taken = taken.unwrap_or_else(|| Ok(Bound::new()));
    let taken = taken.unwrap_or_else(|error| {
        builder.fail(error);
        Bound::new()
    });
    let first = found.and_then(|module| module.outputs.first());
    let meta = first.map_or(
        TensorMeta {
            kind: KindTag::Float,
            dims: Dims::new([]),
        },
        |port| TensorMeta {
            kind: port.kind,
            dims: Dims::of_axes(port.axes, |axis| match size_in(&taken, axis) {
                Some(size) => Some(size),
                None => builder.size_of(axis, view.0),
            }),
        },
    );
    let value = builder.push(kind, inputs, meta, at);
    builder.remember_view(value, view);
    value
}

/// Checks what a module is called on against what it takes: the sizes that the values give to run-time axes.
fn taken_by(builder: &Builder, module: &ModuleMeta, inputs: &[ValueRef], at: WrittenAt) -> Result<Bound> {
    if module.outputs.is_empty() {
        return Err(Error::NotCallable);
    }
    if module.inputs.len() != inputs.len() {
        return Err(Error::CallCount {
            module: module.name_in_messages().to_owned(),
            wanted: module.inputs.len(),
            found: inputs.len(),
            at,
        });
    }
    let mut taken = Bound::new();
    for (port, input) in module.inputs.iter().zip(inputs) {
        // A value of another trace is reported where the node is pushed.
        let Some(found) = builder.meta(*input) else {
            continue;
        };
        let place = || format!("{}'s input{}", module.name_in_messages(), port.name);
        if found.kind != port.kind {
            return Err(Error::WrongKind {
                place: place(),
                wanted: port.kind,
                found: found.kind,
                at,
            });
        }
        let wanted = Dims::of_axes(port.axes, |axis| size_in(&taken, axis));
        if wanted.unify(&found.dims).is_none() {
            return Err(Error::WrongSizes {
                site: place(),
                wanted,
                found: found.dims,
                at,
            });
        }
        for (axis, size) in port.axes.iter().zip(found.dims.sizes().iter()) {
            if let (Extent::Bound, Some(size)) = (axis.extent, *size) {
                taken.push((*axis, size));
            }
        }
    }
    Ok(taken)
}

fn size_in(bound: &Bound, axis: &AxisMeta) -> Option<usize> {
    let found = bound.iter().find(|(name, _)| name.id == axis.id);
    found.map(|(_, size)| *size)
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

/// Kind and sizes of a value, as far as they are known. A value of another trace has none, and fails this one.
#[track_caller]
pub(crate) fn meta(value: ValueRef) -> Option<TensorMeta> {
    let at = Location::caller();
    let meta = |builder: &mut Builder| {
        let found = builder.meta(value);
        if found.is_none() {
            builder.fail(Error::ForeignValue {
                at: WrittenAt(Some(at)),
            });
        }
        found
    };
    within(at, meta).flatten()
}

/// A size that must be known now; otherwise the trace fails, and 0 stands in.
#[track_caller]
pub(crate) fn known(size: Option<usize>, axis: &'static str) -> usize {
    let at = WrittenAt(Some(Location::caller()));
    size.unwrap_or_else(|| {
        with(|builder| builder.fail(Error::UnknownSize { axis, at }));
        0
    })
}

/// The size that the input gives a run-time axis, where a value like `like` is wanted.
pub(crate) fn bound(like: Option<ValueRef>, axis: &AxisMeta) -> Option<usize> {
    with(|builder| {
        let view = like.map_or(View::default(), |like| builder.view_of(like));
        builder.size_of(axis, view)
    })
    .flatten()
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

/// How many steps the generation that is being written has at most; 1 if none is.
pub(crate) fn steps() -> u32 {
    with(|builder| builder.graph.steps)
        .flatten()
        .map_or(1, |steps| steps.most)
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

/// Appends a read of an invoke's tokens after a generation.
#[track_caller]
pub(crate) fn generated<S: Shape>(invoke: u16) -> ValueRef {
    declare::<S, burn::tensor::Int>(NodeKind::Generated(invoke), &[])
}

/// The trace that is being written cannot run.
pub(crate) fn fail(error: Error) {
    with(|builder| builder.fail(error));
}

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
