//! The two config files as written, and where they are looked for.

use crate::config::error::ConfigError;
use crate::config::tier::Level;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
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
    /// Line and column of each setting, for errors that are only found when settings meet.
    places: BTreeMap<String, (usize, usize)>,
}

impl<T> ConfigFile<T> {
    /// Where the setting called `name` stands; where `otel` does if it is not there.
    pub(super) fn place(&self, name: &str) -> (usize, usize) {
        let place = self.places.get(name).or_else(|| self.places.get("otel"));
        place.copied().unwrap_or((1, 1))
    }
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

/// Reads the project's file: the first one from `cwd` up to the root of its git repository.
/// Outside a repository only `cwd` itself is looked at.
pub(super) fn find_project(cwd: &Path) -> Result<Option<ConfigFile<ProjectSettings>>, ConfigError> {
    let root = cwd.ancestors().find(|directory| directory.join(".git").exists());
    let top = root.unwrap_or(cwd);
    let within = cwd.ancestors().take_while(|directory| directory.starts_with(top));
    first_of(within.map(|directory| directory.join(PROJECT_FILE)))
}

/// Reads the engineer's file in a directory: their home, or the project's own.
pub(super) fn read_personal(
    directory: &Path,
) -> Result<Option<ConfigFile<PersonalSettings>>, ConfigError> {
    first_of(std::iter::once(directory.join(PERSONAL_FILE)))
}

fn first_of<T: for<'de> Deserialize<'de>>(
    paths: impl Iterator<Item = PathBuf>,
) -> Result<Option<ConfigFile<T>>, ConfigError> {
    for path in paths {
        if let Some(text) = read(&path)? {
            return parse(path, &text);
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

/// Reads the `otel` object. Keys beside it belong to the host and are left alone.
fn parse<T: for<'de> Deserialize<'de>>(
    path: PathBuf,
    text: &str,
) -> Result<Option<ConfigFile<T>>, ConfigError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document: &RawValue = serde_json::from_str(text).map_err(|error| {
        let at = (error.line(), error.column());
        ConfigError::at(&path, at, "", "this is not valid JSON", "correct the JSON")
    })?;
    let wrong = |value: &RawValue, field: &str, problem: &str| {
        ConfigError::at(&path, position(text, value), field, problem, "correct this field")
    };
    let Some(document) = object(document) else {
        return Err(wrong(document, "", "expected an object"));
    };
    let Some(otel) = document.get("otel") else { return Ok(None) };
    let Some(fields) = object(otel) else {
        return Err(wrong(otel, "otel", "expected an object"));
    };
    let deserializer = &mut serde_json::Deserializer::from_str(otel.get());
    let settings = serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let name = error.path().iter().next().map(ToString::to_string).unwrap_or_default();
        let field = match error.path().to_string().as_str() {
            "." => "otel".to_owned(),
            path => format!("otel.{path}"),
        };
        let value = fields.get(name.as_str()).copied().unwrap_or(otel);
        wrong(value, &field, &in_json_words(&error.inner().to_string()))
    })?;
    let mut places: BTreeMap<String, _> =
        fields.iter().map(|(name, value)| (name.to_string(), position(text, value))).collect();
    places.entry("otel".to_owned()).or_insert_with(|| position(text, otel));
    Ok(Some(ConfigFile { path, otel: settings, places }))
}

/// The fields of a JSON object as they stand in the text; `None` if it is none.
fn object(value: &RawValue) -> Option<BTreeMap<Cow<'_, str>, &RawValue>> {
    value.get().starts_with('{').then(|| serde_json::from_str(value.get()).ok())?
}

/// Line and column, from 1, of a value that was borrowed from `text`.
fn position(text: &str, value: &RawValue) -> (usize, usize) {
    let offset = (value.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let before = text.get(..offset).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// A message of serde's for somebody who writes JSON and no Rust.
fn in_json_words(message: &str) -> String {
    let told = message.rsplit_once(" at line ").map_or(message, |(told, _)| told);
    told.replace("expected u64", "expected a whole number")
        .replace("expected f64", "expected a number")
        .replace("expected a map", "expected an object")
        .replace("invalid type: sequence", "invalid type: a list")
        .replace("invalid type: map", "invalid type: an object")
}
