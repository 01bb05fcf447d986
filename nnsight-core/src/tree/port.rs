//! Ports: the tensors that go in and out of a module, as data.

use crate::shapes::axes::AxisMeta;
use crate::shapes::kind::KindTag;

/// One tensor of a boundary, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortMeta {
    /// `""` for the only one, otherwise `.0`, `.context`, ...
    pub name: String,
    /// The axes.
    pub axes: &'static [AxisMeta],
    /// The kind.
    pub kind: KindTag,
}
