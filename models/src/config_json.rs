//! The fields of a `config.json`, read while the compiler runs.
//!
//! What [`gpt2_config!`](crate::gpt2_config) and its like for other families are made of: `include_str!` brings
//! the text, the functions here find a field in it, and a field that is missing or of another type stops the
//! build with a message that names it. A field of a nested object is named by its path,
//! `rope_parameters.rope_theta`. Every function that can do so is `#[track_caller]`, which keeps the way from
//! the macro to here out of that message. Those whose names begin with `try_` say what is wrong instead, so
//! that one reader can serve the compiler and a running program.

use const_panic::concat_panic;
use nnsight_core::axes::same_name;

/// A `config.json` in a constant: its text, and the name of its file for messages.
#[derive(Clone, Copy)]
pub struct ConfigJson<'a> {
    text: &'a str,
    file: &'a str,
}

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

/// `?` in a constant function.
macro_rules! tri {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(wrong) => return Err(wrong),
        }
    };
}
pub(crate) use tri;

impl Wrong<'_> {
    /// A field that must be there, and is not.
    pub const fn missing(field: &'static str, wanted: &'static str) -> Self {
        Self::Field {
            field,
            wanted,
            found: None,
        }
    }

    /// Stops with a message that names the file and the field. In a constant that is a compile error.
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

impl<'a> ConfigJson<'a> {
    /// The config whose text is `text` and that messages call `file`.
    ///
    /// # Panics
    ///
    /// If the text does not start with `{`. Everything else is found out when a field is read.
    #[track_caller]
    pub const fn new(text: &'a str, file: &'a str) -> Self {
        let bytes = text.as_bytes();
        let start = skip_space(bytes, 0);
        if start >= bytes.len() || bytes[start] != b'{' {
            concat_panic!(display: file, display: ": a config.json holds one JSON object, `{ .. }`");
        }
        Self { text, file }
    }

    /// The whole number in `field`; `None` where the field is absent or `null`.
    ///
    /// # Panics
    ///
    /// If the field holds anything else, or the text up to it is not JSON.
    #[track_caller]
    pub const fn usize(self, field: &'static str) -> Option<usize> {
        match self.try_usize(field) {
            Ok(found) => found,
            Err(wrong) => wrong.panic(self.file),
        }
    }

    /// The number in `field`; `None` where the field is absent or `null`.
    ///
    /// Exact to the last bit for up to 15 digits and exponents up to 22, which covers every
    /// epsilon that people write.
    ///
    /// # Panics
    ///
    /// If the field holds anything else, or the text up to it is not JSON.
    #[track_caller]
    pub const fn f64(self, field: &'static str) -> Option<f64> {
        match self.try_f64(field) {
            Ok(found) => found,
            Err(wrong) => wrong.panic(self.file),
        }
    }

    /// The text in `field`, with escapes as they are; `None` where the field is absent or `null`.
    ///
    /// # Panics
    ///
    /// If the field holds anything else, or the text up to it is not JSON.
    #[track_caller]
    pub const fn str(self, field: &'static str) -> Option<&'a str> {
        match self.try_str(field) {
            Ok(found) => found,
            Err(wrong) => wrong.panic(self.file),
        }
    }

    /// The truth value in `field`; `None` where the field is absent or `null`.
    ///
    /// # Panics
    ///
    /// If the field holds anything else, or the text up to it is not JSON.
    #[track_caller]
    pub const fn bool(self, field: &'static str) -> Option<bool> {
        match self.try_bool(field) {
            Ok(found) => found,
            Err(wrong) => wrong.panic(self.file),
        }
    }

    /// Like [`usize`](Self::usize), for a field that must be there.
    ///
    /// # Panics
    ///
    /// If it is not, or is no whole number.
    #[track_caller]
    pub const fn required_usize(self, field: &'static str) -> usize {
        match self.usize(field) {
            Some(number) => number,
            None => Wrong::missing(field, "a whole number").panic(self.file),
        }
    }

    /// The whole number in `field`.
    ///
    /// # Errors
    ///
    /// If the field holds anything else, or the text up to it is not JSON.
    pub const fn try_usize(self, field: &'static str) -> Found<'a, usize> {
        let Some((start, end)) = tri!(self.value(field)) else {
            return Ok(None);
        };
        let bytes = self.text.as_bytes();
        let mut number = 0usize;
        let mut i = start;
        while i < end {
            if !bytes[i].is_ascii_digit() || number > usize::MAX / 10 - 1 {
                return Err(self.ill_typed(field, "a whole number", start, end));
            }
            number = number * 10 + (bytes[i] - b'0') as usize;
            i += 1;
        }
        Ok(Some(number))
    }

    /// The number in `field`, as exact as [`f64`](Self::f64) has it.
    ///
    /// # Errors
    ///
    /// If the field holds anything else, or the text up to it is not JSON.
    pub const fn try_f64(self, field: &'static str) -> Found<'a, f64> {
        let Some((start, end)) = tri!(self.value(field)) else {
            return Ok(None);
        };
        match parse_f64(self.text.as_bytes(), start, end) {
            Some(number) => Ok(Some(number)),
            None => Err(self.ill_typed(field, "a number", start, end)),
        }
    }

    /// The text in `field`, with escapes as they are.
    ///
    /// # Errors
    ///
    /// If the field holds anything else, or the text up to it is not JSON.
    pub const fn try_str(self, field: &'static str) -> Found<'a, &'a str> {
        let Some((start, end)) = tri!(self.value(field)) else {
            return Ok(None);
        };
        if self.text.as_bytes()[start] != b'"' {
            return Err(self.ill_typed(field, "a text in double quotes", start, end));
        }
        Ok(Some(slice(self.text, start + 1, end - 1)))
    }

    /// The truth value in `field`.
    ///
    /// # Errors
    ///
    /// If the field holds anything else, or the text up to it is not JSON.
    pub const fn try_bool(self, field: &'static str) -> Found<'a, bool> {
        let Some((start, end)) = tri!(self.value(field)) else {
            return Ok(None);
        };
        match slice(self.text, start, end).as_bytes() {
            b"true" => Ok(Some(true)),
            b"false" => Ok(Some(false)),
            _ => Err(self.ill_typed(field, "true or false", start, end)),
        }
    }

    /// The text of the value in `field`.
    ///
    /// # Errors
    ///
    /// If the text up to it is not JSON.
    pub const fn try_raw(self, field: &'static str) -> Found<'a, &'a str> {
        let Some((start, end)) = tri!(self.value(field)) else {
            return Ok(None);
        };
        Ok(Some(slice(self.text, start, end)))
    }

    /// Whether there is such a field, be it `null`; for the rare field where `null` says something.
    ///
    /// # Errors
    ///
    /// If the text up to it is not JSON.
    pub const fn has(self, field: &'static str) -> Result<bool, Wrong<'a>> {
        Ok(tri!(self.member(0, field)).is_some())
    }

    /// The file's name, for messages.
    pub const fn file(self) -> &'a str {
        self.file
    }

    /// Where the value of `field` starts and ends; `None` where it, or the object it is in, is absent or `null`.
    const fn value(self, field: &'static str) -> Found<'a, (usize, usize)> {
        let (mut object, mut path) = (0, field);
        loop {
            let dot = match position(path, b'.') {
                Some(dot) => dot,
                None => path.len(),
            };
            let Some((start, end)) = tri!(self.member(object, slice(path, 0, dot))) else {
                return Ok(None);
            };
            if matches!(slice(self.text, start, end).as_bytes(), b"null") {
                return Ok(None);
            }
            if dot == path.len() {
                return Ok(Some((start, end)));
            }
            if self.text.as_bytes()[start] != b'{' {
                let object = slice(field, 0, field.len() - path.len() + dot);
                return Err(self.ill_typed(object, "an object, `{ .. }`", start, end));
            }
            (object, path) = (start, slice(path, dot + 1, path.len()));
        }
    }

    /// Where the value of a field of the object at `object` starts and ends.
    const fn member(self, object: usize, name: &str) -> Found<'a, (usize, usize)> {
        let bytes = self.text.as_bytes();
        let mut i = skip_space(bytes, object) + 1;
        loop {
            i = skip_space(bytes, i);
            if i < bytes.len() && bytes[i] == b'}' {
                return Ok(None);
            }
            let key_end = tri!(self.end_of_text(i));
            let found = same_name(slice(self.text, i + 1, key_end - 1), name);
            i = tri!(self.expect(skip_space(bytes, key_end), b':'));
            let start = skip_space(bytes, i);
            let end = tri!(self.end_of_value(start));
            if found {
                return Ok(Some((start, end)));
            }
            i = skip_space(bytes, end);
            if i < bytes.len() && bytes[i] == b'}' {
                return Ok(None);
            }
            i = tri!(self.expect(i, b','));
        }
    }

    const fn expect(self, at: usize, byte: u8) -> Result<usize, Wrong<'a>> {
        let bytes = self.text.as_bytes();
        if at >= bytes.len() || bytes[at] != byte {
            return Err(Wrong::NotJson);
        }
        Ok(at + 1)
    }

    /// Past the closing quote of the text that starts at `start`.
    const fn end_of_text(self, start: usize) -> Result<usize, Wrong<'a>> {
        let bytes = self.text.as_bytes();
        let mut i = tri!(self.expect(start, b'"'));
        while i < bytes.len() && bytes[i] != b'"' {
            i += if bytes[i] == b'\\' { 2 } else { 1 };
        }
        self.expect(i, b'"')
    }

    /// Past the value that starts at `start`, nested ones included.
    const fn end_of_value(self, start: usize) -> Result<usize, Wrong<'a>> {
        let bytes = self.text.as_bytes();
        let mut depth = 0;
        let mut i = start;
        while i < bytes.len() {
            match bytes[i] {
                b'"' => {
                    i = tri!(self.end_of_text(i));
                    if depth == 0 {
                        return Ok(i);
                    }
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth == 0 => break,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        return Ok(i + 1);
                    }
                }
                b',' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => break,
                _ => {}
            }
            i += 1;
        }
        if i == start || i >= bytes.len() {
            return Err(Wrong::NotJson);
        }
        Ok(i)
    }

    const fn ill_typed(
        self,
        field: &'static str,
        wanted: &'static str,
        start: usize,
        end: usize,
    ) -> Wrong<'a> {
        let found = Some(slice(self.text, start, end));
        Wrong::Field { field, wanted, found }
    }
}

/// `-12.5e-3` and the like, or `None`.
const fn parse_f64(bytes: &[u8], start: usize, end: usize) -> Option<f64> {
    let negative = bytes[start] == b'-';
    let mut i = if negative { start + 1 } else { start };
    let (mut digits, mut seen, mut scale, mut after_point) = (0u64, 0, 0i32, false);
    while i < end && (bytes[i].is_ascii_digit() || (bytes[i] == b'.' && !after_point)) {
        if bytes[i] == b'.' {
            after_point = true;
        } else {
            seen += 1;
            if digits < u64::MAX / 100 {
                digits = digits * 10 + (bytes[i] - b'0') as u64;
                scale -= after_point as i32;
            } else {
                scale += !after_point as i32;
            }
        }
        i += 1;
    }
    if seen == 0 {
        return None;
    }
    if i < end && (bytes[i] == b'e' || bytes[i] == b'E') {
        i += 1;
        let down = i < end && bytes[i] == b'-';
        if i < end && (bytes[i] == b'-' || bytes[i] == b'+') {
            i += 1;
        }
        let (first, mut exponent) = (i, 0i32);
        while i < end && bytes[i].is_ascii_digit() && exponent < 1000 {
            exponent = exponent * 10 + (bytes[i] - b'0') as i32;
            i += 1;
        }
        if i == first {
            return None;
        }
        scale += if down { -exponent } else { exponent };
    }
    if i != end {
        return None;
    }
    let (mut power, mut left) = (1.0f64, scale.unsigned_abs());
    while left > 0 {
        power *= 10.0;
        left -= 1;
    }
    let number = if scale < 0 {
        digits as f64 / power
    } else {
        digits as f64 * power
    };
    Some(if negative { -number } else { number })
}

const fn skip_space(bytes: &[u8], mut i: usize) -> usize {
    while i < bytes.len() && matches!(bytes[i], b' ' | b'\n' | b'\r' | b'\t') {
        i += 1;
    }
    i
}

/// Where `byte` first stands.
const fn position(text: &str, byte: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] == byte {
            return Some(i);
        }
        i += 1;
    }
    None
}

const fn slice(text: &str, start: usize, end: usize) -> &str {
    text.split_at(end).0.split_at(start).1
}

#[cfg(test)]
mod tests {
    use super::{ConfigJson, Wrong};

    const TEXT: &str = r#"{
        "nested": {"n_embd": 1, "list": [1, {"a": "}"}]}, "quote\"d": "x\\",
        "n_embd": 48, "eps": 1e-05, "half": -0.5, "big": 2.5E+3, "none": null, "on": true, "name": "gelu_new"}"#;
    const CONFIG: ConfigJson<'static> = ConfigJson::new(TEXT, "config.json");

    #[test]
    fn reads_top_level_fields_in_a_constant() {
        const WIDTH: usize = CONFIG.required_usize("n_embd");
        const EPS: Option<f64> = CONFIG.f64("eps");
        const NAME: Option<&str> = CONFIG.str("name");
        assert_eq!((WIDTH, EPS, NAME), (48, Some(1e-5), Some("gelu_new")));
        assert_eq!(CONFIG.f64("half"), Some(-0.5));
        assert_eq!(CONFIG.f64("big"), Some(2500.0));
        assert_eq!(CONFIG.f64("n_embd"), Some(48.0));
        assert_eq!(CONFIG.bool("on"), Some(true));
        assert_eq!(CONFIG.usize("none"), None);
        assert_eq!(CONFIG.usize("absent"), None);
    }

    #[test]
    fn reads_fields_of_nested_objects_by_their_path() {
        const NESTED: Option<usize> = CONFIG.usize("nested.n_embd");
        assert_eq!((NESTED, CONFIG.usize("nested.absent")), (Some(1), None));
        assert_eq!(CONFIG.usize("none.n_embd"), None);
        assert_eq!(CONFIG.usize("absent.n_embd"), None);
        assert_eq!((CONFIG.has("none"), CONFIG.has("absent")), (Ok(true), Ok(false)));
        assert_eq!(
            message(|| _ = CONFIG.usize("name.n_embd")),
            "config.json: the field `name` should be an object, `{ .. }`, found `\"gelu_new\"`"
        );
    }

    fn message(read: impl FnOnce() + std::panic::UnwindSafe) -> String {
        let payload = std::panic::catch_unwind(read).expect_err("should have panicked");
        payload.downcast_ref::<String>().cloned().unwrap_or_default()
    }

    #[test]
    fn says_what_is_wrong_to_a_program() {
        const LIST: Result<Option<usize>, Wrong<'_>> = CONFIG.try_usize("nested.list");
        let wrong = Wrong::Field {
            field: "nested.list",
            wanted: "a whole number",
            found: Some(r#"[1, {"a": "}"}]"#),
        };
        assert_eq!(LIST, Err(wrong));
        assert_eq!(
            ConfigJson::new("{\"a\" 1}", "c.json").try_bool("a"),
            Err(Wrong::NotJson)
        );
    }

    #[test]
    fn names_what_is_missing_or_ill_typed() {
        assert_eq!(
            message(|| _ = CONFIG.required_usize("n_layer")),
            "config.json: the field `n_layer` is missing (wanted: a whole number)"
        );
        assert_eq!(
            message(|| _ = CONFIG.usize("name")),
            "config.json: the field `name` should be a whole number, found `\"gelu_new\"`"
        );
        assert_eq!(
            message(|| _ = ConfigJson::new("{\"a\" 1}", "c.json").usize("a")),
            "c.json: not a JSON object"
        );
    }
}
