//! The two config files as written, and where they are looked for.

use crate::config::error::ConfigError;
use crate::config::tier::Level;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The project's file, meant to be in git.
const PROJECT_FILE: &str = ".ccxray.json";
/// The engineer's own file, never in git.
const PERSONAL_FILE: &str = ".ccxray.user.json";
/// A config is a few hundred bytes; what is larger is something else.
const MAX_BYTES: u64 = 1 << 20;

/// A config file that was found and read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ConfigFile<T> {
    pub(super) path: PathBuf,
    pub(super) otel: T,
}

/// What a project decides for everyone who works on it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ProjectSettings {
    /// `false` is the same as tier 0.
    pub(super) enabled: Option<bool>,
    /// The most that may leave.
    pub(super) tier: Option<Level>,
    pub(super) endpoint: Option<String>,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) interval_seconds: Option<IntervalSeconds>,
    pub(super) project: Option<String>,
    pub(super) team: Option<String>,
}

/// What an engineer decides for themselves.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PersonalSettings {
    /// The most that this engineer lets out.
    pub(super) tier: Option<Level>,
    /// A name that the engineer chose, for tier 2.
    pub(super) identity: Option<String>,
    /// Used where no project names an endpoint.
    pub(super) endpoint: Option<String>,
    /// Sent to `endpoint`, and to no other.
    pub(super) headers: BTreeMap<String, String>,
    /// When the engineer first agreed to tier 2 (RFC 3339, UTC). Kept, not read.
    pub(super) opt_in_acknowledged_at: Option<String>,
}

/// Seconds between exports: 1 to 3600.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(try_from = "f64")]
pub(super) struct IntervalSeconds(pub(super) f64);

impl TryFrom<f64> for IntervalSeconds {
    type Error = String;

    fn try_from(seconds: f64) -> Result<Self, String> {
        if (1.0..=3600.0).contains(&seconds) {
            Ok(Self(seconds))
        } else {
            Err(format!("{seconds} is out of range (expected 1 to 3600 seconds)"))
        }
    }
}

/// The whole file; keys beside `otel` belong to the host and are left alone.
#[derive(Deserialize)]
struct Document<T> {
    otel: Option<T>,
}

/// Reads the project's file: the first one from `cwd` up to the root of its git repository.
/// Outside a repository only `cwd` itself is looked at.
pub(super) fn find_project(cwd: &Path) -> Result<Option<ConfigFile<ProjectSettings>>, ConfigError> {
    let root = cwd.ancestors().find(|directory| directory.join(".git").exists());
    let top = root.unwrap_or(cwd);
    let within = cwd.ancestors().take_while(|directory| directory.starts_with(top));
    first_of(within.map(|directory| directory.join(PROJECT_FILE)))
}

/// Reads the engineer's file: beside the project's, else in their home.
pub(super) fn find_personal(
    project_directory: &Path,
    home: Option<&Path>,
) -> Result<Option<ConfigFile<PersonalSettings>>, ConfigError> {
    let directories = [Some(project_directory), home].into_iter().flatten();
    first_of(directories.map(|directory| directory.join(PERSONAL_FILE)))
}

fn first_of<T: for<'de> Deserialize<'de>>(
    paths: impl Iterator<Item = PathBuf>,
) -> Result<Option<ConfigFile<T>>, ConfigError> {
    for path in paths {
        if let Some(text) = read(&path)? {
            return parse(&path, &text).map(|otel| otel.map(|otel| ConfigFile { path, otel }));
        }
    }
    Ok(None)
}

/// The file's text; `None` if there is no such file.
fn read(path: &Path) -> Result<Option<String>, ConfigError> {
    let unreadable = |problem: &str| {
        Err(ConfigError::of_file(path, "", problem, "make it a readable JSON file, or remove it"))
    };
    match std::fs::metadata(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Ok(metadata) if metadata.is_file() && metadata.len() > MAX_BYTES => {
            return unreadable("the file is larger than 1 MiB");
        }
        Ok(metadata) if !metadata.is_file() => return unreadable("it is not a file"),
        Ok(_) | Err(_) => {}
    }
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) => unreadable(&format!("it cannot be read ({error})")),
    }
}

fn parse<T: for<'de> Deserialize<'de>>(path: &Path, text: &str) -> Result<Option<T>, ConfigError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let deserializer = &mut serde_json::Deserializer::from_str(text);
    let document: Document<T> =
        serde_path_to_error::deserialize(deserializer).map_err(|error| {
            let field = error.path().to_string();
            let field = if field == "." { "" } else { &field };
            let inner = error.inner();
            let cure = if inner.is_data() { "correct this field" } else { "correct the JSON" };
            ConfigError::in_file(path, field, inner, cure)
        })?;
    Ok(document.otel)
}
