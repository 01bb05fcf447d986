//! The top-level fields of a `config.json`, read while the compiler runs.
//!
//! What [`gpt2_config!`](crate::gpt2_config) is made of: `include_str!` brings the text, the
//! functions here find a field in it, and a field that is missing or of another type stops the
//! build with a message that names it. Every function that can do so is `#[track_caller]`, which keeps
//! the way from the macro to here out of that message.

use const_panic::concat_panic;
use nnsight_core::axes::same_name;

/// A `config.json` in a constant: its text, and the name of its file for messages.
#[derive(Clone, Copy)]
pub struct ConfigJson<'a> {
    text: &'a str,
    file: &'a str,
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
    pub const fn usize(self, field: &str) -> Option<usize> {
        let Some((start, end)) = self.value(field) else {
            return None;
        };
        let bytes = self.text.as_bytes();
        let mut number = 0usize;
        let mut i = start;
        while i < end {
            if !bytes[i].is_ascii_digit() || number > usize::MAX / 10 - 1 {
                self.ill_typed(field, "a whole number");
            }
            number = number * 10 + (bytes[i] - b'0') as usize;
            i += 1;
        }
        Some(number)
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
    pub const fn f64(self, field: &str) -> Option<f64> {
        let Some((start, end)) = self.value(field) else {
            return None;
        };
        match parse_f64(self.text.as_bytes(), start, end) {
            Some(number) => Some(number),
            None => self.ill_typed(field, "a number"),
        }
    }

    /// The text in `field`, with escapes as they are; `None` where the field is absent or `null`.
    ///
    /// # Panics
    ///
    /// If the field holds anything else, or the text up to it is not JSON.
    #[track_caller]
    pub const fn str(self, field: &str) -> Option<&'a str> {
        let Some((start, end)) = self.value(field) else {
            return None;
        };
        if self.text.as_bytes()[start] != b'"' {
            self.ill_typed(field, "a text in double quotes");
        }
        Some(slice(self.text, start + 1, end - 1))
    }

    /// The truth value in `field`; `None` where the field is absent or `null`.
    ///
    /// # Panics
    ///
    /// If the field holds anything else, or the text up to it is not JSON.
    #[track_caller]
    pub const fn bool(self, field: &str) -> Option<bool> {
        let Some((start, end)) = self.value(field) else {
            return None;
        };
        match slice(self.text, start, end).as_bytes() {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => self.ill_typed(field, "true or false"),
        }
    }

    /// Like [`usize`](Self::usize), for a field that must be there.
    ///
    /// # Panics
    ///
    /// If it is not, or is no whole number.
    #[track_caller]
    pub const fn required_usize(self, field: &str) -> usize {
        match self.usize(field) {
            Some(number) => number,
            None => {
                concat_panic!(display: self.file, display: ": the field `", display: field, display: "` is missing (wanted: a whole number)")
            }
        }
    }

    /// The file's name, for messages.
    pub const fn file(self) -> &'a str {
        self.file
    }

    /// Where the value of `field` starts and ends; `None` where it is absent or `null`.
    #[track_caller]
    const fn value(self, field: &str) -> Option<(usize, usize)> {
        let bytes = self.text.as_bytes();
        let mut i = skip_space(bytes, 0) + 1;
        loop {
            i = skip_space(bytes, i);
            if i < bytes.len() && bytes[i] == b'}' {
                return None;
            }
            let key_end = self.end_of_text(i);
            let found = same_name(slice(self.text, i + 1, key_end - 1), field);
            i = self.expect(skip_space(bytes, key_end), b':');
            let start = skip_space(bytes, i);
            let end = self.end_of_value(start);
            if found {
                return match slice(self.text, start, end).as_bytes() {
                    b"null" => None,
                    _ => Some((start, end)),
                };
            }
            i = skip_space(bytes, end);
            if i < bytes.len() && bytes[i] == b'}' {
                return None;
            }
            i = self.expect(i, b',');
        }
    }

    #[track_caller]
    const fn expect(self, at: usize, byte: u8) -> usize {
        let bytes = self.text.as_bytes();
        if at >= bytes.len() || bytes[at] != byte {
            self.not_json();
        }
        at + 1
    }

    /// Past the closing quote of the text that starts at `start`.
    #[track_caller]
    const fn end_of_text(self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut i = self.expect(start, b'"');
        while i < bytes.len() && bytes[i] != b'"' {
            i += if bytes[i] == b'\\' { 2 } else { 1 };
        }
        self.expect(i, b'"')
    }

    /// Past the value that starts at `start`, nested ones included.
    #[track_caller]
    const fn end_of_value(self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut depth = 0;
        let mut i = start;
        while i < bytes.len() {
            match bytes[i] {
                b'"' => {
                    i = self.end_of_text(i);
                    if depth == 0 {
                        return i;
                    }
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth == 0 => break,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        return i + 1;
                    }
                }
                b',' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => break,
                _ => {}
            }
            i += 1;
        }
        if i == start || i >= bytes.len() {
            self.not_json();
        }
        i
    }

    #[track_caller]
    const fn ill_typed(self, field: &str, wanted: &str) -> ! {
        let found = match self.value(field) {
            Some((start, end)) => slice(self.text, start, end),
            None => "null",
        };
        concat_panic!(display: self.file, display: ": the field `", display: field, display: "` should be ", display: wanted, display: ", found `", display: found, display: "`")
    }

    #[track_caller]
    const fn not_json(self) -> ! {
        concat_panic!(display: self.file, display: ": not a JSON object")
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

const fn slice(text: &str, start: usize, end: usize) -> &str {
    text.split_at(end).0.split_at(start).1
}

#[cfg(test)]
mod tests {
    use super::ConfigJson;

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

    fn message(read: impl FnOnce() + std::panic::UnwindSafe) -> String {
        let payload = std::panic::catch_unwind(read).expect_err("should have panicked");
        payload.downcast_ref::<String>().cloned().unwrap_or_default()
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
