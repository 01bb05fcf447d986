//! Where in the text of a `config.json` a value is.

use super::reading::tri;
use super::{ConfigJson, Found, Wrong};
use nnsight_core::axes::same_name;

impl<'a> ConfigJson<'a> {
    /// Where the value of `field` starts and ends; `None` where it, or the object it is in, is absent or `null`.
    pub(super) const fn value(self, field: &'static str) -> Found<'a, (usize, usize)> {
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
    pub(super) const fn member(self, object: usize, name: &str) -> Found<'a, (usize, usize)> {
        let bytes = self.text.as_bytes();
        let mut i = tri!(self.expect(skip_space(bytes, object), b'{'));
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

pub(super) const fn slice(text: &str, start: usize, end: usize) -> &str {
    text.split_at(end).0.split_at(start).1
}
