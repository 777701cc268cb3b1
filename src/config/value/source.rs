//! A setting as it is shown, and its source.

use std::fmt;
use std::path::{Path, PathBuf};

/// One setting and its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The setting's name.
    pub name: &'static str,
    /// Its value, without secrets.
    pub value: String,
    /// Where it is set.
    pub source: Source,
}

/// Where a setting is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nowhere: it is the default.
    Default,
    /// An environment variable.
    Environment(&'static str),
    /// A config file.
    File(PathBuf),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Environment(variable) => f.write_str(variable),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A value, and where it is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sourced<T> {
    pub(crate) value: T,
    pub(crate) source: Source,
}

impl<T> Sourced<T> {
    /// A value that is set nowhere.
    pub(crate) const fn default_of(value: T) -> Self {
        Self { value, source: Source::Default }
    }

    /// A value of a variable.
    pub(crate) const fn of_variable(value: T, variable: &'static str) -> Self {
        Self { value, source: Source::Environment(variable) }
    }

    /// A value of a file.
    pub(crate) fn of_file(value: T, path: &Path) -> Self {
        Self { value, source: Source::File(path.to_owned()) }
    }
}
