//! What the name and the type of a field say by themselves.

use crate::plain::is_plain_type;
use syn::{Attribute, Field};

/// Names that a trace gives a meaning of its own after a `.`.
const ACCESSORS: [&str; 16] = [
    "input",
    "inputs",
    "output",
    "outputs",
    "grad",
    "next",
    "call_idx",
    "call",
    "at",
    "iter",
    "len",
    "is_empty",
    "every_step",
    "steps",
    "get",
    "set",
];

/// Whether a field holds no module: by its type, or because Burn is told to skip it.
pub fn is_plain(field: &Field) -> bool {
    field.attrs.iter().any(is_burn_skip) || is_plain_type(&field.ty)
}

/// Whether a field of that name would hide a site or a method.
pub fn is_accessor(name: &str) -> bool {
    ACCESSORS.contains(&name)
}

fn is_burn_skip(attr: &Attribute) -> bool {
    let mut skip = false;
    if attr.path().is_ident("module") {
        // What else stands there is for Burn to judge.
        let _ = attr.parse_nested_meta(|meta| {
            skip |= meta.path.is_ident("skip") || meta.path.is_ident("constant");
            Ok(())
        });
    }
    skip
}
