//! `info`: how large a model is, and what its program was built with.

use super::parameters::dtype_name;
use super::{Error, Model, Result, Writer};
use clap::Args;
use std::collections::BTreeMap;

/// Counts a model's parameters and bytes, and says what this program was built with.
#[derive(Args, Clone, Debug)]
#[group(skip)] // The command has a group of that name for each subcommand.
pub struct Info {}

/// The features of this build, and whether each is on.
const FEATURES: [(&str, bool); 3] = [
    ("command", true),
    ("gguf", cfg!(feature = "gguf")),
    ("hooks", cfg!(feature = "hooks")),
];

impl Info {
    /// Prints it. No weight is read.
    ///
    /// # Errors
    ///
    /// [`Error::Output`].
    pub fn run(&self, model: &dyn Model, out: Writer<'_>) -> Result<()> {
        let parameters = model.parameters();
        let elements: usize = parameters.iter().map(|parameter| parameter.elements()).sum();
        let bytes: usize = parameters.iter().map(|parameter| parameter.bytes()).sum();
        let mut dtypes = BTreeMap::<String, usize>::new();
        for parameter in &parameters {
            *dtypes.entry(dtype_name(parameter.dtype)).or_default() += parameter.elements();
        }
        let dtypes: Vec<String> = dtypes
            .iter()
            .map(|(dtype, count)| format!("{count} x {dtype}"))
            .collect();
        let on = FEATURES.iter().filter(|(_, on)| *on);
        let features: Vec<&str> = on.map(|(feature, _)| *feature).collect();
        let lines = [
            ("model", model.name()),
            (
                "parameters",
                format!(
                    "{elements} in {} tensors ({})",
                    parameters.len(),
                    dtypes.join(", ")
                ),
            ),
            ("memory", format!("{bytes} bytes ({:.1} MB)", bytes as f64 / 1e6)),
            ("device", device_name(model)),
            ("nnsight", env!("CARGO_PKG_VERSION").to_owned()),
            ("graphs", format!("version {}", crate::graph::VERSION)),
            ("features", features.join(", ")),
        ];
        for (what, text) in lines {
            writeln!(out, "{what:<12}{text}").map_err(Error::Output)?;
        }
        Ok(())
    }
}

/// `Flex(Cpu)` of `Device<Flex(Cpu)>`.
fn device_name(model: &dyn Model) -> String {
    let name = format!("{:?}", model.device());
    name.trim_start_matches("Device<")
        .trim_end_matches('>')
        .to_owned()
}
