//! A string that may hold the value of a variable, and does not show it.

use std::fmt;

/// A setting's string. What came out of a variable is told by [`Text::reveal`] and by nothing else:
/// everything that prints shows the string as it stands in the file.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Text {
    value: String,
    /// The string as written, where a variable was filled in.
    written: Option<String>,
}

impl Text {
    /// A string that stands where everyone may read it.
    pub fn literal(value: &str) -> Self {
        Self { value: value.to_owned(), written: None }
    }

    /// A string with variables filled in, and as written.
    pub(crate) fn filled_in(value: String, written: &str) -> Self {
        Self { value, written: Some(written.to_owned()) }
    }

    /// The string that was agreed to be sent. Never print it.
    pub fn reveal(&self) -> &str {
        &self.value
    }

    /// Whether a variable was filled in.
    pub fn is_filled_in(&self) -> bool {
        self.written.is_some()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.written.as_ref().unwrap_or(&self.value))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
