//! What no config file may say, though it is of the right type.

use crate::config::error::ConfigError;
use crate::config::file::config_file::ConfigFile;
use crate::config::file::place::{PERSONAL_FILE, PROJECT_FILE};
use crate::config::file::settings::{PersonalSettings, ProjectSettings};
use crate::config::file::suggest::nearest;
use crate::config::value::headers;
use crate::config::value::secret;
use crate::config::value::template::Template;
use http::HeaderName;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Attributes whose budgets a project may change.
const OVERRIDABLE: [&str; 5] = ["model", "server", "skill", "tool", "type"];

impl ConfigFile<ProjectSettings> {
    /// Whether there is something in it that no project may say, whatever comes of it.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        for key in self.otel.cardinality_overrides.keys() {
            if !OVERRIDABLE.contains(&key.as_str()) {
                let cure = match nearest(key, &OVERRIDABLE) {
                    Some(nearest) => format!("did you mean \"{nearest}\"?"),
                    None => format!("there are {}", OVERRIDABLE.join(", ")),
                };
                let field = ["cardinality_overrides", key.as_str()];
                return Err(self.error(&field, "no attribute of this name has a budget", &cure));
            }
        }
        check_headers(self, &self.otel.headers, secret::may_be_exposed)
    }
}

impl ConfigFile<PersonalSettings> {
    /// Whether there is something in it that no engineer may say, whatever comes of it.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        check_headers(self, &self.otel.headers, |_, value| secret::is_credential(value))
    }
}

/// Whether `text` can stand in a project's file.
///
/// # Errors
/// As those of [`crate::config::resolve`], but for what only the environment can tell.
pub fn check_project(text: &str) -> Result<(), ConfigError> {
    let file = ConfigFile::<ProjectSettings>::parse(PathBuf::from(PROJECT_FILE), text.to_owned())?;
    file.map_or(Ok(()), |file| file.check())
}

/// Whether `text` can stand in an engineer's own file.
///
/// # Errors
/// As those of [`crate::config::resolve`], but for what only the environment can tell.
pub fn check_personal(text: &str) -> Result<(), ConfigError> {
    let file =
        ConfigFile::<PersonalSettings>::parse(PathBuf::from(PERSONAL_FILE), text.to_owned())?;
    file.map_or(Ok(()), |file| file.check())
}

/// Refuses headers that would tell a secret to everyone who can read the file, or that are not for a
/// config to set. A project's file is in git; the engineer's own is not, so a value that looks like
/// nothing may stand there.
fn check_headers<T>(
    file: &ConfigFile<T>,
    written: &BTreeMap<String, Template>,
    is_exposed: impl Fn(&str, &Template) -> bool,
) -> Result<(), ConfigError> {
    let mut names: Vec<String> = Vec::new();
    for (name, value) in written {
        let field = ["headers", name.as_str()];
        if is_exposed(name, value) {
            let problem = "the value of this header stands here for everyone to read";
            return Err(file.error(&field, problem, secret::CURE));
        }
        if HeaderName::try_from(name).is_err() {
            return Err(file.error(&field, headers::PROBLEM, headers::CURE));
        }
        if headers::is_reserved(name) {
            let problem = "the exporter sets this header itself";
            return Err(file.error(&field, problem, "remove it"));
        }
        if names.contains(&name.to_ascii_lowercase()) {
            let problem = "this header stands here twice, in other letters";
            return Err(file.error(&field, problem, "remove one"));
        }
        names.push(name.to_ascii_lowercase());
    }
    Ok(())
}
