//! The intervention graph: what a trace wants done, as data.

pub(crate) mod cone;
pub(crate) mod constants;
pub(crate) mod limits;
mod measure;
pub(crate) mod names;
pub(crate) mod node;
pub(crate) mod of_model;
pub(crate) mod read;

pub use crate::shapes::meta::TensorMeta;
pub use limits::Limits;
pub use node::{
    AttachedCall, Constant, GradientId, ModuleDecl, Node, NodeId, NodeKind, SiteId, Steps, Window,
};

use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// The version of the serialized form.
pub const VERSION: u32 = 3;

/// Nodes in program order: a node's inputs come before it.
///
/// [`replay`](Graph::replay) runs one. Serializes with serde unless it holds a closure ([`NodeKind::Map`]), which only
/// this process can run. `docs/graph-format.md` describes the file, field by field, and what is refused.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Graph {
    /// [`VERSION`] when it was written; another one is refused when a graph is read.
    #[serde(deserialize_with = "known_version")]
    pub version: u32,
    /// The model's type name.
    pub model: String,
    /// The modules that nodes name by number.
    #[serde(deserialize_with = "read::modules")]
    pub modules: BTreeMap<u32, ModuleDecl>,
    /// The nodes, in program order.
    pub nodes: Vec<Node>,
    /// Tensors that nodes use.
    pub constants: Vec<Constant>,
    /// What belongs to each invoke, in the order in which they were written; none in a trace of one input.
    pub invokes: Vec<Vec<Window>>,
    /// The forward passes of a generation; none where there is one pass only.
    pub steps: Option<Steps>,
    /// What its operations may make, where it came from elsewhere.
    #[serde(skip)]
    pub(crate) limits: Option<Limits>,
}

fn known_version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let found = u32::deserialize(deserializer)?;
    if found == VERSION {
        return Ok(found);
    }
    let message = format!(
        "a graph of version {found}, and this program reads version {VERSION}: write it again with the same release"
    );
    Err(serde::de::Error::custom(message))
}

impl Graph {
    /// A number that is the same for equal graphs, on every machine and in every run (FNV-1a over the
    /// serialized form).
    ///
    /// # Errors
    /// What serde says of a graph that cannot be serialized.
    pub fn stable_hash<E>(&self, serialize: impl Fn(&Graph) -> Result<Vec<u8>, E>) -> Result<u64, E> {
        let fnv = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        Ok(serialize(self)?.iter().fold(0xcbf2_9ce4_8422_2325, fnv))
    }

    /// Whether every node is data, so that the graph can leave the process.
    pub fn is_portable(&self) -> bool {
        !self
            .nodes
            .iter()
            .any(|node| matches!(node.kind, NodeKind::Map(_)))
    }

    /// Whether it can be run in one pass with graphs of others ([`replay_among`](Graph::replay_among)): it looks at
    /// prompts of its own alone, takes no gradients, and calls no modules.
    pub fn shares(&self) -> bool {
        let is_whole = |invoke: u16| invoke == 0 && !self.invokes.is_empty();
        self.nodes.iter().all(|node| match &node.kind {
            NodeKind::Get(site) | NodeKind::Set { site, .. } | NodeKind::Fill { site, .. } => {
                !is_whole(site.invoke)
            }
            NodeKind::Generated(invoke) => !is_whole(*invoke),
            NodeKind::Call(_) | NodeKind::Attached(_) | NodeKind::Map(_) | NodeKind::Backward => false,
            kind => !kind.is_of_backward(),
        })
    }
}
