use crate::ops::Op;
use crate::shapes::dims::Dims;
use crate::shapes::kind::KindTag;
use crate::shapes::meta::TensorMeta;
use crate::shapes::scalar::Scalar;
use crate::shapes::take::Take;
use crate::tensor::erased::Erased;
use crate::tree::ModuleId;
use crate::tree::handle::{End, Handle};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::panic::Location;

/// A node's place in the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(pub u32);

impl NodeId {
    /// As an index into the graph's nodes.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A site as data: which module, which end, which of its tensors, and at which call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteId {
    /// The module, by its number in the model's tree.
    pub module: ModuleId,
    /// Input or output.
    pub end: End,
    /// Which tensor, where there are several.
    pub port: u8,
    /// Which call of the module in one run, counted from 0.
    pub call: u32,
    /// Whose rows of the batch: an invoke of the trace, counted from 1; 0 is the whole batch.
    pub invoke: u16,
}

impl SiteId {
    /// The tensor `port` at one end of a module that a trace has a handle of.
    pub(crate) fn of(at: Handle, end: End, port: u8) -> SiteId {
        SiteId {
            module: at.module,
            end,
            port,
            call: at.call,
            invoke: at.invoke,
        }
    }
}

/// A run of an attached module as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttachedCall {
    /// The module, by its number in the model's tree.
    pub module: ModuleId,
    /// Which call of it in the trace for this invoke, in program order, counted from 0.
    pub call: u32,
    /// For which invoke, counted from 1; 0 is the whole batch.
    pub invoke: u16,
}

/// The part of the batch that belongs to one invoke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The name of a run-time axis.
    pub axis: String,
    /// Where the invoke's part of it begins.
    pub start: usize,
    /// How long it is.
    pub size: usize,
}

/// The forward passes of a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// How many there are at most.
    pub most: u32,
    /// Whether a pass has the new position alone, and reads from a cache what it needs of the others.
    pub cached: bool,
}

/// A module as a graph knows it: another model that has it like this can run the graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModuleDecl {
    /// Its path, empty for the model itself.
    pub path: String,
    /// What goes in, each as `(Batch, Hidden = 10)`.
    pub inputs: Vec<String>,
    /// What comes out.
    pub outputs: Vec<String>,
}

/// What a node does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum NodeKind {
    /// Reads a site, as all earlier nodes left it.
    Get(SiteId),
    /// Writes its input into a site, whole or in part.
    Set {
        /// Where.
        site: SiteId,
        /// Which part; empty for the whole.
        takes: Vec<Take>,
    },
    /// Writes a number into a site, everywhere or in a part.
    Fill {
        /// Where.
        site: SiteId,
        /// Which part; empty for the whole.
        takes: Vec<Take>,
        /// What.
        number: Scalar,
    },
    /// An operation on its inputs.
    Op(Op),
    /// One of [`Graph::constants`](super::Graph::constants).
    Constant(u32),
    /// Runs one of the model's modules on its inputs.
    Call(ModuleId),
    /// Runs an attached module on its inputs, with its own sites in place.
    Attached(AttachedCall),
    /// One of the tensors that a [`NodeKind::Call`] or [`NodeKind::Attached`] gave.
    Part(u8),
    /// A closure of this process over its inputs, by number.
    Map(u32),
    /// Keeps its input: the trace returns it.
    Save,
    /// Keeps its input if it comes to be.
    TrySave,
    /// The tokens of an invoke after a generation, prompt included; of the only one for 0.
    Generated(u16),
    /// Runs the backward pass of its input, the loss.
    Backward,
    /// Reads a gradient, as all earlier nodes left it.
    Gradient(GradientId),
    /// Writes its input into a gradient, whole or in part.
    SetGradient {
        /// Which.
        gradient: GradientId,
        /// Which part; empty for the whole.
        takes: Vec<Take>,
    },
    /// Writes a number into a gradient, everywhere or in a part.
    FillGradient {
        /// Which.
        gradient: GradientId,
        /// Which part; empty for the whole.
        takes: Vec<Take>,
        /// What.
        number: Scalar,
    },
    /// Reads a parameter.
    Parameter {
        /// The module that holds it.
        module: ModuleId,
        /// Its name there.
        name: String,
        /// Its sizes, `None` for those that were not known.
        sizes: Vec<Option<usize>>,
    },
    /// Reads the gradient of a parameter.
    ParameterGradient {
        /// The module that holds it.
        module: ModuleId,
        /// Its name there.
        name: String,
        /// The backward pass; `None` where the trace has one only.
        backward: Option<NodeId>,
        /// Its sizes, `None` for those that were not known.
        sizes: Vec<Option<usize>>,
    },
    /// Keeps the gradients of all parameters: the trace returns them.
    ParameterGradients {
        /// The backward pass.
        backward: NodeId,
    },
}

/// A gradient as data: of which node's tensor, and in which backward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradientId {
    /// The node whose tensor it belongs to.
    pub of: NodeId,
    /// The backward pass; `None` where the trace has one only.
    pub backward: Option<NodeId>,
}

impl NodeKind {
    /// The gradient that it reads or writes.
    pub fn gradient(&self) -> Option<GradientId> {
        match self {
            NodeKind::Gradient(gradient)
            | NodeKind::SetGradient { gradient, .. }
            | NodeKind::FillGradient { gradient, .. } => Some(*gradient),
            _ => None,
        }
    }

    /// The backward pass that it belongs to, where one is named.
    pub fn backward(&self) -> Option<NodeId> {
        match self {
            NodeKind::ParameterGradient { backward, .. } => *backward,
            NodeKind::ParameterGradients { backward } => Some(*backward),
            kind => kind.gradient()?.backward,
        }
    }

    /// Names the backward pass that it belongs to, where none is named.
    pub(crate) fn name_backward(&mut self, loss: NodeId) {
        match self {
            NodeKind::Gradient(gradient)
            | NodeKind::SetGradient { gradient, .. }
            | NodeKind::FillGradient { gradient, .. } => {
                gradient.backward.get_or_insert(loss);
            }
            NodeKind::ParameterGradient { backward, .. } => {
                backward.get_or_insert(loss);
            }
            _ => {}
        }
    }

    /// Whether it exists only once a backward pass has run.
    pub fn is_of_backward(&self) -> bool {
        matches!(
            self,
            NodeKind::ParameterGradient { .. } | NodeKind::ParameterGradients { .. }
        ) || self.gradient().is_some()
    }

    /// What the file calls it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            NodeKind::Get(_) => "Get",
            NodeKind::Set { .. } => "Set",
            NodeKind::Fill { .. } => "Fill",
            NodeKind::Op(_) => "Op",
            NodeKind::Constant(_) => "Constant",
            NodeKind::Call(_) => "Call",
            NodeKind::Attached(_) => "Attached",
            NodeKind::Part(_) => "Part",
            NodeKind::Map(_) => "Map",
            NodeKind::Save => "Save",
            NodeKind::TrySave => "TrySave",
            NodeKind::Generated(_) => "Generated",
            NodeKind::Backward => "Backward",
            NodeKind::Gradient(_) => "Gradient",
            NodeKind::SetGradient { .. } => "SetGradient",
            NodeKind::FillGradient { .. } => "FillGradient",
            NodeKind::Parameter { .. } => "Parameter",
            NodeKind::ParameterGradient { .. } => "ParameterGradient",
            NodeKind::ParameterGradients { .. } => "ParameterGradients",
        }
    }

    /// How many nodes it works on, where it is always the same number.
    pub(crate) fn input_count(&self) -> Option<usize> {
        match self {
            NodeKind::Op(_) | NodeKind::Call(_) | NodeKind::Attached(_) | NodeKind::Map(_) => None,
            NodeKind::Set { .. }
            | NodeKind::SetGradient { .. }
            | NodeKind::Part(_)
            | NodeKind::Save
            | NodeKind::TrySave
            | NodeKind::Backward => Some(1),
            _ => Some(0),
        }
    }

    /// Whether other nodes can work on what it gives.
    pub(crate) fn gives_tensor(&self) -> bool {
        matches!(
            self,
            NodeKind::Get(_)
                | NodeKind::Op(_)
                | NodeKind::Constant(_)
                | NodeKind::Call(_)
                | NodeKind::Attached(_)
                | NodeKind::Part(_)
                | NodeKind::Map(_)
                | NodeKind::Generated(_)
                | NodeKind::Gradient(_)
                | NodeKind::Parameter { .. }
                | NodeKind::ParameterGradient { .. }
        )
    }

    /// Whether it keeps its input for the one who traces.
    pub(crate) fn is_save(&self) -> bool {
        matches!(self, NodeKind::Save | NodeKind::TrySave)
    }

    /// Whether it is done when the model or the backward pass comes by, not as soon as its inputs are there.
    pub(crate) fn waits_for_run(&self) -> bool {
        matches!(
            self,
            NodeKind::Get(_) | NodeKind::Set { .. } | NodeKind::Fill { .. } | NodeKind::Generated(_)
        ) || self.is_of_backward()
    }
}

/// One node of a graph.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// What it does.
    pub kind: NodeKind,
    /// The nodes it works on.
    pub inputs: Vec<NodeId>,
    /// Kind and sizes of its result, in the trace that wrote it; a graph that was read has none.
    #[serde(skip, default = "unknown_meta")]
    pub meta: TensorMeta,
    /// Where in the user's source it was written, in this process.
    #[serde(skip)]
    pub written_at: Option<&'static Location<'static>>,
}

pub(crate) fn unknown_meta() -> TensorMeta {
    TensorMeta {
        kind: KindTag::Float,
        dims: Dims::new([]),
    }
}

/// A tensor that a graph carries.
#[derive(Clone, Debug)]
pub enum Constant {
    /// On a device of this process.
    Tensor(Erased),
    /// As plain data.
    Data(burn::tensor::TensorData),
}

impl Serialize for Constant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Constant::Tensor(tensor) => tensor
                .to_data()
                .map_err(serde::ser::Error::custom)?
                .serialize(serializer),
            Constant::Data(data) => data.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Constant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        burn::tensor::TensorData::deserialize(deserializer).map(Constant::Data)
    }
}
