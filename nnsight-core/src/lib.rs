//! The core of `nnsight`: axes, sites, values, the intervention graph, its plan and the interleaver.
//!
//! Users depend on the crate `nnsight`, which re-exports all of this. The core knows no model family,
//! no tokenizer and no network.

extern crate self as nnsight;

mod device;
mod error;
pub mod graph;
pub mod jobs;
mod leaves;
mod model;
pub mod ops;
mod plan;
mod results;
mod run;
mod say;
mod shapes;
mod tensor;
mod tree;
mod values;
mod write;

pub use model::driving;
pub use shapes::{axes, dims, index, shape};
pub use tensor::carrier;
pub use values::boundary;
#[doc(hidden)]
pub use values::check;

pub use axes::{Axis, AxisMeta, Entries, Extent, Part};
pub use boundary::{Boundary, Port};
pub use carrier::Carrier;
pub use device::{DeviceName, FoundDevice, RemoteName, device, devices};
pub use error::{Error, LostWhat, ModelError, Result};
pub use jobs::{Job, Remote};
pub use leaves::probe::Probe;
pub use leaves::*;
pub use model::NnSight;
pub use model::attach::{Attach, Attached, Attachments};
pub use model::check::Checked;
pub use model::device_map::DeviceMap;
pub use model::edits::Edits;
pub use model::elsewhere::Inputs;
pub use model::invoke::Invokes;
#[doc(hidden)]
pub use nnsight_macros::DebugAsDisplay;
pub use nnsight_macros::{
    Carrier, Collect, Inspectable, axes, edit, inspectable, plan, submit, trace, traced,
};
pub use plan::Plan;
pub use plan::cost::Cost;
pub use results::cache::{ActivationCache, Cache, SavedCache};
pub use results::collect::{Collect, IntoInput, Results};
pub use results::named::{NamedTensor, NamedTensors};
pub use results::parameter_grads::ParameterGrads;
pub use run::report::Report;
pub use shape::{Kind, KindTag, Shape};
pub use shapes::misdeclared::Misdeclared;
pub use tensor::erased::Erased;
pub use tree::builder::TreeBuilder;
pub use tree::effect::Effect;
pub use tree::handle::{End, Handle};
pub use tree::module::{Forward, Inspectable, Leaf, SiteTree, Sites};
pub use tree::order::Order;
pub use tree::outline::{AxisOutline, ModuleOutline, TensorOutline};
pub use tree::{ModuleId, Tree};
pub use values::grad::{Backward, Grad};
pub use values::list::List;
pub use values::ops::operand::Operand;
pub use values::ops::select::Positions;
pub use values::parameter::{Parameter, ParameterGrad, SavedParameterGrads};
pub use values::site::Site;
pub use values::steps::Steps;
pub use values::together::{HasTensor, MapValues};
pub use values::value::{IntoValue, Saved, TrySaved, Value};
pub use write::builder::ValueRef;
pub use write::saved::SavedGraph;

/// What the macros write. Not for people: it changes without notice.
#[doc(hidden)]
pub mod __private;
