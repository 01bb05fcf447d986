//! A model that takes tensors.

use super::device::first;
use super::inputs::{check_invokes, only};
use super::{Error, Generate, Inputs, Model, Parameter, Passes, Result, parameters};
use crate::graph::Graph;
use crate::{Carrier, DeviceMap, Erased, Forward, Inspectable, NamedTensors, NnSight, Tree};
use burn::tensor::Device;
use std::marker::PhantomData;

const OPTION: &str = "--input FILE";

/// Any inspectable model, behind a command line.
pub struct PlainModel<M: Inspectable> {
    model: NnSight<M>,
    device: Device,
}

impl<M: Inspectable + Forward> PlainModel<M> {
    /// A model that was made on the first of some devices, spread over all of them.
    ///
    /// # Errors
    ///
    /// [`Error::NoDeviceNamed`] if there are none.
    pub fn new(model: M, devices: &[Device]) -> Result<Self> {
        let (model, device) = (NnSight::new(model), first(devices)?.clone());
        let model = match devices {
            [_] => model,
            several => model.with_device_map(&DeviceMap::auto(several))?,
        };
        Ok(Self { model, device })
    }

    /// The inputs, each as the tensors that forward takes.
    fn inputs(&self, inputs: &Inputs) -> Result<Vec<Vec<Erased>>> {
        match inputs.prompts.is_empty() {
            true => inputs.tensors(self.model.tree(), &self.device),
            false => Err(Error::NoLanguageModel),
        }
    }
}

/// The arguments of forward.
fn args<M: Forward>(tensors: Vec<Erased>) -> crate::Result<M::Args> {
    M::Args::from_tensors(&mut tensors.into_iter())
}

impl<M: Inspectable + Forward> Model for PlainModel<M> {
    fn name(&self) -> String {
        let root = self.model.tree().outline().into_iter().next();
        root.map_or_else(String::new, |root| root.type_name.to_owned())
    }

    fn device(&self) -> &Device {
        &self.device
    }

    fn tree(&self) -> Tree {
        self.model.tree().clone()
    }

    fn parameters(&self) -> Vec<Parameter> {
        parameters::of(self.model.model(), &self.device)
    }

    fn trace(&self, graph: &Graph, inputs: &Inputs) -> Result<NamedTensors> {
        let inputs = self.inputs(inputs)?;
        if graph.steps.is_some() {
            return Err(Error::NoLanguageModel);
        }
        if graph.invokes.is_empty() {
            let input = args::<M>(only(inputs, OPTION)?)?;
            return Ok(self.model.trace(input, |_| graph.replay())?);
        }
        check_invokes(graph.invokes.len(), inputs.len(), OPTION)?;
        let inputs: Vec<M::Args> = inputs.into_iter().map(args::<M>).collect::<crate::Result<_>>()?;
        let traced = self.model.trace_body(PhantomData, |t| {
            for input in inputs {
                t.invoke(input);
            }
            graph.replay()
        });
        Ok(traced?)
    }

    fn passes(&self, inputs: &Inputs) -> Result<Passes<'_>> {
        let input = only(self.inputs(inputs)?, OPTION)?;
        let graph = Graph::of_output(self.model.tree());
        let traced_input = input.clone();
        Ok(Passes {
            plain: Box::new(move || {
                let input = args::<M>(input.clone())?;
                drop(self.model.forward_passes(|forward| forward(input))?);
                sync(&self.device)
            }),
            traced: Box::new(move || {
                let input = args::<M>(traced_input.clone())?;
                drop(self.model.trace(input, |_| graph.replay())?);
                sync(&self.device)
            }),
        })
    }

    fn generate(&self, _: &Generate, _: &mut dyn FnMut(&str)) -> Result<()> {
        Err(Error::NoLanguageModel)
    }
}

/// Waits until a device has done what it was given.
pub(super) fn sync(device: &Device) -> Result<()> {
    let done = device.sync().map_err(|error| crate::Error::Device {
        reason: error.to_string(),
    });
    Ok(done?)
}
