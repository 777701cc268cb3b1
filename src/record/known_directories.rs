//! What is remembered of directories, within limits.

use crate::config::{Outcome, Resolution};
use crate::project::Project;
use crate::record::project_key::ProjectKey;
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// Directories that are remembered.
const MAX_DIRECTORIES: NonZeroUsize = NonZeroUsize::new(1024).unwrap();
/// The text that is remembered of them, in bytes.
const MAX_TEXT_BYTES: usize = 8 << 20;

/// What is known of the project in a directory.
#[derive(Clone, Debug)]
pub(super) struct KnownProject {
    pub(super) resolution: Arc<Resolution>,
    /// `None` if it does not export.
    pub(super) project: Option<Arc<Project>>,
}

/// The directories that were used last, each with its launch, up to 1024 and 8 MiB.
#[derive(Debug)]
pub(super) struct KnownDirectories {
    directories: LruCache<ProjectKey, KnownProject>,
    text_bytes: usize,
}

impl KnownDirectories {
    pub(super) fn new() -> Self {
        Self { directories: LruCache::new(MAX_DIRECTORIES), text_bytes: 0 }
    }

    pub(super) fn peek(&self, directory: &ProjectKey) -> Option<&KnownProject> {
        self.directories.peek(directory)
    }

    pub(super) fn get(&mut self, directory: &ProjectKey) -> Option<&KnownProject> {
        self.directories.get(directory)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &KnownProject> {
        self.directories.iter().map(|(_, known)| known)
    }

    pub(super) fn put(&mut self, directory: &ProjectKey, known: KnownProject) {
        self.remove(directory);
        self.text_bytes += weight(directory, &known);
        if let Some((directory, known)) = self.directories.push(directory.clone(), known) {
            self.text_bytes -= weight(&directory, &known);
        }
        while self.text_bytes > MAX_TEXT_BYTES
            && let Some((directory, known)) = self.directories.pop_lru()
        {
            self.text_bytes -= weight(&directory, &known);
        }
    }

    pub(super) fn remove(&mut self, directory: &ProjectKey) {
        if let Some(known) = self.directories.pop(directory) {
            self.text_bytes -= weight(directory, &known);
        }
    }

    /// Forgets the directories of these projects.
    pub(super) fn forget(&mut self, closed: &[Arc<Project>]) {
        let is_closed = |it: &Arc<Project>| closed.iter().any(|closed| Arc::ptr_eq(closed, it));
        let of_closed = |known: &KnownProject| known.project.as_ref().is_some_and(is_closed);
        let all = self.directories.iter().filter(|(_, known)| of_closed(known));
        let directories: Vec<_> = all.map(|(directory, _)| directory.clone()).collect();
        for directory in &directories {
            self.remove(directory);
        }
    }
}

/// The text of a directory that is remembered. A resolution that several directories share counts
/// for each of them.
fn weight(directory: &ProjectKey, known: &KnownProject) -> usize {
    let Resolution { outcome, pending, settings, warnings, .. } = &*known.resolution;
    let reason = match outcome {
        Outcome::On(_) => 0,
        Outcome::Off { reason } | Outcome::Degraded { reason, .. } => reason.len(),
    };
    let pending = pending.as_ref().map_or(0, |pending| {
        pending.terms.text().len() + pending.changes.iter().map(String::len).sum::<usize>()
    });
    let settings = settings.iter().map(|setting| setting.value.len() + 256);
    let warnings = warnings.iter().map(String::len);
    directory.directory.len() + reason + pending + settings.chain(warnings).sum::<usize>()
}
