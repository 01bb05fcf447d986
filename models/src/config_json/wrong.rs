//! What is wrong with a `config.json`.

use const_panic::concat_panic;

/// What is wrong with a field, or with the text around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong<'a> {
    /// The text up to the field is not JSON.
    NotJson,
    /// The field itself.
    Field {
        /// Its name.
        field: &'static str,
        /// What it should hold.
        wanted: &'static str,
        /// What it holds; `None` where it is missing.
        found: Option<&'a str>,
    },
}

/// What a field was found to hold, `None` where it is absent or `null`.
pub type Found<'a, T> = Result<Option<T>, Wrong<'a>>;

impl Wrong<'_> {
    /// A field that must be there, and is not.
    pub const fn missing(field: &'static str, wanted: &'static str) -> Self {
        Self::Field {
            field,
            wanted,
            found: None,
        }
    }

    /// Stops with a message that names the file and the field. In a constant that is a compile error, and
    /// `#[track_caller]` keeps the way from the macro to here out of it.
    ///
    /// # Panics
    ///
    /// Always.
    #[track_caller]
    pub const fn panic(self, file: &str) -> ! {
        match self {
            Self::NotJson => concat_panic!(display: file, display: ": not a JSON object"),
            Self::Field {
                field,
                wanted,
                found: None,
            } => {
                concat_panic!(display: file, display: ": the field `", display: field, display: "` is missing (wanted: ", display: wanted, display: ")")
            }
            Self::Field {
                field,
                wanted,
                found: Some(found),
            } => {
                concat_panic!(display: file, display: ": the field `", display: field, display: "` should be ", display: wanted, display: ", found `", display: found, display: "`")
            }
        }
    }
}
