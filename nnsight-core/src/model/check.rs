//! All that a model declares, held against a real run.

use super::{Inputs, NnSight, bind};
use crate::error::{Error, Result};
use crate::graph::names::{axes_name, site_name};
use crate::graph::node::{NodeKind, SiteId, unknown_meta};
use crate::ops::real::to_device;
use crate::results::collect::{Collect, IntoInput, Results};
use crate::shapes::axes::{AxisMeta, Extent};
use crate::shapes::dims::Dims;
use crate::shapes::misdeclared::Misdeclared;
use crate::tensor::carrier::Carrier;
use crate::tensor::erased::Erased;
use crate::tree::handle::Handle;
use crate::tree::module::{Forward, Inspectable, SiteTree};
use crate::write::builder::{Bound, Builder, ValueRef};
use crate::write::handles;
use std::sync::Arc;

/// What [`NnSight::check`] has looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checked {
    /// The sites whose tensors are what their modules declare.
    pub sites: Vec<String>,
    /// Those that the run did not come to: a module that this input does not need, or a call that no hook sees.
    pub not_reached: Vec<String>,
}

impl<M: Inspectable + Forward> NnSight<M> {
    /// Runs the model once and holds every declaration against what came by: each input and output of each module, at
    /// its first call. For the tests of a model of one's own: a trace looks at those declarations only whose sites it
    /// reads or writes.
    ///
    /// # Errors
    /// [`Error::Misdeclared`], which lists all declarations that do not hold, each with its site, what was found and what
    /// to write; [`Error::DeclaredLen`] for a list of another length, and what else keeps a trace from running.
    pub fn check(&self, input: impl IntoInput<M::Args>) -> Result<Checked> {
        if cfg!(not(feature = "hooks")) {
            return Err(Error::NoHooks);
        }
        let tree = Arc::clone(&self.pinned.tree);
        let mut tensors = Vec::new();
        let mut rest = input.into_input().take_tensors(&mut tensors);
        // An input that is declared wrongly is one of the sites that are.
        let bound = match bind(&tree, &tensors) {
            Err(Error::Input { .. }) => Bound::new(),
            bound => bound?,
        };
        if let Some(home) = self.home() {
            rest = M::Args::rest_to_device(rest, home);
            tensors = tensors
                .into_iter()
                .map(|tensor| to_device(home, tensor))
                .collect();
        }
        let has_effect = M::Args::has_effect(&rest);
        let args = M::Args::put_tensors(rest, &mut tensors.into_iter())?;
        let (mut builder, saved) = Builder::new(Arc::clone(&tree), bound, None).run(|| {
            let top: Handle = handles::sites_of::<M::Sites>(0).handle();
            handles::save_below(top)
        })?;
        let mut declared = Vec::with_capacity(saved.len());
        for node in builder.nodes_mut() {
            if let NodeKind::Get(site) = node.kind {
                declared.push((site, node.meta.dims));
            }
            // The run is not to stop at the first that does not hold.
            node.meta = unknown_meta();
        }
        let (found, _) = self.run(Inputs::Args(args), has_effect, builder, Found(saved))?;
        let (mut checked, mut wrong) = (Checked::default(), Vec::new());
        for ((site, declared), found) in declared.into_iter().zip(found) {
            let name = site_name(&tree, site);
            let Some(found) = found else {
                checked.not_reached.push(name);
                continue;
            };
            let ports = tree
                .get(site.module)
                .map_or(&[][..], |module| module.ports(site.end));
            let axes = ports.get(site.port as usize).map_or(&[][..], |port| port.axes);
            match declared.unify(&found.dims()) {
                Some(_) => checked.sites.push(name),
                None => wrong.push(Misdeclared {
                    site: name,
                    declared: axes_name(axes),
                    wanted: declared,
                    found: found.dims(),
                    advice: advice(axes, &declared, &found.dims()),
                }),
            }
        }
        match wrong.is_empty() {
            true => Ok(checked),
            false => Err(Error::Misdeclared { wrong }),
        }
    }
}

/// What to write in the place of a declaration.
fn advice(axes: &[AxisMeta], declared: &Dims, found: &Dims) -> String {
    if axes.len() != found.rank() {
        return format!("write {} axes", found.rank());
    }
    let (declared, found) = (declared.sizes(), found.sizes());
    let sizes = declared.iter().zip(found.iter());
    let wrong = axes.iter().zip(sizes).filter_map(|(axis, (declared, found))| {
        let (wanted, found) = ((*declared)?, (*found)?);
        (wanted != found).then(|| match axis.extent {
            Extent::Fixed(_) => format!("write an axis of size {found} for {}", axis.name),
            _ => format!(
                "{} has size {wanted} in the model's input: write another axis for it",
                axis.name
            ),
        })
    });
    wrong.collect::<Vec<_>>().join(", ")
}

/// Saved sites, in their order.
struct Found(Vec<(SiteId, ValueRef)>);

impl Collect for Found {
    type Output = Vec<Option<Erased>>;
    fn collect(self, results: &mut Results<'_>) -> Result<Self::Output> {
        self.0
            .into_iter()
            .map(|(_, saved)| results.find_again(saved))
            .collect()
    }
}
