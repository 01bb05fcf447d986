//! Look inside [Burn](https://burn.dev) models and change what they compute, checked by the compiler.
//!
//! ```
//! use burn::nn::{Linear, LinearConfig};
//! use nnsight::prelude::*;
//!
//! axes! {
//!     Batch;            // known when an input arrives
//!     Features = 5;
//!     Hidden = 10;
//!     Classes = 2;
//! }
//!
//! #[derive(Module, Debug, Inspectable)]
//! #[inspect((Batch, Features) -> (Batch, Classes))]
//! struct TinyNet {
//!     #[inspect((Batch, Features) -> (Batch, Hidden))]
//!     layer1: Linear,
//!     #[inspect((Batch, Hidden) -> (Batch, Classes))]
//!     layer2: Linear,
//! }
//!
//! #[inspectable]
//! impl TinyNet {
//!     fn forward(&self, x: Tensor<2>) -> Tensor<2> {
//!         self.layer2.forward(self.layer1.forward(x))
//!     }
//! }
//!
//! # fn main() -> nnsight::Result<()> {
//! let device = Device::default();
//! let net = NnSight::new(TinyNet {
//!     layer1: LinearConfig::new(5, 10).init(&device),
//!     layer2: LinearConfig::new(10, 2).init(&device),
//! });
//! let input = Tensor::<2>::ones([1, 5], &device);
//! let (before, after) = trace!(net, input, |m: TinyNet| {
//!     let before = m.layer1.output;
//!     m.layer1.output[.., 0] = 0.0;
//!     (before.save(), m.output.save())
//! })?;
//! assert_eq!(before.dims(), [1, 10]);
//! assert_eq!(after.dims(), [1, 2]);
//! # Ok(())
//! # }
//! ```
//!
//! * [`axes!`], [`Inspectable`](derive@Inspectable), [`inspectable`] make a model inspectable.
//! * [`NnSight`] pins it; [`trace!`] runs it with interventions; [`Value`] has the operations.
//! * [`device()`] opens the device that a model runs on, by its name: `cpu`, `wgpu`, `cuda`.
//! * [`main!`] makes a program of a model, with a command line ([`command`]).
//! * [`models`] holds GPT-2 and [`models::LanguageModel`].

#[cfg(feature = "command")]
pub mod command;

pub use nnsight_core::*;

/// Burn, in the version that the models are written for.
pub use burn;

#[doc(no_inline)]
pub use nnsight_models::LanguageModel;

/// Traces that a server runs: the client, and the protocol that it speaks.
#[cfg(feature = "client")]
pub use nnsight_remote as remote;

/// A server that many people share.
#[cfg(feature = "server")]
pub use nnsight_server as server;

#[cfg(feature = "client")]
#[doc(no_inline)]
pub use nnsight_remote::Server;

/// Models and what language models need: tokenizers, checkpoints, the hub.
pub use nnsight_models as models;

/// What a program that traces models wants in scope.
pub mod prelude {
    pub use burn::module::Module;
    pub use burn::tensor::{Bool, Device, Float, Int, Tensor};
    pub use nnsight_core::{
        Attach, Attached, Cache, Carrier, Collect, Error, Inspectable, IntoValue, List, MapValues, NnSight,
        Part, Probe, Saved, Site, Sites, Value, axes, edit, inspectable, plan, submit, trace,
    };
    pub use nnsight_models::LanguageModel;
}

/// The program of the page on costs compiles.
#[cfg(doctest)]
#[doc = include_str!("../docs/cost.md")]
pub struct CostPage;

/// The README's programs compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
