//! Which projects the engineer has allowed, and what they have allowed them: `otel-trust.json`.

use crate::config::approval::terms::Terms;
use crate::config::error::ConfigError;
use crate::config::file::read::read;
use crate::files::{self, Durability, Readers};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Newer versions may mean something else.
const VERSION: u32 = 1;
/// How long one writer waits for another: a write takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(10);

/// The file.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    path: PathBuf,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Document {
    version: u32,
    /// By the directory of the project's config.
    projects: BTreeMap<String, Record>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    hash: String,
    /// When, RFC 3339, UTC.
    trusted_at: String,
    /// To tell what has changed.
    terms: Terms,
}

/// What the engineer has said to a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Yes, to these very terms.
    Allowed,
    /// Yes, to other terms.
    Changed(Terms),
    /// Nothing.
    Unknown,
}

impl Store {
    /// The file in the directory that ccxray keeps its own things in.
    pub(crate) fn within(directory: &Path) -> Self {
        Self { path: directory.join("otel-trust.json") }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What the engineer has said to the project in `directory`.
    ///
    /// # Errors
    /// If the file is there and cannot be believed.
    pub(crate) fn verdict(&self, directory: &Path, terms: &Terms) -> Result<Verdict, ConfigError> {
        let mut document = self.read()?;
        Ok(match document.projects.remove(&key(directory)) {
            Some(record) if record.hash == terms.hash() => Verdict::Allowed,
            Some(record) => Verdict::Changed(record.terms),
            None => Verdict::Unknown,
        })
    }

    /// Takes note that the engineer allows the project in `directory`.
    pub(crate) fn allow(
        &self,
        directory: &Path,
        terms: Terms,
        now: SystemTime,
    ) -> Result<(), ConfigError> {
        let trusted_at = humantime::format_rfc3339_seconds(now).to_string();
        let record = Record { hash: terms.hash(), trusted_at, terms };
        self.update(|projects| {
            projects.insert(key(directory), record);
            true
        })
        .map(|_| ())
    }

    /// Takes it back. Whether there was anything to take back.
    pub(crate) fn forget(&self, directory: &Path) -> Result<bool, ConfigError> {
        if !self.path.exists() {
            return Ok(false);
        }
        self.update(|projects| projects.remove(&key(directory)).is_some())
    }

    fn read(&self) -> Result<Document, ConfigError> {
        let Some(text) = read(&self.path)? else { return Ok(Document::default()) };
        if files::is_open_to_others(&self.path) {
            return Err(self.error(
                "others can write to it",
                "run chmod go-w on it and its directory, and look at it",
            ));
        }
        let document: Document = serde_json::from_str(&text).map_err(|error| {
            let place = (error.line(), error.column());
            let cure = "remove it, and allow your projects again";
            ConfigError::at(&self.path, place, "", "this is no record of trusted projects", cure)
        })?;
        if document.version > VERSION {
            return Err(self.error("a newer version has written it", "update @ccxray/otel-native"));
        }
        Ok(document)
    }

    /// Reads, changes and replaces the file while no other writer does. `false` changes nothing.
    fn update(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, Record>) -> bool,
    ) -> Result<bool, ConfigError> {
        let failed = |error: io::Error| {
            let problem = format!("it cannot be written ({})", error.kind());
            self.error(&problem, "make its directory writable, or set CCXRAY_HOME")
        };
        if let Some(directory) = self.path.parent() {
            files::directory(directory).map_err(failed)?;
        }
        let turnstile = files::turnstile(&self.path.with_extension("lock")).map_err(failed)?;
        for _ in 0..PATIENCE.as_millis() / LOOK.as_millis() {
            match turnstile.try_lock() {
                Ok(()) => {
                    let mut document = self.read()?;
                    document.version = VERSION;
                    let changed = change(&mut document.projects);
                    if changed {
                        let json = serde_json::to_string_pretty(&document).unwrap_or_default();
                        files::replace(
                            &self.path,
                            &(json + "\n"),
                            Readers::Engineer,
                            Durability::Power,
                        )
                        .map_err(failed)?;
                    }
                    return Ok(changed);
                }
                Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(LOOK),
                Err(std::fs::TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        Err(failed(ErrorKind::TimedOut.into()))
    }

    fn error(&self, problem: &str, cure: &str) -> ConfigError {
        ConfigError::of_file(&self.path, "", problem, cure)
    }
}

fn key(directory: &Path) -> String {
    directory.to_string_lossy().into_owned()
}
