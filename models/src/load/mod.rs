//! Models from a directory in Hugging Face's layout, or from the hub.
//!
//! [`Source`] finds the files, [`ConfigFile`] reads what the model says of itself so that its type
//! can be held against it, and [`WeightFiles`] fills the parameters.

mod config_file;
mod source;
mod weights;

pub(crate) use config_file::Comparison;
pub use config_file::ConfigFile;
pub use source::Source;
pub use weights::{Layout, WeightFiles};
