//! A model on several devices: where its modules are, and so where each node of a trace runs.

use crate::error::{Error, Result};
use crate::graph::node::{NodeId, NodeKind, SiteId};
use crate::plan::Plan;
use crate::tree::{ModuleId, Role, Tree};
use burn::tensor::Device;

/// The device of each of a model's modules.
#[derive(Debug)]
pub(crate) struct Placement {
    devices: Vec<Device>,
    /// Whether something below a module is on another device.
    is_spread: Vec<bool>,
    /// Whether what goes into a module may come from another device.
    is_border: Vec<bool>,
    /// Where what comes out of a module goes back to: to the forward that it is a step of. Where a list of
    /// modules is elsewhere it stays for the next of them.
    returns: Vec<Option<Device>>,
}

impl Placement {
    /// `devices` has one for each of the model's own modules.
    pub(crate) fn new(tree: &Tree, devices: Vec<Device>) -> Self {
        let is_spread = |id: usize| {
            let below = &devices[id..tree.end(ModuleId(id as u32))];
            below.iter().any(|device| *device != below[0])
        };
        let own = || tree.own().enumerate();
        let is_spread: Vec<bool> = own().map(|(id, _)| is_spread(id)).collect();
        // Inside of a module that is on one device with all below it, nothing comes from elsewhere.
        let is_border = own().map(|(id, module)| {
            let caller = is_spread.get(tree.caller(module.parent).index());
            is_spread[id] || caller.copied().unwrap_or(true)
        });
        let is_border = is_border.collect();
        let is_chain = |id: ModuleId| {
            let below = tree.own().take(tree.end(id)).enumerate().skip(id.index());
            let lists = below.filter(|(_, module)| module.role == Role::List);
            let mut elements = lists.flat_map(|(list, module)| &devices[list..module.end as usize]);
            elements.any(|device| *device != devices[id.index()])
        };
        let returns = own().map(|(id, module)| {
            let caller = tree.caller(module.parent);
            let home = devices.get(caller.index())?;
            (*home != devices[id] && !is_chain(caller)).then(|| home.clone())
        });
        let returns = returns.collect();
        Placement {
            devices,
            is_spread,
            is_border,
            returns,
        }
    }

    /// Where a module is; `None` for one that is not the model's own.
    pub(crate) fn device(&self, module: ModuleId) -> Option<&Device> {
        self.devices.get(module.index())
    }

    /// Where what goes into a module has to be moved, if it can come from elsewhere.
    pub(crate) fn border(&self, module: ModuleId) -> Option<&Device> {
        let is_border = self.is_border.get(module.index()).copied().unwrap_or(false);
        self.device(module).filter(|_| is_border)
    }

    /// Where what comes out of a module has to be moved, if anywhere.
    pub(crate) fn back(&self, module: ModuleId) -> Option<&Device> {
        self.returns.get(module.index())?.as_ref()
    }
}

/// Where the nodes of a plan run: a site's where its module is, an operation where its first input comes from that
/// is no constant.
#[derive(Default)]
pub(crate) struct NodeDevices(Vec<Option<Device>>);

impl NodeDevices {
    /// Those of a plan on a model, and on what is attached to it by number.
    ///
    /// # Errors
    /// [`Error::DeviceMap`] if the plan calls a module by itself that is on several devices.
    pub(crate) fn of(
        plan: &Plan,
        placement: &Placement,
        attached: impl Fn(usize) -> Option<Device>,
    ) -> Result<Self> {
        let at = |module: ModuleId| match plan.tree.place(module) {
            (None, _) => placement.device(module).cloned(),
            (Some(number), _) => attached(number),
        };
        let mut devices: Vec<Option<Device>> = Vec::with_capacity(plan.graph.nodes.len());
        for node in &plan.graph.nodes {
            let of = |id: &NodeId| devices.get(id.index()).cloned().flatten();
            let first = || node.inputs.iter().find_map(of);
            if let NodeKind::Call(module) = node.kind
                && placement.is_spread.get(module.index()) == Some(&true)
            {
                let path = plan.tree.path(module);
                return Err(Error::DeviceMap {
                    reason: format!("the trace calls `{path}`, which is on several devices: call its parts"),
                });
            }
            devices.push(match &node.kind {
                NodeKind::Get(SiteId { module, .. })
                | NodeKind::Set {
                    site: SiteId { module, .. },
                    ..
                }
                | NodeKind::Fill {
                    site: SiteId { module, .. },
                    ..
                }
                | NodeKind::Call(module)
                | NodeKind::Parameter { module, .. }
                | NodeKind::ParameterGradient { module, .. } => at(*module),
                // One without parameters runs where its input is.
                NodeKind::Attached(call) => at(call.module).or_else(first),
                NodeKind::Gradient(gradient)
                | NodeKind::SetGradient { gradient, .. }
                | NodeKind::FillGradient { gradient, .. } => of(&gradient.of),
                _ => first(),
            });
        }
        Ok(NodeDevices(devices))
    }

    /// Where a node runs, if that matters.
    pub(crate) fn of_node(&self, id: NodeId) -> Option<&Device> {
        self.0.get(id.index())?.as_ref()
    }
}
