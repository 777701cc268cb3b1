//! Checks of settings that their types cannot make.

use crate::config::error::ConfigError;
use crate::config::file::config_file::ConfigFile;
use crate::config::file::search_path::{PERSONAL_FILE, PROJECT_FILE};
use crate::config::file::settings::{PersonalSettings, ProjectSettings, TlsFiles};
use crate::config::file::suggest::suggestion;
use crate::config::value::headers;
use crate::config::value::secret;
use crate::config::value::template::Template;
use crate::config::value::tls::is_in_home;
use http::HeaderName;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Attributes whose cardinality limits a project may change.
const OVERRIDABLE: [&str; 5] = ["model", "server", "skill", "tool", "type"];

impl ConfigFile<ProjectSettings> {
    /// Refuses what no project's file may contain, even if telemetry is off.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        for key in self.otel.cardinality_overrides.keys() {
            if !OVERRIDABLE.contains(&key.as_str()) {
                let field = ["cardinality_overrides", key.as_str()];
                let problem = "No attribute of this name has a cardinality limit.";
                return Err(self.error(&field, problem, &suggestion(key, &OVERRIDABLE)));
            }
        }
        check_paths(self, &self.otel.tls)?;
        check_headers(self, &self.otel.headers, secret::may_be_exposed)
    }
}

impl ConfigFile<PersonalSettings> {
    /// Refuses what no personal file may contain, even if telemetry is off.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        check_headers(self, &self.otel.headers, |_, value| secret::is_credential(value))
    }
}

/// Whether `text` can be used as a project's file.
///
/// # Errors
/// The same as those of [`crate::config::resolve`], except for those that depend on the environment.
pub fn check_project(text: &str) -> Result<(), ConfigError> {
    let file = ConfigFile::<ProjectSettings>::parse(PathBuf::from(PROJECT_FILE), text.to_owned())?;
    file.map_or(Ok(()), |file| file.check())
}

/// Whether `text` can be used as a personal file.
///
/// # Errors
/// The same as those of [`crate::config::resolve`], except for those that depend on the environment.
pub fn check_personal(text: &str) -> Result<(), ConfigError> {
    let file =
        ConfigFile::<PersonalSettings>::parse(PathBuf::from(PERSONAL_FILE), text.to_owned())?;
    file.map_or(Ok(()), |file| file.check())
}

/// Refuses `~` in a project's file. The user approves which variables the file reads, and `~` would read the
/// home directory without being one of them.
fn check_paths<T>(file: &ConfigFile<T>, tls: &TlsFiles) -> Result<(), ConfigError> {
    let TlsFiles { ca_file, certificate_file, key_file } = tls;
    for (name, path) in
        [("ca_file", ca_file), ("certificate_file", certificate_file), ("key_file", key_file)]
    {
        if path.as_ref().is_some_and(|path| is_in_home(path.written().trim_start())) {
            let problem = "\"~\" is your home directory, and a project's file may read it only as a \
                           variable, which you approve.";
            return Err(file.error(&["tls", name], problem, "Write \"${HOME}/…\" instead."));
        }
    }
    Ok(())
}

/// Refuses headers that contain a readable secret, and headers that a config must not set. A project's
/// file is in git. A personal file is not, so a value that has no form of a secret is accepted there.
fn check_headers<T>(
    file: &ConfigFile<T>,
    written: &BTreeMap<String, Template>,
    is_exposed: impl Fn(&str, &Template) -> bool,
) -> Result<(), ConfigError> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for (name, value) in written {
        let field = ["headers", name.as_str()];
        if is_exposed(name, value) {
            let problem = "The value of this header is readable by anyone with this file.";
            return Err(file.error(&field, problem, secret::CURE));
        }
        if HeaderName::try_from(name).is_err() {
            return Err(file.error(&field, headers::PROBLEM, headers::CURE));
        }
        if headers::is_reserved(name) {
            let problem = "ccxray sets this header itself.";
            return Err(file.error(&field, problem, "Remove it."));
        }
        if !names.insert(name.to_ascii_lowercase()) {
            let problem = "This header occurs twice: upper and lower case are the same.";
            return Err(file.error(&field, problem, "Remove one."));
        }
    }
    Ok(())
}
