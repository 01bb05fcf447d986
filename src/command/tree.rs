//! `tree`: the modules of a model.

use super::{Error, Model, Parameter, Result, Writer};
use crate::ModuleOutline;
use clap::Args;
use serde::Serialize;

/// Prints a model's modules with the axes of their sites.
#[derive(Args, Clone, Debug)]
pub struct PrintTree {
    /// Writes every module and parameter as JSON
    #[arg(long)]
    pub json: bool,
}

/// What `tree --json` writes.
#[derive(Serialize)]
struct Printed {
    modules: Vec<ModuleOutline>,
    parameters: Vec<Parameter>,
}

impl PrintTree {
    /// Prints the tree. No weight is read.
    ///
    /// # Errors
    ///
    /// [`Error::Output`].
    pub fn run(&self, model: &dyn Model, out: Writer<'_>) -> Result<()> {
        let tree = model.tree();
        if !self.json {
            return writeln!(out, "{tree}").map_err(Error::Output);
        }
        let printed = Printed {
            modules: tree.outline(),
            parameters: model.parameters(),
        };
        serde_json::to_writer_pretty(&mut *out, &printed).map_err(|error| Error::Output(error.into()))?;
        writeln!(out).map_err(Error::Output)
    }
}
