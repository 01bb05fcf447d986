//! A trace on its way to a server: one safetensors file, whose header has the graph and what belongs to it as JSON.

use super::tensors::{self, TensorError};
use super::{Code, Refusal, VERSION};
use burn::tensor::TensorData;
use nnsight_core::graph::{Constant, Graph, Limits};
use nnsight_core::jobs::{Drawing, Task};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// What a request says beside its graph and its tensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// The version of the protocol, [`VERSION`].
    pub protocol: u32,
    /// The name of the model.
    pub model: String,
    /// How many tensors each input has, of each invoke or of the only one: `input.I.T` are their names.
    pub inputs: Vec<u32>,
    /// How many constants the graph has: `constant.N` are their names.
    pub constants: u32,
    /// How tokens are drawn, if the trace generates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub drawing: Option<Drawing>,
    /// An address that is told when the job has ended. Only such as the operator allows, and by default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
}

/// A trace for a model of a server.
#[derive(Clone, Debug)]
pub struct Request {
    /// The name of the model.
    pub model: String,
    /// What is to be run on it.
    pub task: Task,
    /// An address that is told when the job has ended.
    pub webhook: Option<String>,
}

/// Why bytes are no request.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DecodeError {
    /// They hold no tensors.
    #[error("the request cannot be read: {0}")]
    Tensors(#[from] TensorError),
    /// The header lacks a word, or has it wrong.
    #[error("the request's `{word}` cannot be read: {reason}")]
    Word {
        /// Which.
        word: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Another version of the protocol.
    #[error(
        "the request is of version {found} of the protocol and the server speaks version {VERSION}: {remedy}",
        remedy = upgrade(*.found)
    )]
    OtherVersion {
        /// The client's.
        found: u32,
    },
    /// A tensor that the envelope announces is not there.
    #[error("the request announces the tensor `{name}`, and does not have it")]
    Missing {
        /// Its name.
        name: String,
    },
    /// A tensor that nothing announces.
    #[error("the request has a tensor `{name}`, which is neither an input nor a constant that it announces")]
    Extra {
        /// Its name.
        name: String,
    },
    /// The graph is none, or too large.
    #[error("{0}")]
    Graph(#[source] nnsight_core::Error),
}

/// Who is to be upgraded where a client speaks another version.
fn upgrade(found: u32) -> &'static str {
    match found > VERSION {
        true => "upgrade the server, or use an older release of the client",
        false => "upgrade the client",
    }
}

impl From<DecodeError> for Refusal {
    fn from(error: DecodeError) -> Self {
        let code = match &error {
            DecodeError::OtherVersion { .. } => Code::OtherVersion,
            DecodeError::Graph(nnsight_core::Error::TooLarge { .. }) => Code::TooLarge,
            _ => Code::Malformed,
        };
        let refusal = Refusal::new(code, error.to_string());
        match error {
            DecodeError::Graph(nnsight_core::Error::TooLarge { limit, .. }) => refusal.of_limit(limit),
            _ => refusal,
        }
    }
}

const ENVELOPE: &str = "request";
const GRAPH: &str = "graph";

fn input_name(input: usize, tensor: usize) -> String {
    format!("input.{input}.{tensor}")
}

fn constant_name(constant: usize) -> String {
    format!("constant.{constant}")
}

/// A request as bytes.
///
/// # Errors
/// [`TensorError`] for a tensor of a type that does not travel; [`DecodeError::Word`] for a graph with a closure;
/// [`DecodeError::Graph`] for a constant that its device does not give.
pub fn encode(request: Request) -> Result<Vec<u8>, DecodeError> {
    let Request { model, task, webhook } = request;
    let Task {
        mut graph,
        inputs,
        drawing,
    } = task;
    let mut tensors = Vec::new();
    let constants = std::mem::take(&mut graph.constants);
    for (number, constant) in constants.into_iter().enumerate() {
        let data = match constant {
            Constant::Data(data) => data,
            Constant::Tensor(tensor) => tensor.to_data().map_err(DecodeError::Graph)?,
        };
        tensors.push((constant_name(number), data));
    }
    let envelope = Envelope {
        protocol: VERSION,
        model,
        inputs: inputs.iter().map(|tensors| tensors.len() as u32).collect(),
        constants: tensors.len() as u32,
        drawing,
        webhook,
    };
    for (input, own) in inputs.into_iter().enumerate() {
        let own = own.into_iter().enumerate();
        tensors.extend(own.map(|(tensor, data)| (input_name(input, tensor), data)));
    }
    let json = |word, text: serde_json::Result<String>| {
        text.map_err(|error| DecodeError::Word {
            word,
            reason: error.to_string(),
        })
    };
    let words = HashMap::from([
        (
            ENVELOPE.to_owned(),
            json(ENVELOPE, serde_json::to_string(&envelope))?,
        ),
        (GRAPH.to_owned(), json(GRAPH, serde_json::to_string(&graph))?),
    ]);
    Ok(tensors::write(tensors, words)?)
}

/// The request that some bytes are, from anyone: whatever they are, this ends in an error or a request, in time and
/// memory linear in them. Whether it fits a model is another question.
///
/// # Errors
/// [`DecodeError`].
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Request, DecodeError> {
    let (mut tensors, words) = tensors::read(bytes)?;
    let word = |word: &'static str| {
        words.get(word).ok_or_else(|| DecodeError::Word {
            word,
            reason: String::from("it is missing"),
        })
    };
    let envelope = read_envelope(word(ENVELOPE)?)?;
    let mut graph = Graph::read(word(GRAPH)?.as_bytes(), limits).map_err(DecodeError::Graph)?;
    if !graph.constants.is_empty() {
        return Err(DecodeError::Word {
            word: GRAPH,
            reason: String::from("its constants belong into tensors `constant.N`, not into the text"),
        });
    }
    let announced = envelope.inputs.iter().map(|count| u64::from(*count)).sum::<u64>();
    let announced = announced + u64::from(envelope.constants);
    if announced > tensors.len() as u64 {
        // Named before anything is reserved for what is not there.
        return Err(DecodeError::Missing {
            name: first_missing(&envelope, &tensors),
        });
    }
    let mut take = |name: String| tensors.remove(&name).ok_or(DecodeError::Missing { name });
    for number in 0..envelope.constants as usize {
        graph.constants.push(Constant::Data(take(constant_name(number))?));
    }
    let mut inputs = Vec::with_capacity(envelope.inputs.len());
    for (input, count) in envelope.inputs.iter().enumerate() {
        let own = (0..*count as usize).map(|tensor| take(input_name(input, tensor)));
        inputs.push(own.collect::<Result<Vec<_>, _>>()?);
    }
    if let Some(name) = tensors.into_keys().next() {
        return Err(DecodeError::Extra { name });
    }
    Ok(Request {
        model: envelope.model,
        task: Task {
            graph,
            inputs,
            drawing: envelope.drawing,
        },
        webhook: envelope.webhook,
    })
}

/// The version is looked at first: what else another version says is its own affair.
fn read_envelope(text: &str) -> Result<Envelope, DecodeError> {
    #[derive(Deserialize)]
    struct Versioned {
        protocol: u32,
    }
    let broken = |error: serde_json::Error| DecodeError::Word {
        word: ENVELOPE,
        reason: error.to_string(),
    };
    let Versioned { protocol } = serde_json::from_str(text).map_err(broken)?;
    if protocol != VERSION {
        return Err(DecodeError::OtherVersion { found: protocol });
    }
    serde_json::from_str(text).map_err(broken)
}

fn first_missing(envelope: &Envelope, tensors: &BTreeMap<String, TensorData>) -> String {
    let constants = (0..envelope.constants as usize).map(constant_name);
    let inputs = envelope.inputs.iter().enumerate();
    let inputs =
        inputs.flat_map(|(input, count)| (0..*count as usize).map(move |tensor| input_name(input, tensor)));
    let mut names = constants.chain(inputs);
    let missing = names.find(|name| !tensors.contains_key(name));
    missing.unwrap_or_default()
}
