//! A config that cannot be used, and what to do about it.

use crate::config::printable::{printable, printable_path};
use serde_json::json;
use std::fmt;
use std::path::{Path, PathBuf};

/// Why `init` refuses a config: where the problem is, what it is, and how to correct it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    location: Location,
    field: String,
    /// The problem and the cure, in sentences.
    message: String,
    /// The cure alone; empty if the message does not separate it.
    fix: String,
}

/// Where the setting is that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Location {
    File { path: PathBuf, line: usize, column: usize },
    Environment,
    Options,
    Nowhere,
}

/// The problem and the cure are sentences; one may contain both and the other be empty.
impl ConfigError {
    /// A setting in a file. Lines and columns start at 1.
    pub(crate) fn at(
        path: &Path,
        (line, column): (usize, usize),
        field: &str,
        problem: &str,
        cure: &str,
    ) -> Self {
        let (line, column) = (line.max(1), column.max(1));
        Self::new(Location::File { path: path.to_owned(), line, column }, field, problem, cure)
    }

    /// A file that cannot be used for a reason that has no line of its own.
    pub(crate) fn of_file(path: &Path, field: &str, problem: &str, cure: &str) -> Self {
        Self::at(path, (1, 1), field, problem, cure)
    }

    /// An environment variable that cannot be used.
    pub(crate) fn in_environment(variable: &str, problem: &str, cure: &str) -> Self {
        Self::new(Location::Environment, variable, problem, cure)
    }

    /// An option of `init` that is unknown or of the wrong type.
    pub fn in_options(field: &str, problem: &str, cure: &str) -> Self {
        Self::new(Location::Options, field, problem, cure)
    }

    /// A setting that is missing.
    pub(crate) fn missing(field: &str, problem: &str, cure: &str) -> Self {
        Self::new(Location::Nowhere, field, problem, cure)
    }

    /// The message and where the problem is, for JavaScript.
    pub fn to_json(&self) -> String {
        let mut parts = json!({ "message": self.to_string() });
        if let Location::File { path, line, column } = &self.location {
            parts["file"] = json!(path.to_string_lossy());
            parts["line"] = json!(line);
            parts["column"] = json!(column);
        }
        if !self.field.is_empty() {
            parts["field"] = json!(printable(&self.field));
        }
        if !self.fix.is_empty() {
            parts["fix"] = json!(printable(&self.fix));
        }
        parts.to_string()
    }

    fn new(location: Location, field: &str, problem: &str, cure: &str) -> Self {
        let message = format!("{problem} {cure}").trim().to_owned();
        Self { location, field: field.to_owned(), message, fix: cure.trim().to_owned() }
    }
}

/// Fields and paths may come from a project, so they are made safe to print.
impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { location, field, message, .. } = self;
        match location {
            Location::File { path, line, column } => {
                write!(f, "{}:{line}:{column}: ", printable_path(path))?;
            }
            Location::Environment => f.write_str("environment: ")?,
            Location::Options => f.write_str("options: ")?,
            Location::Nowhere => {}
        }
        if !field.is_empty() {
            write!(f, "{}: ", printable(field))?;
        }
        f.write_str(&printable(message))
    }
}

impl std::error::Error for ConfigError {}
