//! A config that cannot be used, and what to do about it.

use crate::config::printable::printable;
use std::fmt;
use std::path::{Path, PathBuf};

/// Why `init` refuses a config. The message names where, what, and the cure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    place: Place,
    field: String,
    problem: String,
    cure: String,
}

/// Where the offending setting stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    File { path: PathBuf, line: usize, column: usize },
    Environment,
    Options,
    Nowhere,
}

impl ConfigError {
    /// A place in a file that does not say what it should. Lines and columns start at 1.
    pub(super) fn at(
        path: &Path,
        (line, column): (usize, usize),
        field: &str,
        problem: &str,
        cure: &str,
    ) -> Self {
        let place = Place::File { path: path.to_owned(), line: line.max(1), column: column.max(1) };
        Self { place, field: field.to_owned(), problem: problem.to_owned(), cure: cure.to_owned() }
    }

    /// A file that cannot be used for a reason that has no line of its own.
    pub(super) fn of_file(path: &Path, field: &str, problem: &str, cure: &str) -> Self {
        Self::at(path, (1, 1), field, problem, cure)
    }

    /// An environment variable that does not say what it should.
    pub(super) fn in_environment(variable: &str, problem: &str, cure: &str) -> Self {
        Self {
            place: Place::Environment,
            field: variable.to_owned(),
            problem: problem.to_owned(),
            cure: cure.to_owned(),
        }
    }

    /// An option of `init` that is unknown or of the wrong type.
    pub fn in_options(field: &str, problem: &str, cure: &str) -> Self {
        Self {
            place: Place::Options,
            field: field.to_owned(),
            problem: problem.to_owned(),
            cure: cure.to_owned(),
        }
    }

    /// A setting that nobody made.
    pub(super) fn missing(field: &str, problem: &str, cure: &str) -> Self {
        Self {
            place: Place::Nowhere,
            field: field.to_owned(),
            problem: problem.to_owned(),
            cure: cure.to_owned(),
        }
    }
}

/// Fields and paths may be a stranger's words, so they are made fit for a terminal.
impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, field, problem, cure } = self;
        match place {
            Place::File { path, line, column } => {
                write!(f, "{}:{line}:{column}: ", printable(&path.to_string_lossy()))?;
            }
            Place::Environment => f.write_str("environment: ")?,
            Place::Options => f.write_str("options: ")?,
            Place::Nowhere => {}
        }
        if !field.is_empty() {
            write!(f, "{}: ", printable(field))?;
        }
        let separator = if problem.ends_with('.') { " " } else { "; " };
        write!(f, "{}{separator}{}", printable(problem), printable(cure))
    }
}

impl std::error::Error for ConfigError {}
