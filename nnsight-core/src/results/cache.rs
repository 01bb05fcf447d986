//! All activations of a run in one line.

use crate::error::{Error, Result, WrittenAt};
use crate::graph::names::site_name;
use crate::graph::node::SiteId;
use crate::results::collect::{Collect, Results};
use crate::shapes::shape::{Kind, Shape};
use crate::tensor::erased::Erased;
use crate::tensor::real::RealTensor;
use crate::tree::Tree;
use crate::tree::handle::Handle;
use crate::tree::module::SiteTree;
use crate::values::site::Site;
use crate::values::value::OnThread;
use crate::write::builder::{Builder, ValueRef};
use crate::write::handles;
use std::marker::PhantomData;
use std::sync::Arc;

/// Saving everything below a module: `m.cache()`, `m.transformer.h[3].cache()`.
pub trait Cache: SiteTree {
    /// Keeps the inputs and outputs of this module and all below it, as the lines before left them: return it
    /// from the trace, and the trace gives an [`ActivationCache`].
    #[track_caller]
    fn cache(self) -> SavedCache<Self> {
        SavedCache {
            at: self.handle(),
            saved: handles::save_below(self.handle()),
            sites: PhantomData,
        }
    }
}
impl<T: SiteTree> Cache for T {}

/// Activations that are kept: return them from the trace.
#[derive(Clone, Debug)]
#[must_use = "return what you save from the trace: what is not returned cannot be read"]
pub struct SavedCache<T> {
    at: Handle,
    saved: Vec<(SiteId, ValueRef)>,
    sites: OnThread<T>,
}

impl<T: SiteTree> Collect for SavedCache<T> {
    type Output = ActivationCache<T>;
    fn collect(self, results: &mut Results<'_>) -> Result<ActivationCache<T>> {
        let mut entries = Vec::with_capacity(self.saved.len());
        for (site, saved) in self.saved {
            entries.extend(results.find_again(saved)?.map(|tensor| (site, tensor)));
        }
        Ok(ActivationCache {
            at: self.at,
            tree: results.tree(),
            entries,
            sites: PhantomData,
        })
    }
}

/// The activations of a run at all sites of a module and below, by the same typed paths as in a trace.
#[derive(Clone, Debug)]
pub struct ActivationCache<T> {
    at: Handle,
    tree: Arc<Tree>,
    entries: Vec<(SiteId, Erased)>,
    sites: PhantomData<fn() -> T>,
}

impl<T: SiteTree> ActivationCache<T> {
    /// The activation at a site: `cache.get(|m| m.transformer.h.at(3).output)`.
    ///
    /// # Errors
    /// [`Error::NotCached`] for a site that the run did not reach, and what a trace says of a path that the
    /// model does not have.
    #[track_caller]
    pub fn get<S: Shape, K: Kind>(&self, site: impl FnOnce(T) -> Site<S, K>) -> Result<S::Tensor<K>> {
        let at = WrittenAt(Some(std::panic::Location::caller()));
        // Paths through lists are resolved by the trace that is being written, so one is.
        let builder = Builder::of_invokes(Arc::clone(&self.tree), None);
        let here = Handle {
            trace: builder.trace,
            ..self.at
        };
        let (_, site) = builder.run(|| site(T::at(here, &self.tree)).id())?;
        let found = self.entries.iter().find(|(known, _)| *known == site);
        match found {
            Some((_, tensor)) => RealTensor::restore(tensor.clone()),
            None => Err(Error::NotCached {
                site: site_name(&self.tree, site),
                at,
            }),
        }
    }

    /// Name and activation of each site, in the order of the model's fields.
    pub fn iter(&self) -> impl Iterator<Item = (String, &Erased)> {
        self.entries
            .iter()
            .map(|(site, tensor)| (site_name(&self.tree, *site), tensor))
    }

    /// How many activations there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
