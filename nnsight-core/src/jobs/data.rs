//! What travels: a trace on its way there, and what it gave on its way back.

use crate::error::{Error, Result};
use crate::graph::Graph;
use burn::tensor::TensorData;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A trace as data: what it does to a model, and what the model is run on.
#[derive(Clone, Debug, Default)]
pub struct Task {
    /// What the trace does. Its constants are data.
    pub graph: Graph,
    /// The tensors of each invoke, or of the only input, in the order in which the model takes them. A language model
    /// takes a list of token ids for each row.
    pub inputs: Vec<Vec<TensorData>>,
    /// How tokens are drawn, if the trace generates.
    pub drawing: Option<Drawing>,
}

impl Task {
    /// Whether its inputs are as many as its graph's invokes, or the only one.
    ///
    /// # Errors
    /// [`Error::TaskInput`] if they are not.
    pub fn check_inputs(&self) -> Result<()> {
        let (wanted, found) = (self.graph.invokes.len().max(1), self.inputs.len());
        match wanted == found {
            true => Ok(()),
            false => Err(Error::TaskInput {
                found: format!("{found} inputs"),
                wanted: match self.graph.invokes.len() {
                    0 => String::from("the one that its graph is for"),
                    wanted => format!("{wanted}, one for each invoke of its graph"),
                },
            }),
        }
    }
}

/// How a generation draws its tokens, and where it ends before its last step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawing {
    /// What logits are divided by; 0 takes the most likely token.
    pub temperature: f64,
    /// Draw from that many most likely tokens only.
    pub top_k: Option<usize>,
    /// Draw from the most likely tokens only that have this probability together.
    pub top_p: Option<f64>,
    /// The same seed draws the same tokens from the same logits.
    pub seed: u64,
    /// Tokens that end a prompt.
    pub stop: Vec<i64>,
}

/// What a trace gave, by the numbers of the nodes that save it.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Saved tensors. One that is not there did not come to be.
    pub tensors: BTreeMap<u32, TensorData>,
    /// Gradients of parameters, by the names that Burn's records give them.
    pub parameters: BTreeMap<u32, Vec<(String, TensorData)>>,
}
