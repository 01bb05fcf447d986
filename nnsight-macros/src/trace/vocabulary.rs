//! The names that the macros know.

use syn::Ident;

/// Methods of values and sites that give what a trace works with. Where nothing is known of `x[i]`, calling one of them
/// borrows nothing to change it, so that types may say what `x` is.
pub const OF_VALUES: &[&str] = &[
    "abs",
    "all",
    "all_over",
    "any",
    "any_over",
    "argmax",
    "argmin",
    "argsort",
    "argsort_descending",
    "at",
    "cast",
    "ceil",
    "clamp",
    "clamp_max",
    "clamp_min",
    "cos",
    "cumsum",
    "einsum",
    "elu",
    "equal",
    "erf",
    "exp",
    "expand",
    "expand_as",
    "flip",
    "floor",
    "full_like",
    "gather",
    "ge",
    "gelu",
    "gelu_tanh",
    "gt",
    "index",
    "inspect",
    "le",
    "leaky_relu",
    "log",
    "log1p",
    "log_sigmoid",
    "log_softmax",
    "logsumexp",
    "lt",
    "map",
    "map_to",
    "mask_fill",
    "mask_where",
    "matmul",
    "max",
    "max_over",
    "maximum",
    "mean",
    "mean_over",
    "min",
    "min_over",
    "minimum",
    "mish",
    "norm",
    "norm_over",
    "normal_like",
    "not_equal",
    "one_hot",
    "permute",
    "pick",
    "powf",
    "powi",
    "recip",
    "relu",
    "rename",
    "rename_axis",
    "reshape",
    "round",
    "save",
    "select",
    "shape",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "slice",
    "softmax",
    "softplus",
    "sort_descending",
    "sqrt",
    "std",
    "std_over",
    "sum",
    "sum_over",
    "tanh",
    "topk",
    "transpose",
    "try_save",
    "uniform_like",
    "var",
    "var_over",
    "with_at",
];

/// Methods of places that give places: the value is read from what they give.
pub const TO_PLACES: &[&str] = &["call_idx", "next"];

/// Methods of places that do something to them.
pub const ON_PLACES: &[&str] = &["call", "get", "set", "set_at", "update"];

/// Methods that modules have and gradients do not.
pub const OF_MODULES: &[&str] = &[
    "batch",
    "call",
    "call_idx",
    "every_step",
    "into_iter",
    "invoke",
    "iter",
    "next",
    "steps",
];

/// Methods of a site or a module that give it at several steps.
pub const TO_SEVERAL: &[&str] = &["every_step", "steps"];

/// All methods of modules and of lists of them: others are the user's own.
pub const KNOWN_OF_MODULES: &[&str] = &[
    "at",
    "batch",
    "call",
    "call_idx",
    "clone",
    "into_iter",
    "invoke",
    "is_empty",
    "iter",
    "len",
    "next",
];

/// Methods of values that give something other than a value.
pub const NOT_VALUES: &[&str] = &[
    "backward",
    "chunk",
    "dims",
    "into_iter",
    "is_empty",
    "iter",
    "kind",
    "len",
    "name",
    "rank",
    "save",
    "shape",
    "size",
    "sort_with_indices",
    "split",
    "topk",
    "unbind",
];

/// Iterator adapters that give the same items.
pub const SAME_ITEMS: &[&str] = &["into_iter", "iter", "rev", "skip", "step_by", "take"];

/// Iterator methods whose closure takes an item first.
pub const EACH_ITEM: &[&str] = &[
    "all",
    "any",
    "filter_map",
    "find_map",
    "flat_map",
    "for_each",
    "map",
    "map_while",
    "position",
];

pub fn is_one_of(name: &Ident, names: &[&str]) -> bool {
    names.iter().any(|known| name == known)
}

/// Whether the closure that this method takes is given one item after the other.
pub fn takes_each_item(name: &Ident) -> bool {
    is_one_of(name, EACH_ITEM)
}

/// Whether a method of a place is its own, not one of the value there.
pub fn is_own_method(name: &Ident) -> bool {
    [TO_PLACES, ON_PLACES, TO_SEVERAL, &["grad"]]
        .into_iter()
        .flatten()
        .any(|own| name == own)
}
