//! The core of `nnsight`: axes, sites, values, the intervention graph, its plan and the interleaver.
//!
//! Users depend on the crate `nnsight`, which re-exports all of this. The core knows no model family,
//! no tokenizer and no network.

extern crate self as nnsight;

mod attach;
pub mod axes;
pub mod boundary;
mod cache;
pub mod carrier;
#[doc(hidden)]
pub mod check;
mod device;
mod device_map;
pub mod dims;
pub mod driving;
mod edits;
mod effect;
mod error;
mod found;
mod gradient;
pub mod graph;
mod guesses;
pub mod index;
mod interleave;
mod invoke;
mod leaves;
mod model;
mod module;
pub mod ops;
mod order;
mod plan;
mod probe;
mod report;
mod say;
pub mod shape;
mod site;
mod steps;
mod tensor;
mod trace;
mod tree;
mod value;

pub use attach::{Attach, Attached, Attachments};
pub use axes::{Axis, AxisMeta, Entries, Extent, Part};
pub use boundary::{Boundary, Port};
pub use cache::{ActivationCache, Cache, SavedCache};
pub use carrier::Carrier;
pub use device::{DeviceName, FoundDevice, RemoteName, device, devices};
pub use device_map::DeviceMap;
pub use edits::Edits;
pub use effect::Effect;
pub use error::{Error, LostWhat, ModelError, Result};
pub use gradient::{Backward, Grad, Parameter, ParameterGrad, ParameterGrads, SavedParameterGrads};
pub use graph::{NamedTensors, SavedGraph};
pub use invoke::Invokes;
pub use leaves::*;
pub use model::{AxisOutline, ModuleOutline, NnSight, TensorOutline};
pub use module::{Forward, Inspectable, Leaf, List, SiteTree, Sites};
#[doc(hidden)]
pub use nnsight_macros::DebugAsDisplay;
pub use nnsight_macros::{Carrier, Collect, Inspectable, axes, edit, inspectable, trace, traced};
pub use order::Order;
pub use plan::Plan;
pub use probe::Probe;
pub use report::Report;
pub use shape::{Kind, KindTag, Shape};
pub use site::{End, Handle, Site};
pub use steps::Steps;
pub use tensor::Erased;
pub use trace::{Collect, IntoInput, Results};
pub use tree::{ModuleId, Tree, TreeBuilder};
pub use value::{IntoValue, Saved, TrySaved, Value};

/// What the macros write. Not for people: it changes without notice.
#[doc(hidden)]
pub mod __private;
