//! A `config.json` in a constant, and the getters of its fields.

use super::number::parse_f64;
use super::reading::tri;
use super::scan::slice;
use super::{Found, Wrong};

/// The text of a `config.json`.
///
/// A field of a nested object is named by its path, `rope_parameters.rope_theta`. The getters answer `None` for
/// a field that is absent or `null`, as Hugging Face writes both.
#[derive(Clone, Copy)]
pub struct ConfigJson<'a> {
    pub(super) text: &'a str,
}

impl<'a> ConfigJson<'a> {
    /// Takes the text; what is wrong with it is found out when a field is read.
    pub const fn new(text: &'a str) -> Self {
        Self { text }
    }

    /// The whole number in `field`.
    ///
    /// # Errors
    ///
    /// If the field holds anything else, or the text up to it is not JSON.
    pub const fn usize(self, field: &'static str) -> Found<'a, usize> {
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

    /// The number in `field`.
    ///
    /// Exact to the last bit for up to 15 digits and exponents up to 22, which covers every
    /// epsilon that people write.
    ///
    /// # Errors
    ///
    /// If the field holds anything else, or the text up to it is not JSON.
    pub const fn f64(self, field: &'static str) -> Found<'a, f64> {
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
    pub const fn str(self, field: &'static str) -> Found<'a, &'a str> {
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
    pub const fn bool(self, field: &'static str) -> Found<'a, bool> {
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
    pub const fn raw(self, field: &'static str) -> Found<'a, &'a str> {
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

    /// Refuses a truth value other than the only one that a family computes. An absent field means that one.
    ///
    /// # Errors
    ///
    /// The field, if it says otherwise or holds no truth value.
    pub const fn only(self, field: &'static str, wanted: bool) -> Result<(), Wrong<'a>> {
        match tri!(self.bool(field)) {
            Some(true) if !wanted => Err(self.unlike(field, "`false`, the only one computed here")),
            Some(false) if wanted => Err(self.unlike(field, "`true`, the only one computed here")),
            _ => Ok(()),
        }
    }

    /// What a field should hold, and does not.
    pub const fn unlike(self, field: &'static str, wanted: &'static str) -> Wrong<'a> {
        match self.raw(field) {
            Ok(found) => Wrong::Field { field, wanted, found },
            Err(wrong) => wrong,
        }
    }

    pub(super) const fn ill_typed(
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
