//! `trace`: a graph that was written to a file, run.

use super::parameters::dtype_name;
use super::{Error, Inputs, Model, Result, Writer, files};
use crate::graph::{Graph, Limits, VERSION};
use burn::tensor::TensorData;
use clap::Args;
use std::collections::HashMap;
use std::path::PathBuf;

/// Runs a graph that was written to a file, and prints and writes what it saves.
#[derive(Args, Clone, Debug)]
#[group(skip)] // The command has a group of that name for each subcommand.
pub struct Trace {
    /// The graph, as JSON: what `plan(..)?.graph()` gives, written with `serde_json`
    pub graph: PathBuf,
    /// What it is run on.
    #[command(flatten)]
    pub inputs: Inputs,
    /// How many tokens are generated at most, for a graph of a generation; the graph says it otherwise
    #[arg(long, value_name = "TOKENS")]
    pub max_new_tokens: Option<u32>,
    /// Writes the tensors that the graph saves to this safetensors file
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

impl Trace {
    /// Runs it.
    ///
    /// # Errors
    ///
    /// [`Error::Graph`] for a file that is none, or a larger one than [`Limits`] let in; [`OtherModel`](crate::Error::OtherModel), which names the first
    /// difference, before weights are read; what [`Model::trace`] refuses.
    pub fn run(&self, model: &dyn Model, out: Writer<'_>) -> Result<()> {
        let graph = self.read_graph()?;
        graph.check_model(&model.tree())?;
        let output = self.output.as_deref().map(files::Target::open).transpose()?;
        let tensors = model.trace(&graph, &self.inputs)?;
        for (name, tensor) in tensors.iter() {
            let summary = summary(&tensor.to_data()?);
            writeln!(out, "{name}  {summary}").map_err(Error::Output)?;
        }
        let Some(output) = output else { return Ok(()) };
        let metadata = HashMap::from([
            (String::from("model"), graph.model),
            (String::from("graph_version"), VERSION.to_string()),
            (
                String::from("nnsight_version"),
                env!("CARGO_PKG_VERSION").to_owned(),
            ),
        ]);
        output.write(&tensors, metadata)
    }

    fn read_graph(&self) -> Result<Graph> {
        let text = std::fs::read(&self.graph).map_err(|source| Error::File {
            what: "read",
            file: self.graph.clone(),
            source,
        })?;
        let mut graph = Graph::read(&text, &Limits::default()).map_err(|source| Error::Graph {
            file: self.graph.clone(),
            source: Box::new(source),
        })?;
        match (&mut graph.steps, self.max_new_tokens) {
            (Some(steps), Some(most)) => steps.most = most,
            (None, Some(_)) => return Err(Error::NoGeneration),
            (_, None) => {}
        }
        Ok(graph)
    }
}

/// Type and sizes of a tensor, and its numbers where they are few; otherwise how they lie.
fn summary(data: &TensorData) -> String {
    const FEW: usize = 8;
    let (dtype, shape) = (data.dtype(), data.shape());
    let what = format!("{} {:?}", dtype_name(dtype), shape.as_slice());
    let numbers: Vec<f64> = data.iter::<f64>().collect();
    if numbers.len() <= FEW {
        let shown: Vec<String> = numbers.iter().map(|number| short(*number)).collect();
        return format!("{what}  [{}]", shown.join(", "));
    }
    let count = numbers.len() as f64;
    if dtype.is_bool() {
        let set: f64 = numbers.iter().sum();
        return format!("{what}  {set} of {count} true");
    }
    let (least, most) = numbers
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), &number| {
            (least.min(number), most.max(number))
        });
    let mean = numbers.iter().sum::<f64>() / count;
    format!(
        "{what}  from {} to {}, mean {}",
        short(least),
        short(most),
        short(mean)
    )
}

/// Four digits after the point, of a whole number none.
fn short(number: f64) -> String {
    match number.fract() == 0.0 {
        true => format!("{number}"),
        false => format!("{number:.4}"),
    }
}
