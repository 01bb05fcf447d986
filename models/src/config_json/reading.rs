//! What the readers of all families are written with: constant functions know neither `?` nor closures.

/// `?` in a constant function.
macro_rules! tri {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(wrong) => return Err(wrong),
        }
    };
}

/// The whole number in a field that must be there.
macro_rules! required {
    ($json:ident, $field:literal) => {
        match tri!($json.usize($field)) {
            Some(number) => number,
            None => return Err(Wrong::missing($field, "a whole number")),
        }
    };
}

/// A field that stands for a value where it is absent.
macro_rules! or {
    ($found:expr, $default:expr) => {
        match tri!($found) {
            Some(value) => value,
            None => $default,
        }
    };
}

pub(crate) use {or, required, tri};
