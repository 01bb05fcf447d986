//! What messages call sites and axes.

use super::SiteId;
use crate::axes::{AxisMeta, Extent};
use crate::site::End;
use crate::tree::Tree;

/// `h.3.mlp.output`, `attn.inputs.1`, `lm_head.output (call 2)`
pub(crate) fn site_name(tree: &Tree, site: SiteId) -> String {
    let end = match site.end {
        End::Input => "input",
        End::Output => "output",
    };
    let ports = tree
        .get(site.module)
        .map_or(&[][..], |module| module.ports(site.end));
    let port = ports.get(site.port as usize).map_or("", |port| &port.name);
    let many = if ports.len() > 1 && end == "input" {
        "s"
    } else {
        ""
    };
    let path = tree.get(site.module).map_or("?", |module| &module.path);
    let dot = if path.is_empty() { "" } else { "." };
    let call = if site.call == 0 {
        String::new()
    } else {
        format!(" (call {})", site.call)
    };
    format!("{path}{dot}{end}{many}{port}{call}")
}

/// `(Batch, Hidden = 10)`
pub(crate) fn axes_name(axes: &[AxisMeta]) -> String {
    let axes: Vec<String> = axes
        .iter()
        .map(|axis| match axis.extent {
            Extent::Fixed(size) => format!("{} = {size}", axis.name),
            _ => axis.name.to_owned(),
        })
        .collect();
    format!("({})", axes.join(", "))
}
