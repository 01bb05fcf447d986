//! What a model is run on: files of tensors, or prompts.

use super::{Error, Result, files};
use crate::{Erased, Tree};
use burn::tensor::Device;
use clap::Args;
use std::path::{Path, PathBuf};

/// `--input` and `--prompt`: each that is given is an invoke where a graph has several.
#[derive(Args, Clone, Debug, Default)]
pub struct Inputs {
    /// Takes the input from a safetensors file, whose tensors are named as the model's inputs: `input` where there
    /// is one; token ids for a language model. Give it again for each invoke of the graph
    #[arg(long = "input", value_name = "FILE", conflicts_with = "prompts")]
    pub files: Vec<PathBuf>,
    /// Asks a language model. Give it again for each invoke of the graph
    #[arg(long = "prompt", value_name = "TEXT")]
    pub prompts: Vec<String>,
}

impl Inputs {
    /// The tensors of each file, in the order in which the model takes them.
    pub(super) fn tensors(&self, tree: &Tree, device: &Device) -> Result<Vec<Vec<Erased>>> {
        let files = self.files.iter();
        files.map(|file| tensors_of(file, tree, device)).collect()
    }
}

/// The inputs of a model from a file that holds them and nothing else.
fn tensors_of(file: &Path, tree: &Tree, device: &Device) -> Result<Vec<Erased>> {
    let mut found = files::read(file)?;
    let names: Vec<String> = tree.inputs().into_iter().map(|input| input.name).collect();
    let is_whole = names.len() == found.len() && names.iter().all(|name| found.contains_key(name));
    if !is_whole {
        return Err(Error::InputNames {
            file: file.to_owned(),
            found: list(found.keys()),
            wanted: list(names.iter()),
        });
    }
    let given = names.into_iter().filter_map(|name| found.remove_entry(&name));
    given
        .map(|(name, data)| {
            Erased::from_data(data, device).map_err(|source| Error::InputTensor {
                file: file.to_owned(),
                name,
                source: Box::new(source),
            })
        })
        .collect()
}

fn list<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match names.is_empty() {
        true => String::from("no tensors"),
        false => names.join(", "),
    }
}

/// The only one of several inputs.
pub(super) fn only<T>(inputs: Vec<T>, option: &'static str) -> Result<T> {
    let found = inputs.len();
    let mut inputs = inputs.into_iter();
    match (inputs.next(), found) {
        (Some(input), 1) => Ok(input),
        _ => Err(Error::InputCount {
            wanted: String::from("one input"),
            found,
            option,
        }),
    }
}

/// Refuses another number of inputs than a graph has invokes.
pub(super) fn check_invokes(invokes: usize, found: usize, option: &'static str) -> Result<()> {
    match invokes == found {
        true => Ok(()),
        false => Err(Error::InputCount {
            wanted: format!("{invokes} inputs, one for each invoke of the graph,"),
            found,
            option,
        }),
    }
}
