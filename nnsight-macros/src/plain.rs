//! Types without modules in them, told by their names.

use syn::{GenericArgument, PathArguments, Type};

/// Types without modules in them: numbers, text, tensors and parameters, and what Burn ignores.
const PLAIN: [&str; 24] = [
    "bool",
    "char",
    "str",
    "String",
    "f32",
    "f64",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "PhantomData",
    "Param",
    "Ignored",
    "Tensor",
    "RunningState",
    "Device",
];

/// Types that are plain if what they hold is.
const HOLDERS: [&str; 5] = ["Option", "Vec", "Box", "Rc", "Arc"];

/// Whether values of the type hold no module.
pub fn is_plain_type(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else {
                return false;
            };
            let name = last.ident.to_string();
            PLAIN.contains(&&*name) || (HOLDERS.contains(&&*name) && holds_plain(&last.arguments))
        }
        Type::Array(array) => is_plain_type(&array.elem),
        Type::Slice(slice) => is_plain_type(&slice.elem),
        Type::Reference(reference) => is_plain_type(&reference.elem),
        Type::Paren(paren) => is_plain_type(&paren.elem),
        Type::Group(group) => is_plain_type(&group.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_plain_type),
        _ => false,
    }
}

fn holds_plain(arguments: &PathArguments) -> bool {
    let PathArguments::AngleBracketed(arguments) = arguments else {
        return false;
    };
    arguments.args.iter().all(|argument| match argument {
        GenericArgument::Type(ty) => is_plain_type(ty),
        _ => true,
    })
}
