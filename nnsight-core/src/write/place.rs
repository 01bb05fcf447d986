//! Writing into a place: a site, or a gradient, whole or in part.

use crate::error::{Error, WrittenAt};
use crate::graph::names::site_name;
use crate::graph::node::{NodeKind, SiteId};
use crate::ops::Op;
use crate::shapes::axes::AxisMeta;
use crate::shapes::dims::Dims;
use crate::shapes::meta::TensorMeta;
use crate::shapes::scalar::Scalar;
use crate::shapes::take;
use crate::shapes::take::Take;
use crate::tree::handle::Handle;
use crate::write::append::apply_in;
use crate::write::builder::{Builder, ValueRef};
use crate::write::outside::within;
use std::panic::Location;

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
