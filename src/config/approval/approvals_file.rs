//! `otel-trust.json`: the projects that the user has approved, each with the terms of the approval.

use crate::config::approval::terms::ConsentTerms;
use crate::config::error::ConfigError;
use crate::config::file::read::{MAX_BYTES, read};
use crate::config::file::standing::doubt;
use crate::util::private_file::{self, Durability, Readers};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The newest version that this package can read.
const VERSION: u32 = 1;
/// How long one process waits for another to finish writing. A write takes milliseconds.
const LOCK_TIME_LIMIT: Duration = Duration::from_secs(5);
const LOCK_POLL_INTERVAL: Duration = Duration::from_millis(10);

/// The file.
#[derive(Clone, Debug)]
pub(crate) struct ApprovalsFile {
    path: PathBuf,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Document {
    version: u32,
    /// By the directory of the project's config.
    projects: BTreeMap<String, ApprovalRecord>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ApprovalRecord {
    hash: String,
    /// When the user approved it: RFC 3339, UTC.
    trusted_at: String,
    /// To list what has changed.
    terms: ConsentTerms,
}

/// What is recorded for a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Recorded {
    /// An approval that covers these terms, at this time: RFC 3339, UTC.
    Approved { at: String, terms: ConsentTerms },
    /// An approval of other terms.
    Changed(ConsentTerms),
    /// Nothing.
    Nothing,
}

impl ApprovalsFile {
    /// The file in the directory where ccxray keeps its own files.
    pub(crate) fn within(directory: &Path) -> Self {
        Self { path: directory.join("otel-trust.json") }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What is recorded for the project in `directory`.
    ///
    /// # Errors
    /// If the file exists and cannot be trusted.
    pub(crate) fn recorded(
        &self,
        directory: &Path,
        terms: &ConsentTerms,
    ) -> Result<Recorded, ConfigError> {
        let mut document = self.read()?;
        Ok(match document.projects.remove(&key(directory)) {
            Some(record) if terms.covering_hashes().any(|hash| hash == record.hash) => {
                Recorded::Approved { at: record.trusted_at, terms: record.terms }
            }
            Some(record) => Recorded::Changed(record.terms),
            None => Recorded::Nothing,
        })
    }

    /// Records an approval of the project in `directory`.
    pub(crate) fn approve(
        &self,
        directory: &Path,
        terms: ConsentTerms,
        now: SystemTime,
    ) -> Result<(), ConfigError> {
        let trusted_at = humantime::format_rfc3339_seconds(now).to_string();
        let record = ApprovalRecord { hash: terms.hash(), trusted_at, terms };
        self.update(|projects| {
            projects.insert(key(directory), record);
            true
        })
        .map(|_| ())
    }

    /// Revokes the approval of the project in `directory`. Whether there was one.
    pub(crate) fn revoke(&self, directory: &Path) -> Result<bool, ConfigError> {
        if !self.path.exists() {
            return Ok(false);
        }
        self.update(|projects| projects.remove(&key(directory)).is_some())
    }

    fn read(&self) -> Result<Document, ConfigError> {
        let Some(text) = read(&self.path)? else { return Ok(Document::default()) };
        if let Some(doubt) = doubt(&self.path) {
            return Err(doubt.error(&self.path));
        }
        let document: Document = serde_json::from_str(&text).map_err(|error| {
            let position = (error.line(), error.column());
            let cure = "Delete it, then run trust again in each project.";
            ConfigError::at(&self.path, position, "", "This file is damaged.", cure)
        })?;
        if document.version > VERSION {
            let problem = "A newer version of @ccxray/otel-native has written this file.";
            return Err(self.error(problem, "Update @ccxray/otel-native."));
        }
        Ok(document)
    }

    /// Changes the file while no other process does. If `change` returns `false`, nothing is written.
    fn update(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, ApprovalRecord>) -> bool,
    ) -> Result<bool, ConfigError> {
        let failed = |error: io::Error| {
            let problem = format!("This file cannot be written ({}).", error.kind());
            self.error(&problem, "Make its directory writable, or set CCXRAY_HOME.")
        };
        if let Some(directory) = self.path.parent() {
            private_file::directory(directory).map_err(failed)?;
        }
        let lock = private_file::lock_file(&self.path.with_extension("lock")).map_err(failed)?;
        for _ in 0..LOCK_TIME_LIMIT.as_millis() / LOCK_POLL_INTERVAL.as_millis() {
            match lock.try_lock() {
                Ok(()) => {
                    let mut document = self.read()?;
                    document.version = VERSION;
                    let changed = change(&mut document.projects);
                    if changed {
                        let text = bounded_text(&mut document);
                        private_file::replace(&self.path, &text, Readers::Owner, Durability::Power)
                            .map_err(failed)?;
                    }
                    return Ok(changed);
                }
                Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(LOCK_POLL_INTERVAL),
                Err(std::fs::TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        Err(failed(ErrorKind::TimedOut.into()))
    }

    fn error(&self, problem: &str, cure: &str) -> ConfigError {
        ConfigError::of_file(&self.path, "", problem, cure)
    }
}

/// The text of a document, within the size that is read again. If there are too many projects, the oldest
/// records lose the terms first, and then go: those projects need a new approval.
fn bounded_text(document: &mut Document) -> String {
    loop {
        // Strings and numbers can always be written as JSON.
        let text = serde_json::to_string_pretty(&document).unwrap_or_default() + "\n";
        if text.len() as u64 <= MAX_BYTES {
            return text;
        }
        let projects = &mut document.projects;
        let oldest = projects.values_mut().filter(|record| record.terms != ConsentTerms::default());
        let mut oldest: Vec<_> = oldest.collect();
        oldest.sort_by(|a, b| a.trusted_at.cmp(&b.trusted_at));
        // Half of them at once, so that this ends soon.
        let some = oldest.len().div_ceil(2);
        for record in &mut oldest[..some] {
            record.terms = ConsentTerms::default();
        }
        if some == 0 {
            let mut times: Vec<_> = projects.values().map(|record| &record.trusted_at).collect();
            times.sort();
            let middle = times.get(times.len() / 2).map(|time| (*time).clone());
            let before = projects.len();
            projects.retain(|_, record| Some(&record.trusted_at) > middle.as_ref());
            if projects.len() == before {
                return text;
            }
        }
    }
}

fn key(directory: &Path) -> String {
    directory.to_string_lossy().into_owned()
}
