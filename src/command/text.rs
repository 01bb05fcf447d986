//! A language model, which takes prompts.

use super::device::first;
use super::inputs::{check_invokes, only};
use super::plain::sync;
use super::{Generate, Inputs, Model, Parameter, Passes, Result, parameters};
use crate::graph::{Graph, Steps};
use crate::models::{self, CausalLm, Context, Generation, LanguageModel, NewToken, Prompt};
use crate::{DeviceMap, Erased, NamedTensors, NnSight, Tree};
use burn::tensor::{Device, Int};
use std::cell::OnceCell;
use std::marker::PhantomData;

const OPTION: &str = "--prompt TEXT or --input FILE";

/// A language model, behind a command line. One that is known by its name is opened when that is needed.
pub struct TextModel<M: CausalLm> {
    name: String,
    device: Device,
    /// All of its devices.
    devices: Vec<Device>,
    lm: OnceCell<LanguageModel<M>>,
}

/// A model on some devices.
fn placed<M: CausalLm>(lm: LanguageModel<M>, devices: &[Device]) -> Result<LanguageModel<M>> {
    let lm = lm.with_device(first(devices)?.clone());
    Ok(match devices {
        [_] => lm,
        several => lm.with_device_map(DeviceMap::auto(several))?,
    })
}

impl<M: CausalLm> TextModel<M> {
    /// A model that is open, on some devices.
    ///
    /// # Errors
    ///
    /// [`NoDeviceNamed`](super::Error::NoDeviceNamed) if there are none.
    pub fn new(lm: LanguageModel<M>, devices: &[Device]) -> Result<Self> {
        let lm = placed(lm, devices)?;
        Ok(Self {
            name: lm.name().to_owned(),
            device: lm.device().clone(),
            devices: devices.to_vec(),
            lm: OnceCell::from(lm),
        })
    }

    /// The model of a directory, a GGUF file or the hub, whose `config.json` has been held against its type. Its
    /// tokenizer and its weights are read when they are first needed: its tree needs neither.
    ///
    /// # Errors
    ///
    /// [`NoDeviceNamed`](super::Error::NoDeviceNamed) if there is no device.
    pub fn named(name: &str, devices: &[Device]) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            device: first(devices)?.clone(),
            devices: devices.to_vec(),
            lm: OnceCell::new(),
        })
    }

    fn lm(&self) -> Result<&LanguageModel<M>> {
        if let Some(lm) = self.lm.get() {
            return Ok(lm);
        }
        let lm = placed(LanguageModel::from_pretrained(&self.name)?, &self.devices)?;
        Ok(self.lm.get_or_init(|| lm))
    }

    /// The prompts, or the token ids of files.
    fn prompts(&self, inputs: &Inputs) -> Result<Vec<Prompt>> {
        if !inputs.prompts.is_empty() {
            return Ok(inputs.prompts.iter().map(Prompt::from).collect());
        }
        let mut prompts = Vec::with_capacity(inputs.files.len());
        for tensors in inputs.tensors(&self.tree(), &self.device)? {
            let ids: Erased = only(tensors, OPTION)?;
            prompts.push(Prompt::from(ids.into_tensor::<2, Int>()?));
        }
        Ok(prompts)
    }
}

/// A generation with the steps that a graph was written for.
fn stepping<'a, M: CausalLm, P>(generation: Generation<'a, M, P>, steps: Steps) -> Generation<'a, M, P> {
    let generation = generation.max_new_tokens(steps.most as usize);
    match steps.cached {
        true => generation,
        false => generation.without_cache(),
    }
}

impl<M: CausalLm> Model for TextModel<M> {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn device(&self) -> &Device {
        &self.device
    }

    fn tree(&self) -> Tree {
        match self.lm.get() {
            Some(lm) => lm.tree(),
            None => NnSight::new(M::init(&self.device)).tree().clone(),
        }
    }

    fn parameters(&self) -> Vec<Parameter> {
        parameters::of(&M::init(&self.device), &self.device)
    }

    fn trace(&self, graph: &Graph, inputs: &Inputs) -> Result<NamedTensors> {
        let prompts = self.prompts(inputs)?;
        let lm = self.lm()?;
        let (invokes, steps) = (graph.invokes.len(), graph.steps);
        if invokes == 0 {
            let prompt = only(prompts, OPTION)?;
            return Ok(match steps {
                None => lm.trace(prompt, |_| graph.replay())?,
                Some(steps) => {
                    let generation = stepping(lm.generate(prompt), steps);
                    generation.trace_body(PhantomData, |_| graph.replay())?
                }
            });
        }
        check_invokes(invokes, prompts.len(), OPTION)?;
        Ok(match steps {
            None => lm.trace_body(PhantomData, |t| {
                for prompt in prompts {
                    t.invoke(prompt);
                }
                graph.replay()
            })?,
            Some(steps) => {
                let generation = stepping(lm.generate_each(), steps);
                generation.trace_body(PhantomData, |t| {
                    for prompt in prompts {
                        t.invoke(prompt);
                    }
                    graph.replay()
                })?
            }
        })
    }

    fn passes(&self, inputs: &Inputs) -> Result<Passes<'_>> {
        let prompt = only(self.prompts(inputs)?, OPTION)?;
        let lm = self.lm()?;
        let ids = lm.token_ids(prompt)?;
        let model = lm.pinned()?;
        let graph = Graph::of_output(model.tree());
        let prompt = Prompt::from(ids.clone());
        Ok(Passes {
            plain: Box::new(move || {
                let input = (ids.clone(), Context::default());
                drop(model.forward_passes(|forward| forward(input))?);
                sync(&self.device)
            }),
            traced: Box::new(move || {
                drop(lm.trace(prompt.clone(), |_| graph.replay())?);
                sync(&self.device)
            }),
        })
    }

    fn generate(&self, settings: &Generate, on_text: &mut dyn FnMut(&str)) -> Result<()> {
        let lm = self.lm()?;
        let tokenizer = lm.tokenizer();
        let mut stream = tokenizer.inner()?.decode_stream(false);
        // What has been said so far belongs to the stream too: bytes of a character may come in several tokens.
        let mut say = |id: u32| -> models::Result<()> {
            let piece = stream.step(id).map_err(|error| models::Error::Tokenizer {
                reason: error.to_string(),
            })?;
            if let Some(piece) = piece {
                on_text(&piece);
            }
            Ok(())
        };
        let prompt = tokenizer.encode(&settings.prompt)?;
        prompt.iter().try_for_each(|id| say(*id))?;
        let mut failed = Ok(());
        settings
            .apply(lm.generate(prompt))
            .stream(|NewToken { id, .. }| {
                if failed.is_ok() {
                    failed = say(id as u32);
                }
            })
            .tokens()?;
        Ok(failed?)
    }
}
