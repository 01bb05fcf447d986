//! Which device each part of a model is on.

pub(crate) mod parameters;

use crate::error::{Error, Result};
use crate::plan::placement::Placement;
use crate::tree::module::Inspectable;
use crate::tree::{ModuleId, Role, Tree};
use burn::tensor::Device;
use parameters::{Mover, Sizes};
use std::sync::Arc;

/// How a model's modules are spread over several devices.
///
/// A module runs where it is placed: what goes in is moved there, and what comes out goes back to where the module is
/// that calls it. Where that module's list of blocks is on other devices it stays instead, for the next block: what
/// the forward that walks the list computes between its calls is on the device of its operands, which must be one.
/// (All models here are such that it is, by [`auto`](Self::auto); otherwise the trace ends with an error.)
///
/// ```no_run
/// use nnsight_core::{DeviceMap, device};
///
/// # fn main() -> nnsight_core::Result<()> {
/// let (first, second) = (device("cuda:0")?, device("cuda:1")?);
/// let by_size = DeviceMap::auto(&[first.clone(), second.clone()]);
/// let by_hand = DeviceMap::by_path([("", first), ("transformer.h.11", second.clone()), ("lm_head", second)]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DeviceMap(Rule);

#[derive(Clone, Debug)]
enum Rule {
    BySize(Vec<Device>),
    ByPath(Vec<(String, Device)>),
}

impl DeviceMap {
    /// Spreads the elements of the model's lists (its blocks) over the devices, in their order and so that each device
    /// holds about as many bytes of parameters. What stands before the first list goes with the first device,
    /// what stands after the last list with the last one. A model without a list is on the first device.
    pub fn auto(devices: &[Device]) -> Self {
        DeviceMap(Rule::BySize(devices.to_vec()))
    }

    /// Places modules by their paths, as the model's tree prints them; `""` is the model. A module that is not named
    /// is where the one is that it lies in, so the model's own entry says where the rest goes.
    pub fn by_path<P: Into<String>>(places: impl IntoIterator<Item = (P, Device)>) -> Self {
        let places = places.into_iter();
        DeviceMap(Rule::ByPath(
            places.map(|(path, device)| (path.into(), device)).collect(),
        ))
    }

    /// The devices, in the order in which they were named; some may be named more than once.
    pub fn devices(&self) -> impl Iterator<Item = &Device> {
        let (by_size, by_path) = match &self.0 {
            Rule::BySize(devices) => (devices.as_slice(), &[][..]),
            Rule::ByPath(places) => (&[][..], places.as_slice()),
        };
        by_size.iter().chain(by_path.iter().map(|(_, device)| device))
    }

    /// The model with its parameters where this map says, and where that is. Parameters that are not drawn yet are
    /// not drawn for it.
    ///
    /// # Errors
    /// [`Error::DeviceMap`] if the map names no device, a module that is not there, or leaves one without a device.
    pub(crate) fn place<M: Inspectable>(&self, model: M, tree: &Tree) -> Result<(M, Arc<Placement>)> {
        let devices = match &self.0 {
            Rule::BySize(devices) => by_size(devices, tree, &Sizes::of(&model, tree))?,
            Rule::ByPath(places) => by_path(places, tree)?,
        };
        let placement = Placement::new(tree, devices);
        let model = model.map(&mut Mover::new(tree, &placement));
        Ok((model, Arc::new(placement)))
    }
}

/// The device of each of the model's own modules.
type Places = Vec<Device>;

fn by_path(places: &[(String, Device)], tree: &Tree) -> Result<Places> {
    for (path, _) in places {
        let is_there = |id: ModuleId| tree.attachment(id).is_none();
        if tree.by_path(path).filter(|id| is_there(*id)).is_none() {
            return Err(Error::DeviceMap {
                reason: format!(
                    "the model has no module `{path}`; its own are {}",
                    tree.fields().join(", ")
                ),
            });
        }
    }
    let named = |path: &str| {
        let mut found = places.iter().filter(|(known, _)| known == path);
        found.next_back().map(|(_, device)| device.clone())
    };
    let mut devices: Places = Vec::new();
    for module in tree.own() {
        let inherited = devices.get(module.parent.index()).cloned();
        let device = named(&module.path).or(inherited);
        devices.push(device.ok_or_else(|| Error::DeviceMap {
            reason: String::from(
                "it does not say where the model is that its modules lie in: add an entry with the path \"\"",
            ),
        })?);
    }
    Ok(devices)
}

/// A part of a model that stays together.
struct Unit {
    module: ModuleId,
    is_block: bool,
    bytes: usize,
}

fn by_size(devices: &[Device], tree: &Tree, sizes: &Sizes) -> Result<Places> {
    let Some(last) = devices.len().checked_sub(1) else {
        return Err(Error::DeviceMap {
            reason: String::from("it names no device"),
        });
    };
    let mut units = Vec::new();
    collect_units(tree, ModuleId::ROOT, sizes, &mut units);
    let total: usize = units.iter().map(|unit| unit.bytes).sum();
    let last_block = units.iter().rposition(|unit| unit.is_block);

    let mut places = vec![0; tree.own().count()];
    let (mut before, mut current) = (0, 0);
    for (number, unit) in units.iter().enumerate() {
        let middle = before + unit.bytes / 2;
        if unit.is_block && total > 0 {
            // In whole numbers, so that equal blocks are spread the same everywhere.
            let wanted = (middle as u128 * devices.len() as u128 / total as u128) as usize;
            current = wanted.clamp(current, last);
        } else if last_block.is_some_and(|last_block| number > last_block) {
            current = last;
        }
        before += unit.bytes;
        places[unit.module.index()..tree.end(unit.module)].fill(current);
    }
    Ok(places.into_iter().map(|place| devices[place].clone()).collect())
}

/// The units below a module, in the order in which its `forward` calls them as far as that is known. What holds
/// units is itself where the first of them is.
fn collect_units(tree: &Tree, id: ModuleId, sizes: &Sizes, units: &mut Vec<Unit>) {
    let Some(module) = tree.get(id) else { return };
    let whole = |id, is_block| Unit {
        module: id,
        is_block,
        bytes: sizes.below(tree, id),
    };
    if module.role == Role::List {
        units.extend(module.children.iter().map(|&element| whole(element, true)));
        return;
    }
    if !tree.holds_list(id) {
        units.push(whole(id, false));
        return;
    }
    for child in tree.in_call_order(id) {
        collect_units(tree, child, sizes, units);
    }
}
