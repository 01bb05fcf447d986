//! Modules that are traced with a model without being a field of it: a sparse autoencoder, an adapter, a LoRA.

use crate::error::{Error, Result, WrittenAt};
use crate::write::handles;

use crate::tensor::erased::Erased;
use crate::tree::builder::TreeBuilder;
use crate::tree::module::{Inspectable, SiteTree, Sites};
use burn::module::{ModuleMapper, ModuleVisitor};
use burn::tensor::Device;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A module that was attached to a model: [`m.attached(sae)`](Attach::attached) is its handle in a trace.
///
/// It is good for the model that [`attach`](crate::model::NnSight::attach) returned with it, and for those made from that
/// one by `edit` and `attach`.
pub struct Attached<E> {
    id: u64,
    marker: PhantomData<fn() -> E>,
}

impl<E> Clone for Attached<E> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<E> Copy for Attached<E> {}

impl<E> fmt::Debug for Attached<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attached(#{})", self.id)
    }
}

/// The way from a model to what was attached to it.
pub trait Attach: SiteTree {
    /// The sites of an attached module, as this model's batch or invoke sees them.
    ///
    /// `m.attached(sae).call(value)` runs it on a value, and the sites inside are those of that run: they can be
    /// read and written like the model's own. The first call that a trace writes is call 0, also where it is
    /// written by an [`edit`](crate::model::NnSight::edit); later ones are `m.attached(sae).call_idx(1)` and so on, each
    /// invoke for itself. Of a module that it calls more than once in one run, the first call has sites.
    ///
    /// # Errors
    /// The trace fails before the model runs if the module was attached to another model
    /// ([`Error::NotAttached`]), or if a site is named of a call that the trace does not make
    /// ([`Error::NotCalled`]).
    #[track_caller]
    fn attached<E: Inspectable>(self, module: Attached<E>) -> Sites<E> {
        let at = WrittenAt(Some(Location::caller()));
        handles::attached(self.handle(), module.id, at)
    }
}
impl<T: SiteTree> Attach for T {}

/// What a tree and a pass need of an attached module, whatever its type.
trait Extra: Send + Sync {
    fn describe(&self, tree: &mut TreeBuilder);
    fn call_at(&self, path: &[u32], tensors: Vec<Erased>) -> Result<Vec<Erased>>;
    fn visit(&self, facts: &mut crate::run::facts::Facts);
    fn find(&self, finder: &mut crate::model::parameters::Finder<'_>);
    fn map(&self, tracker: &mut crate::model::tracker::Tracker<'_>) -> Arc<dyn Extra>;
    fn valid(&self) -> Arc<dyn Extra>;
    #[cfg(feature = "cost")]
    fn on(&self, capture: &mut crate::model::capture::OnCapture<'_>) -> Arc<dyn Extra>;
    fn to_device(&self, device: &Device) -> Arc<dyn Extra>;
    fn devices(&self) -> Vec<Device>;
}

impl<E: Inspectable + Sync> Extra for E {
    fn describe(&self, tree: &mut TreeBuilder) {
        Inspectable::describe(self, tree);
    }
    fn call_at(&self, path: &[u32], tensors: Vec<Erased>) -> Result<Vec<Erased>> {
        Inspectable::call_at(self, path, tensors)
    }
    fn visit(&self, facts: &mut crate::run::facts::Facts) {
        burn::module::Module::visit(self, facts);
    }
    fn find(&self, finder: &mut crate::model::parameters::Finder<'_>) {
        burn::module::Module::visit(self, finder);
    }
    fn map(&self, tracker: &mut crate::model::tracker::Tracker<'_>) -> Arc<dyn Extra> {
        Arc::new(burn::module::Module::map(self.clone(), tracker))
    }
    fn valid(&self) -> Arc<dyn Extra> {
        Arc::new(burn::module::Module::valid(self))
    }
    #[cfg(feature = "cost")]
    fn on(&self, capture: &mut crate::model::capture::OnCapture<'_>) -> Arc<dyn Extra> {
        Arc::new(capture.put(self.clone()))
    }
    fn to_device(&self, device: &Device) -> Arc<dyn Extra> {
        Arc::new(burn::module::Module::to_device(self.clone(), device))
    }
    fn devices(&self) -> Vec<Device> {
        burn::module::Module::devices(self)
    }
}

/// The modules that are attached to a model, in the order in which they were.
#[derive(Clone, Default)]
pub struct Attachments {
    all: Vec<Attachment>,
}

#[derive(Clone)]
struct Attachment {
    id: u64,
    name: String,
    module: Arc<dyn Extra>,
}

impl fmt::Debug for Attachments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.all.iter().map(|own| &own.name))
            .finish()
    }
}

impl Attachments {
    /// These, and another one.
    ///
    /// # Errors
    /// [`Error::NameTaken`] if one of these, or a field of the model's, has the name.
    pub fn and<E: Inspectable + Sync>(
        &self,
        name: &str,
        module: E,
        fields: &[&str],
    ) -> Result<(Self, Attached<E>)> {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let mut all = self.all.clone();
        let is_taken = fields.contains(&name) || all.iter().any(|own| own.name == name);
        if is_taken || name.is_empty() || name.contains('.') {
            return Err(Error::NameTaken {
                name: name.to_owned(),
            });
        }
        let id = LAST.fetch_add(1, Relaxed) + 1;
        all.push(Attachment {
            id,
            name: name.to_owned(),
            module: Arc::new(module),
        });
        let marker = PhantomData;
        Ok((Attachments { all }, Attached { id, marker }))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The same modules on a device.
    #[must_use]
    pub fn to_device(&self, device: &Device) -> Self {
        self.each(|_, module| module.to_device(device))
    }

    /// Where one of them is, if it has parameters.
    pub(crate) fn device(&self, number: usize) -> Option<Device> {
        let devices = self.all.get(number)?.module.devices();
        devices.into_iter().next().map(Device::without_autodiff)
    }

    /// The same modules without numbers.
    #[cfg(feature = "cost")]
    pub(crate) fn on(&self, capture: &mut crate::model::capture::OnCapture<'_>) -> Self {
        self.each(|_, module| module.on(capture))
    }

    pub(crate) fn valid(&self) -> Self {
        self.each(|_, module| module.valid())
    }

    /// The same modules with the parameters that a tracker wants tracked.
    pub(crate) fn tracked(&self, tracker: &mut crate::model::tracker::Tracker<'_>) -> Self {
        self.each(|name, module| {
            tracker.enter_module(name, "");
            let tracked = module.map(tracker);
            tracker.exit_module(name, "");
            tracked
        })
    }

    fn each(&self, mut f: impl FnMut(&str, &dyn Extra) -> Arc<dyn Extra>) -> Self {
        let all = self.all.iter().map(|own| Attachment {
            module: f(&own.name, own.module.as_ref()),
            ..own.clone()
        });
        Attachments { all: all.collect() }
    }

    pub(crate) fn visit(&self, facts: &mut crate::run::facts::Facts) {
        self.all.iter().for_each(|own| own.module.visit(facts));
    }

    /// Looks for parameters in them.
    pub(crate) fn find(&self, finder: &mut crate::model::parameters::Finder<'_>) {
        for own in &self.all {
            finder.enter_module(&own.name, "");
            own.module.find(finder);
            finder.exit_module(&own.name, "");
        }
    }

    /// Adds what they hold to a model's tree.
    pub(crate) fn describe(&self, tree: &mut TreeBuilder) {
        for own in &self.all {
            tree.attached(own.id, &own.name, |tree| own.module.describe(tree));
        }
    }

    /// Runs one of them, or a module below it.
    pub(crate) fn call_at(&self, number: usize, path: &[u32], tensors: Vec<Erased>) -> Result<Vec<Erased>> {
        match self.all.get(number) {
            Some(own) => own.module.call_at(path, tensors),
            None => Err(Error::NotCallable),
        }
    }
}
