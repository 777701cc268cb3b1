//! A string that may contain the value of a variable, and does not show it.

use std::fmt;

/// A setting's string. Only [`Text::reveal`] returns the value of a variable: everything that prints
/// shows the string as written in the file.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Text {
    value: String,
    /// The string as written, if a variable was filled in.
    written: Option<String>,
}

impl Text {
    /// A string without variables.
    pub fn literal(value: &str) -> Self {
        Self { value: value.to_owned(), written: None }
    }

    /// A string with variables filled in, and as written.
    pub(crate) fn filled_in(value: String, written: &str) -> Self {
        Self { value, written: Some(written.to_owned()) }
    }

    /// The value of a variable, or a part of it. The variable is shown in its place.
    pub(crate) fn from_variable(value: &str, variable: &str) -> Self {
        Self::filled_in(value.to_owned(), &format!("${{{variable}}}"))
    }

    /// The string to send. Never print it.
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
